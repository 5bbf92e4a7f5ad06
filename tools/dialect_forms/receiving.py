"""Receiving: headers, and reading by hand."""

from .form import MULTI, SINGLE, Form, never, refuses, typed
from .reasons import NOT_SIM800

NO_HEX = "twice the bytes for the same payload"

RECEIVING = (
    Form(
        "AT+CIPHEAD=?",
        heard=("test_vmodem_commands.py::test_answer@luat",),
    ),
    Form(
        "AT+CIPHEAD?",
        heard=("test_vmodem_context.py::test_saved_application_settings",),
    ),
    Form(
        "AT+CIPHEAD=<0|1>",
        typed(
            "bring-up: header, where a single link's data are pushed",
            "test_dialect_firmware.py::test_pushed_data",
        ),
        example="AT+CIPHEAD=1",
        heard=(
            "test_vmodem_links.py::test_single_link_headers@luat",
            "test_vmodem_receiving.py::test_headers_in_single_link_mode",
        ),
    ),
    Form(
        "AT+CIPSHOWTP=?",
        heard=("test_vmodem_receiving.py::test_forms_of_the_header_commands@luat",),
    ),
    Form(
        "AT+CIPSHOWTP?",
        heard=("test_vmodem_receiving.py::test_forms_of_the_header_commands@luat",),
    ),
    Form(
        "AT+CIPSHOWTP=<0|1>",
        never("a socket knows what it is"),
        example="AT+CIPSHOWTP=1",
        heard=("test_vmodem_receiving.py::test_headers_in_single_link_mode",),
    ),
    Form(
        "AT+CIPSRIP=?",
        heard=("test_vmodem_receiving.py::test_forms_of_the_header_commands@luat",),
    ),
    Form(
        "AT+CIPSRIP?",
        heard=("test_vmodem_commands.py::test_answer@luat",),
    ),
    Form(
        "AT+CIPSRIP=<0|1>",
        never("a socket knows its peer"),
        example="AT+CIPSRIP=1",
        heard=(
            "test_vmodem_links.py::test_single_link_headers@luat",
            "test_vmodem_receiving.py::test_headers_in_single_link_mode",
        ),
    ),
    Form("AT+CIPRXF=?", modems={"sim800": NOT_SIM800}),
    Form(
        "AT+CIPRXF?",
        modems={"sim800": NOT_SIM800},
        heard=("test_vmodem_receiving.py::test_cr_lf_behind_data_by_default_or_not@luat",),
    ),
    Form(
        "AT+CIPRXF=<0|1>",
        typed(
            "bring-up: raw data, where data are pushed",
            "shared/test_bringup.py::test_a_firmware_without_manual_read_pushes@luat",
            "test_dialect_firmware.py::test_pushed_data",
        ),
        engines={"sim800": never("it adds nothing to what it received")},
        modems={"sim800": NOT_SIM800},
        example="AT+CIPRXF=1",
        heard=(
            "test_vmodem_links.py::test_cr_lf_after_every_block_on_request@luat",
            "test_vmodem_receiving.py::test_ciprxf_is_luats_and_comes_before_the_connection",
        ),
    ),
    Form(
        "AT+CIPRXGET=?",
        heard=("test_vmodem_receiving.py::test_test_form_of_ciprxget",),
    ),
    Form(
        "AT+CIPRXGET?",
        heard=("test_vmodem_commands.py::test_answer@luat",),
    ),
    Form(
        "AT+CIPRXGET=<0|1>",
        typed(
            "bring-up: receive mode",
            "shared/test_bringup.py::test_everything_in_order@luat",
            "test_dialect_firmware.py::test_nothing_unknown_is_said_in_a_bring_up",
        ),
        example="AT+CIPRXGET=1",
        heard=(
            "test_vmodem_commands.py::test_receive_setting_with_an_open_link_is_refused@luat",
            "test_vmodem_server.py::test_a_closed_link_with_bytes_unread_is_not_free@sim800",
        ),
    ),
    Form(
        "AT+CIPRXGET=5",
        never("one line is enough until the next read"),
        modems={"sim800": refuses("0 to 4 there")},
        heard=(
            "test_vmodem_links.py::test_announcement_of_every_packet@luat",
            "test_vmodem_receiving.py::test_announcement_of_every_arrival_is_luats",
        ),
    ),
    Form(
        "AT+CIPRXGET=2,<length>",
        typed("`socket.recv`", "test_dialect_firmware.py::test_a_link_from_connect_to_close"),
        mode=SINGLE,
        example="AT+CIPRXGET=2,100",
        at="single pull",
        heard=("test_vmodem_links.py::test_single_link_read@luat",),
    ),
    Form(
        "AT+CIPRXGET=2,<n>,<length>",
        typed(
            "`socket.recv`",
            "shared/test_payload.py::test_every_byte_value_pulled_at_every_split@luat",
            "test_dialect_firmware.py::test_a_link_from_connect_to_close",
        ),
        mode=MULTI,
        example="AT+CIPRXGET=2,0,100",
        at="multi pull",
        heard=(
            "test_vmodem_links.py::test_payload_that_reads_like_an_answer_is_given_as_it_is@luat",
            "test_vmodem_server.py::test_a_closed_link_with_bytes_unread_is_not_free@sim800",
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
            "link: sweep every 2 s", "test_dialect_firmware.py::test_a_link_from_connect_to_close"
        ),
        mode=SINGLE,
        at="single pull",
        heard=("test_vmodem_links.py::test_single_link_read@luat",),
    ),
    Form(
        "AT+CIPRXGET=4,<n>",
        typed(
            "link: sweep every 2 s",
            "shared/test_payload.py::test_a_missing_wake_up_costs_two_seconds@luat",
            "test_dialect_firmware.py::test_a_link_from_connect_to_close",
        ),
        mode=MULTI,
        example="AT+CIPRXGET=4,0",
        at="multi pull",
        heard=("test_vmodem_links.py::test_data_of_a_closed_link_stays_readable@luat",),
    ),
)
