"""Sending, receiving, and the transparent mode."""

from .form import MULTI, SINGLE, Form, never, refuses, typed
from .general import NOT_SIM800

ANY_BYTE = "a length is announced, so that a payload may hold any byte"
ONE_MODE = "the form of the other mode"
NO_HEX = "twice the bytes for the same payload"

DATA = (
    Form(
        "AT+CIPSEND=?",
        mode=SINGLE,
        heard=("test_vmodem_commands.py::test_answer@luat",),
    ),
    Form(
        "AT+CIPSEND=?",
        mode=MULTI,
        at="multi idle",
        heard=("test_vmodem_links.py::test_send_test_form_in_multi_link_mode@luat",),
    ),
    Form(
        "AT+CIPSEND?",
        mode=SINGLE,
        heard=("test_vmodem_commands.py::test_answer@luat",),
    ),
    Form(
        "AT+CIPSEND?",
        mode=MULTI,
        at="multi link",
        heard=("test_vmodem_links.py::test_send_buffer_fills_and_empties@luat",),
    ),
    Form(
        "AT+CIPSEND",
        never(ANY_BYTE),
        mode=SINGLE,
        at="single link",
        heard=("test_vmodem_links.py::test_single_link_forms@luat",),
    ),
    Form(
        "AT+CIPSEND",
        never(ANY_BYTE),
        refuses(ONE_MODE),
        mode=MULTI,
        at="multi link",
        heard=("test_vmodem_links.py::test_send_refused_without_a_prompt@luat",),
    ),
    Form(
        "AT+CIPSEND=<length>",
        typed("`socket.send`", "shared/test_seed_cipstart.py::test_single_sends_and_closes"),
        mode=SINGLE,
        example="AT+CIPSEND=5",
        at="single link",
        heard=("test_vmodem_links.py::test_single_link_forms@luat",),
    ),
    Form(
        "AT+CIPSEND=<n>",
        never(ANY_BYTE),
        mode=MULTI,
        example="AT+CIPSEND=0",
        at="multi link",
        heard=("test_vmodem_links.py::test_ctrl_z_form_at_every_split@luat",),
    ),
    Form(
        "AT+CIPSEND=<n>,<length>",
        typed("`socket.send`", "shared/test_send.py::test_prompt_body_result"),
        mode=MULTI,
        example="AT+CIPSEND=0,5",
        at="multi link",
        heard=(
            "test_vmodem_links.py::test_payload_of_any_bytes_is_counted_never_read@luat",
            "test_vmodem_links.py::test_payload_at_every_split@luat",
        ),
    ),
    Form(
        "AT+CIPSEND=<n>,<length>",
        never(ONE_MODE),
        refuses(ONE_MODE),
        mode=SINGLE,
        example="AT+CIPSEND=0,5",
        at="single link",
        heard=("test_vmodem_links.py::test_single_link_forms@luat",),
    ),
    Form(
        "prompt `> `, payload",
        typed(
            "`socket.send`: no payload without it",
            "shared/test_send.py::test_nothing_is_typed_without_a_prompt",
        ),
        key="prompt",
        heard=("test_vmodem_links.py::test_payload_typed_before_the_prompt_is_lost@luat",),
    ),
    Form(
        "Ctrl-Z ends a payload",
        never(ANY_BYTE),
        key="ctrl-z",
        heard=("test_vmodem_links.py::test_ctrl_z_form_at_every_split@luat",),
    ),
    Form(
        "ESC cancels a payload",
        never(ANY_BYTE),
        key="esc",
        heard=("test_vmodem_links.py::test_escape_cancels_the_ctrl_z_form@luat",),
    ),
    Form(
        "AT+CIPQSEND=?",
        heard=("test_vmodem_commands.py::test_answer@luat",),
    ),
    Form(
        "AT+CIPQSEND?",
        heard=("test_vmodem_commands.py::test_answer@luat",),
    ),
    Form(
        "AT+CIPQSEND=<n>",
        typed("bring-up: quick send", "shared/test_bringup.py::test_everything_in_order"),
        example="AT+CIPQSEND=1",
        heard=(
            "test_vmodem_links.py::test_quick_send_says_data_accept@luat",
            "test_vmodem_links.py::test_slow_send_waits_for_the_acknowledgement@luat",
        ),
    ),
    Form("AT+CIPACK=?"),
    Form(
        "AT+CIPACK",
        typed(
            "`socket.close`, lost `SEND OK`",
            "test_dialect_table.py::test_a_single_link_from_connect_to_close",
        ),
        mode=SINGLE,
        at="single link",
    ),
    Form(
        "AT+CIPACK",
        never(ONE_MODE),
        refuses(ONE_MODE),
        mode=MULTI,
        at="multi link",
        heard=("test_vmodem_links.py::test_acknowledged_bytes@luat",),
    ),
    Form(
        "AT+CIPACK=<n>",
        typed(
            "`socket.close`, lost `SEND OK`",
            "shared/test_send.py::test_close_drains_then_asks_cipack_then_closes",
            "shared/test_send.py::test_lost_result_that_had_arrived_goes_on_without_sending_twice",
        ),
        mode=MULTI,
        example="AT+CIPACK=0",
        at="multi link",
        heard=("test_vmodem_links.py::test_acknowledged_bytes@luat",),
    ),
    Form(
        "AT+CIPACK=<n>",
        never(ONE_MODE),
        refuses(ONE_MODE),
        mode=SINGLE,
        example="AT+CIPACK=0",
        at="single link",
    ),
    Form("AT+CIPSPRT=?"),
    Form("AT+CIPSPRT?"),
    Form(
        "AT+CIPSPRT=<n>",
        example="AT+CIPSPRT=1",
        heard=("test_vmodem_links.py::test_prompt_can_be_switched_off@luat",),
    ),
    Form("AT+CIPATS=?"),
    Form("AT+CIPATS?"),
    Form("AT+CIPATS=<0|1>[,<seconds>]", example="AT+CIPATS=1,10"),
    # Receiving
    Form(
        "AT+CIPHEAD=?",
        heard=("test_vmodem_commands.py::test_answer@luat",),
    ),
    Form(
        "AT+CIPHEAD?",
        heard=("test_vmodem_commands.py::test_answer@luat",),
    ),
    Form(
        "AT+CIPHEAD=<0|1>",
        example="AT+CIPHEAD=1",
        heard=("test_vmodem_links.py::test_single_link_headers@luat",),
    ),
    Form("AT+CIPSHOWTP=?"),
    Form("AT+CIPSHOWTP?"),
    Form("AT+CIPSHOWTP=<0|1>", example="AT+CIPSHOWTP=1"),
    Form("AT+CIPSRIP=?"),
    Form(
        "AT+CIPSRIP?",
        heard=("test_vmodem_commands.py::test_answer@luat",),
    ),
    Form(
        "AT+CIPSRIP=<0|1>",
        example="AT+CIPSRIP=1",
        heard=("test_vmodem_links.py::test_single_link_headers@luat",),
    ),
    Form("AT+CIPRXF=?", modems={"sim800": NOT_SIM800}),
    Form("AT+CIPRXF?", modems={"sim800": NOT_SIM800}),
    Form(
        "AT+CIPRXF=<0|1>",
        typed(
            "bring-up: raw data, where data are pushed",
            "shared/test_bringup.py::test_a_firmware_without_manual_read_pushes",
        ),
        engines={"sim800": never("it adds nothing to what it received")},
        modems={"sim800": NOT_SIM800},
        example="AT+CIPRXF=1",
        heard=("test_vmodem_links.py::test_cr_lf_after_every_block_on_request@luat",),
    ),
    Form(
        "AT+CIPRXGET=?",
        heard=("test_vmodem_commands.py::test_answer@luat",),
    ),
    Form(
        "AT+CIPRXGET?",
        heard=("test_vmodem_commands.py::test_answer@luat",),
    ),
    Form(
        "AT+CIPRXGET=<0|1>",
        typed("bring-up: receive mode", "shared/test_bringup.py::test_everything_in_order"),
        example="AT+CIPRXGET=1",
        heard=("test_vmodem_commands.py::test_receive_setting_with_an_open_link_is_refused@luat",),
    ),
    Form(
        "AT+CIPRXGET=5",
        never("one line is enough until the next read"),
        modems={"sim800": refuses("0 to 4 there")},
        heard=("test_vmodem_links.py::test_announcement_of_every_packet@luat",),
    ),
    Form(
        "AT+CIPRXGET=2,<length>",
        typed("`socket.recv`", "test_dialect_table.py::test_a_single_link_from_connect_to_close"),
        mode=SINGLE,
        example="AT+CIPRXGET=2,100",
        at="single pull",
        heard=("test_vmodem_links.py::test_single_link_read@luat",),
    ),
    Form(
        "AT+CIPRXGET=2,<n>,<length>",
        typed(
            "`socket.recv`", "shared/test_payload.py::test_every_byte_value_pulled_at_every_split"
        ),
        mode=MULTI,
        example="AT+CIPRXGET=2,0,100",
        at="multi pull",
        heard=(
            "test_vmodem_links.py::test_payload_that_reads_like_an_answer_is_given_as_it_is@luat",
        ),
    ),
    Form(
        "AT+CIPRXGET=3,<length>",
        never(NO_HEX),
        mode=SINGLE,
        example="AT+CIPRXGET=3,100",
        at="single pull",
    ),
    Form(
        "AT+CIPRXGET=3,<n>,<length>",
        never(NO_HEX),
        mode=MULTI,
        example="AT+CIPRXGET=3,0,100",
        at="multi pull",
        heard=("test_vmodem_links.py::test_read_tells_what_it_gives_and_what_is_left@luat",),
    ),
    Form(
        "AT+CIPRXGET=4",
        typed(
            "link: sweep every 2 s",
            "test_dialect_table.py::test_a_single_link_from_connect_to_close",
        ),
        mode=SINGLE,
        at="single pull",
        heard=("test_vmodem_links.py::test_single_link_read@luat",),
    ),
    Form(
        "AT+CIPRXGET=4,<n>",
        typed(
            "link: sweep every 2 s",
            "shared/test_payload.py::test_a_missing_wake_up_costs_two_seconds",
        ),
        mode=MULTI,
        example="AT+CIPRXGET=4,0",
        at="multi pull",
        heard=("test_vmodem_links.py::test_data_of_a_closed_link_stays_readable@luat",),
    ),
    # Transparent mode
    Form(
        "AT+CIPMODE=?",
        heard=("test_vmodem_commands.py::test_answer@luat",),
    ),
    Form(
        "AT+CIPMODE?",
        heard=("test_vmodem_commands.py::test_answer@luat",),
    ),
    Form(
        "AT+CIPMODE=<0|1>",
        typed(
            "bring-up: normal mode; `modem.transparent`",
            "shared/test_bringup.py::test_everything_in_order",
        ),
        example="AT+CIPMODE=1",
        heard=("test_vmodem_links.py::test_all_bytes_are_data_and_nothing_is_echoed@luat",),
    ),
    Form("AT+CIPCCFG=?", at="transparent"),
    Form("AT+CIPCCFG?", at="transparent"),
    Form(
        "AT+CIPCCFG=<retries>,<wait>,<size>,<esc>[,<mode>,<size>,<timer>]",
        example="AT+CIPCCFG=5,2,1024,1",
        at="transparent",
    ),
    Form(
        "ATO",
        typed("transparent stream, after `+++`"),
        at="escaped",
        heard=("test_vmodem_links.py::test_data_that_comes_after_the_escape_waits_for_ato@luat",),
    ),
    Form(
        "`CONNECT`, then data",
        typed("transparent stream"),
        key="data",
        heard=("test_vmodem_links.py::test_all_bytes_are_data_and_nothing_is_echoed@luat",),
    ),
    Form(
        "`+++` between silences",
        typed(
            "search; transparent stream",
            "test_dirty_start.py::test_connect_within_fifteen_seconds",
        ),
        key="+++",
        heard=("test_vmodem_links.py::test_escape_at_every_split_and_back@luat",),
    ),
)
