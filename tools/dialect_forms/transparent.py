"""Transparent mode."""

from .form import Form, typed

TRANSPARENT = (
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
            "shared/test_bringup.py::test_everything_in_order@luat",
            "test_dialect_firmware.py::test_nothing_unknown_is_said_in_a_bring_up",
        ),
        example="AT+CIPMODE=1",
        heard=(
            "test_vmodem_links.py::test_all_bytes_are_data_and_nothing_is_echoed@luat",
            "test_vmodem_transparent.py::test_a_mebibyte_each_way",
        ),
    ),
    Form(
        "AT+CIPCCFG=?",
        at="transparent",
        heard=("test_vmodem_transparent.py::test_forms_of_cipccfg@luat",),
    ),
    Form(
        "AT+CIPCCFG?",
        at="transparent",
        heard=(
            "test_vmodem_transparent.py::test_forms_of_cipccfg@luat",
            "test_vmodem_transparent.py::test_cipccfg_of_sim800_has_seven_fields@sim800",
        ),
    ),
    Form(
        "AT+CIPCCFG=<retries>,<wait>,<size>,<esc>[,<mode>,<size>,<timer>]",
        example="AT+CIPCCFG=5,2,1024,1",
        at="transparent",
        heard=(
            "test_vmodem_transparent.py::test_forms_of_cipccfg@luat",
            "test_vmodem_transparent.py::test_cipccfg_of_sim800_has_seven_fields@sim800",
        ),
    ),
    Form(
        "ATO",
        typed(
            "transparent stream, after `+++`",
            "test_dialect_firmware.py::test_a_transparent_stream_with_a_command_between",
        ),
        at="escaped",
        heard=(
            "test_vmodem_links.py::test_data_that_comes_after_the_escape_waits_for_ato@luat",
            "test_vmodem_transparent.py::test_ato_goes_on_where_the_stream_stopped",
        ),
    ),
    Form(
        "`CONNECT`, then data",
        typed(
            "transparent stream",
            "test_dialect_firmware.py::test_a_transparent_stream_with_a_command_between",
        ),
        key="data",
        heard=(
            "test_vmodem_links.py::test_all_bytes_are_data_and_nothing_is_echoed@luat",
            "test_vmodem_transparent.py::test_a_mebibyte_each_way",
        ),
    ),
    Form(
        "`+++` between silences",
        typed(
            "search; transparent stream",
            "test_dirty_start.py::test_a_flooding_peer_in_data_mode@luat",
            "test_dialect_firmware.py::test_a_transparent_stream_with_a_command_between",
        ),
        key="+++",
        heard=("test_vmodem_links.py::test_escape_at_every_split_and_back@luat",),
    ),
)
