"""What differs between modem families, as data.

Source of `LUAT`: Luat AT manual for Air780E/EP (EC618/EC718) and captures of those modems.
"""

from dataclasses import dataclass

from . import reasons
from .reasons import Reason
from .tcpip import SIMCOM_ONLY, TcpIp


@dataclass(frozen=True)
class Profile(TcpIp):
    """One family. Times are microseconds, sizes bytes."""

    name: str
    model: str
    firmware: str
    imei: str
    imsi: str
    iccid: str
    operator: str
    address: str
    dns: tuple[str, str]

    # After reset: noise, the first line, and the burst when the SIM is registered.
    boot_noise: bytes
    boot_us: int
    boot_lines: tuple[str, ...]
    register_us: int
    registered_lines: tuple[str, ...]
    detached_lines: tuple[str, ...]
    sim_removed_lines: tuple[str, ...]
    sim_inserted_lines: tuple[str, ...]
    # Unsolicited lines that may come at any time and mean nothing to a TCP/IP host.
    chatter: tuple[str, ...]

    access_technology: int | None
    cmee: int
    max_line: int

    power_on_us: int
    power_off_us: int
    reset_us: int
    radio_on_us: int
    activate_us: int
    shut_us: int
    connect_timeout_us: int
    acknowledge_us: int

    quick_send_values: tuple[int, ...]
    receive_values: tuple[int, ...]
    host_max: int
    credential_max: tuple[int, int, int]
    segment_max: int
    receive_window: int
    send_window: int
    append_crlf: bool

    link_separator: str
    rxget_prefix: str
    already_connect: str

    escape_before_us: int
    escape_pluses_us: int
    escape_after_us: int
    no_carrier: str
    dns_failure: int

    # Command line. `max_line` counts from AT on.
    attention: tuple[str, ...]
    skips_to_attention: bool  # what stands before the first AT is not looked at
    chains: bool  # several commands on a line
    wants_quotes: bool
    line_feed_ends: bool  # a line feed alone ends a line, as CR does
    rate_finders: tuple[bytes, ...]  # what tells the rate to a modem that finds it

    # Error codes.
    errors: reasons.Errors
    cmee_prefix: str
    activation_refusal: Reason
    address_refusal: Reason

    # Identity and settings.
    revision: str
    iccid_prefix: str
    baud_rates: tuple[int, ...]
    baud_listing: str
    flow_at_once: bool  # AT+IFC does not wait for AT&W and a restart
    sleep_modes: tuple[int, ...]
    saved: tuple[str, ...]  # what AT&W saves besides echo, rate and flow control
    clock_start: tuple[str, int]  # RTC at power-on, zone in quarter hours
    listing_gap: str  # behind the colons of AT+CIPSCONT?

    # Power. Later lines come so long after `boot_lines`, the last ones after the SIM is known.
    sync: bytes  # at 115200 bit/s, from a modem that finds the rate
    later_boot_lines: tuple[tuple[int, str], ...]
    announces_sim: bool
    sim_ready_us: int
    ready_lines: tuple[tuple[int, str], ...]
    sim_off_lines: tuple[str, ...]  # AT+CFUN=0
    detaches_before_ok: bool
    radio_off_us: int
    power_key_lines: tuple[str, ...]
    supply_dip_lines: tuple[str, ...]
    supply_gone_lines: tuple[str, ...]
    time_lines: tuple[str, ...]  # AT+CLTS=1

    # Registration.
    operator_short: str
    operator_code: str
    operators_us: int
    location: str
    attach_wait_us: int  # AT+CGATT=1 waits so long for the network; 0: it does not
    network_apn: str  # of the context the network opens by itself, empty where it opens none
    context_tail: str

    # IP context.
    access_point: tuple[str, str, str]
    bare_cstt: bool
    shut_answer: str
    padded_addresses: bool
    bearer_address: str
    bearer_by_itself: bool  # AT+SAPBR finds it open
    dns_prefix: str
    dns_network_failure: int
    dns_invalid_name: int
    dns_has_context: bool  # AT+CDNSCFG takes a context number

    def padded(self, address: str) -> str:
        """An IPv4 address as the family prints its own."""
        if not self.padded_addresses:
            return address
        return ".".join(f"{int(octet):03}" for octet in address.split("."))


LUAT = Profile(
    name="luat",
    model="Air780EP",
    firmware="AirM2M_780EP_V1007_LTE_AT",
    imei="861290079934290",
    imsi="460083928707986",
    iccid="898604B9102271779909",
    operator="CHINA MOBILE",
    address="10.78.245.128",
    dns=("211.136.112.50", "211.136.150.66"),
    boot_noise=b"\xfe",
    boot_us=1_000_000,
    boot_lines=("RDY",),
    register_us=5_000_000,
    registered_lines=(
        "^MODE: 17,17",
        "+E_UTRAN Service",
        "+CGEV: ME PDN ACT 1",
        "+NITZ: 24/08/22,07:27:15+32, ",
    ),
    detached_lines=("+CGEV: ME DETACH",),
    sim_removed_lines=(
        "^MODE: 0,0",
        "+NO Service",
        "+CGEV: NW PDN DEACT 1",
        "+CGEV: ME DETACH",
        "+CPIN: SIM REMOVED 0",
    ),
    sim_inserted_lines=("+CPIN: READY 0",),
    chatter=(
        "+NITZ: 24/08/22,07:00:02+32, ",
        "+NITZ: 2024/08/27,06:36:38+0, ",
        "+CGEV: ME PDN ACT 1,0",
        "+E_UTRAN Service",
        "^MODE: 17,17",
        "+CREG: 1",
    ),
    access_technology=7,
    cmee=1,
    max_line=2048,
    # Flow chart of the Luat AT manual: power key low for 1-2 s. Its 150 ms of reset are 100 ms
    # and a reserve; how long the key must be held to switch off is not stated there.
    power_on_us=1_000_000,
    power_off_us=3_000_000,
    reset_us=100_000,
    radio_on_us=140_000,
    activate_us=200_000,
    shut_us=100_000,
    connect_timeout_us=75_000_000,
    acknowledge_us=50_000_000,
    quick_send_values=(0, 1, 2),
    receive_values=(0, 1, 5),
    host_max=128,
    credential_max=(128, 32, 32),
    segment_max=1460,
    receive_window=16 * 1024,
    send_window=16 * 1024,
    append_crlf=False,
    link_separator=", ",
    rxget_prefix="+CIPRXGET: ",
    already_connect="OK",
    escape_before_us=1_000_000,
    escape_pluses_us=500_000,
    escape_after_us=500_000,
    no_carrier="NO CARRIER",
    dns_failure=10,
    attention=("AT", "at"),
    skips_to_attention=False,
    chains=False,
    wants_quotes=False,
    line_feed_ends=False,
    rate_finders=(b"AT",),
    absent_commands=SIMCOM_ONLY | {"+CCID", "+CLTS", "+CIURC"},
    errors=reasons.LUAT,
    cmee_prefix="+CMEE :",  # the space before the colon is Luat's
    activation_refusal=Reason.NO_CONTEXT,
    address_refusal=Reason.NOT_ALLOWED,
    revision="AirM2M_780EP_V1007_LTE_AT",
    iccid_prefix="+ICCID: ",
    # Luat AT manual, IPR; 0 means autobaud. The three fast ones are not in every firmware.
    baud_rates=(0, 600, 1200, 2400, 4800, 9600, 14400, 19200, 28800, 33600, 38400, 57600)
    + (115200, 230400, 460800, 921600),
    baud_listing="+IPR:{}",
    flow_at_once=False,
    sleep_modes=(0, 1, 2, 3),
    saved=(),
    clock_start=("24/01/01,00:00:00", 32),
    listing_gap="",
    sync=b"",
    later_boot_lines=(),
    announces_sim=False,
    sim_ready_us=0,
    ready_lines=(),
    sim_off_lines=(),
    detaches_before_ok=False,
    radio_off_us=0,
    power_key_lines=(),
    supply_dip_lines=(),
    supply_gone_lines=(),
    time_lines=(),
    operator_short="CMCC",
    operator_code="46000",
    operators_us=10_000_000,
    location='"1806","0B2AA30C"',
    attach_wait_us=0,
    network_apn="cmiot",
    context_tail="",
    access_point=("", "", ""),
    bare_cstt=True,
    shut_answer="SHUT OK",
    padded_addresses=False,
    bearer_address='"{}"',
    bearer_by_itself=True,
    dns_prefix="+CDNSGIP: ",
    dns_network_failure=11,
    dns_invalid_name=14,
    dns_has_context=True,
)
