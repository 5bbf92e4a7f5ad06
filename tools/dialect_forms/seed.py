"""The manual's page of AT+CIPSTART, row by row, and the test that each row has."""

from __future__ import annotations

from dataclasses import dataclass

from .form import FAMILIES

PLACE = "shared/test_seed_cipstart.py"


@dataclass(frozen=True)
class Row:
    """`tests` are functions of `PLACE`, which both interpreters run; with a modem of each of
    `families`, or without any modem where there is none."""

    part: str
    text: str
    tests: tuple[str, ...]
    families: tuple[str, ...] = FAMILIES


SINGLE = "set, single link"
MULTI = "set, six links"
TEST = "test"
NOTE = "note"
PARAMETER = "parameter"


def _row(part: str, text: str, *tests: str) -> Row:
    return Row(part, text, tests)


def _state(name: str, test: str) -> Row:
    """What a modem says of itself means the same in every family."""
    return Row(PARAMETER, f"`<sl_state>`: `{name}`", (test,), ())


ROWS = (
    _row(SINGLE, "in a state that allows it: `OK`", "test_single_ok_where_the_state_allows_it"),
    _row(SINGLE, "else: `+CME ERROR: <err>`", "test_single_cme_error"),
    _row(SINGLE, "then `ALREADY CONNECT`", "test_single_ok_then_already_connect"),
    _row(SINGLE, "then `CONNECT OK`", "test_single_ok_then_connect_ok"),
    _row(SINGLE, "then `CONNECT` (transparent)", "test_single_ok_then_connect"),
    _row(
        SINGLE,
        "then `STATE: <sl_state>`, `CONNECT FAIL`",
        "test_single_ok_then_state_and_connect_fail",
    ),
    _row(MULTI, "in a state that allows it: `OK`", "test_multi_ok_where_the_state_allows_it"),
    _row(MULTI, "else: `+CME ERROR: <err>`", "test_multi_cme_error"),
    _row(MULTI, "then `<n>,ALREADY CONNECT`", "test_multi_ok_then_already_connect"),
    _row(
        MULTI,
        "then `<n>,CONNECT OK`",
        "test_multi_ok_then_connect_ok",
        "test_multi_connect_ok_without_the_space",
    ),
    _row(MULTI, "then `<n>,CONNECT FAIL`", "test_multi_ok_then_connect_fail"),
    _row(TEST, "single link: two lines, `OK`", "test_test_form_single"),
    _row(TEST, "six links: two lines that begin with the links, `OK`", "test_test_form_multi"),
    _row(NOTE, "1: makes TCP and UDP connections", "test_note_1_tcp_and_udp"),
    _row(NOTE, "2: `AT+CIPSTATUS` tells the state", "test_note_2_cipstatus_tells_the_state"),
    _row(NOTE, "3: the states that allow it", "test_note_3_states_that_allow_it"),
    _row(
        NOTE,
        "4: in any other state `AT+CIPSHUT` comes first",
        "test_note_4_cipshut_in_any_other_state",
        "test_note_4_cipshut_before_a_second_link_in_single_link_mode",
        "test_note_4_cipshut_where_a_listening_server_is_in_the_way",
    ),
    _row(
        NOTE,
        "5: with six links `AT+CSTT`, `AT+CIICR`, `AT+CIFSR` come first",
        "test_note_5_cstt_ciicr_cifsr_come_first",
    ),
    _row(PARAMETER, "`<n>`: 0 to 5", "test_parameter_n_is_0_to_5"),
    _row(PARAMETER, '`<mode>`: `"TCP"`, quoted or not', "test_parameter_mode_tcp"),
    _row(PARAMETER, '`<mode>`: `"UDP"`, quoted or not', "test_parameter_mode_udp"),
    _row(
        PARAMETER,
        "`<server>`: an address or a name of at most 128 bytes, quoted or not",
        "test_parameter_server_is_an_address_or_a_name_of_at_most_128_bytes",
    ),
    _row(PARAMETER, "`<port>`: 1 to 65535", "test_parameter_port_is_1_to_65535"),
    _state("IP INITIAL", "test_state_ip_initial"),
    _state("IP START", "test_state_ip_start"),
    _state("IP CONFIG", "test_state_ip_config"),
    _state("IP GPRSACT", "test_state_ip_gprsact"),
    _state("IP STATUS", "test_state_ip_status"),
    _state("TCP CONNECTING/UDP CONNECTING/SERVER LISTENING", "test_state_connecting_or_listening"),
    _state("CONNECT OK", "test_state_connect_ok"),
    _state("TCP CLOSING/UDP CLOSING", "test_state_closing"),
    _state("TCP CLOSED/UDP CLOSED", "test_state_closed"),
    _state("PDP DEACT", "test_state_pdp_deact"),
)
