"""What differs between families in the TCP/IP commands, as data.

Source of the defaults: Luat AT manual for Air780E/EP (EC618/EC718) and captures of those modems;
of `SIM800_TCPIP`: SIM800 AT manual V1.10, TCPIP Application Note V1.02 and captures. Where two
sources print a thing differently there is a field for it.
"""

from dataclasses import dataclass
from typing import Any

SIMCOM_ONLY = frozenset(
    {"+CIPSERVER", "+CIPSGTXT", "+CIPUDPMODE", "+CIPDPDP", "+CIPRDTIMER", "+CIPQRCLOSE"}
)


@dataclass(frozen=True, kw_only=True)
class TcpIp:
    """The TCP/IP part of a `Profile`. Times are microseconds unless the name says otherwise."""

    absent_commands: frozenset[str] = SIMCOM_ONLY
    links: int = 6

    # CIPSTART: the states it is legal in, under the names CIPSTATUS prints.
    single_start_states: tuple[str, ...] = ("IP INITIAL", "IP STATUS", "TCP CLOSED", "UDP CLOSED")
    multi_start_states: tuple[str, ...] = ("IP STATUS", "IP PROCESSING")
    implied_connect_timeout_us: int = 75_000_000  # from IP INITIAL
    bare_connect_ok: bool = False  # Air780E before V1121: no CR LF behind CONNECT OK
    unknown_name_line: str = ""  # what precedes the failure if the name is unknown

    # CIPSTATUS
    state_prefix: str = "STATE: "
    link_line_prefix: str = "C: "
    status_prefix: str = "+CIPSTATUS: "
    status_gap_us: int = 0  # from the OK to the STATE line
    udp_closed_state: str = "UDP CLOSED"
    stays_processing: bool = False  # multi-link mode, when the last link has been closed

    # CIPSEND and its result
    send_test_links: str = "(0-5)"
    acknowledged_send_values: tuple[int, ...] = (2,)  # of CIPQSEND: SEND OK waits for the peer
    close_after_send_fail: bool = False
    accept_prefix: str = "DATA ACCEPT:"
    ack_separator: str = ","
    cancel_answer: str = "OK"  # of ESC; no manual tells it
    auto_send_runs_from_setting: bool = False  # CIPATS: from its own OK instead of the CIPSEND
    line_feed_trap: bool = True  # an LF after the CR of CIPSEND is eaten behind the prompt too

    # CIPCLOSE
    slow_close_us: int = 10_000_000  # how long a slow close waits for the peer at most

    # Pushed data
    ipd_prefix: str = "+IPD,"
    receive_from: str = "RECV FROM:"
    address_in_multi: bool = False  # AT+CIPSRIP=1 has a meaning in multi-link mode
    address_end: str = ":"  # what ends a header that carries an address
    crlf_counted: bool = False  # the length in a header counts the CR LF of AT+CIPRXF=0

    # CIPRXGET
    rxget_test: str = ""  # information text of AT+CIPRXGET=?
    rxget_needs_initial: bool = False  # the mode can be set in IP INITIAL only
    rxget_single_glued: bool = False  # single-link mode: no CR LF between header and data
    rxget_of_gone_link: str = "refused"  # "refused", "error" (whatever CMEE says) or "empty"

    deact: str = "+PDP: DEACT"  # the network has released the context
    local_port_min: int = 1  # of CLPORT; 0 lets the modem choose
    keep_alive_prefix: str = "+CIPTKA:"

    # Transparent mode
    transparent_udp: bool = True
    transparent_connect: str = "CONNECT"  # anything else does not lead to data mode
    deact_in_data: str = "+PDP DEACT"
    stack_errors: bool = True  # TCP ERROR:<n>, UDP ERROR:<n>
    has_escape: bool = True  # EC716S modules have neither +++ nor ATO
    escape_between_pluses: bool = False  # the limit is from plus to plus, not for all three
    # CIPCCFG: ranges and defaults of its fields, and how many of them must be given.
    transfer_ranges: tuple[tuple[int, int], ...] = (
        (3, 8),
        (2, 10),
        (1, 1460),
        (0, 1),
        (0, 1),
        (50, 1460),
        (20, 1000),
        (0, 1),
    )
    transfer_defaults: tuple[int, ...] = (5, 2, 1024, 1, 0, 1460, 50, 0)
    transfer_least: int = 4
    transfer_wait_unit_us: int = 100_000
    transfer_needs_transparent: bool = True  # CIPCCFG only with CIPMUX=0 and CIPMODE=1
    transfer_escape_field: bool = False  # its fourth field can switch +++ off

    @property
    def has_server(self) -> bool:
        return "+CIPSERVER" not in self.absent_commands


SIM800_TCPIP: dict[str, Any] = {
    "single_start_states": ("IP INITIAL", "IP STATUS"),
    "implied_connect_timeout_us": 160_000_000,
    "unknown_name_line": "DNS Fail",
    "stays_processing": True,
    "acknowledged_send_values": (0,),
    "close_after_send_fail": True,
    "line_feed_trap": False,
    "address_in_multi": True,
    "rxget_test": "+CIPRXGET: (0-4),(0-5),(1-1460)",
    "rxget_needs_initial": True,
    "local_port_min": 0,
    "keep_alive_prefix": "+CIPTKA: ",
    "stack_errors": False,
    "escape_between_pluses": True,
    "transfer_ranges": (
        (3, 8),
        (1, 10),
        (1, 1460),
        (0, 1),
        (0, 1),
        (50, 1460),
        (20, 1000),
    ),
    "transfer_defaults": (5, 2, 1024, 1, 0, 1460, 50),
    "transfer_needs_transparent": False,
    "transfer_escape_field": True,
}
