"""The serial line, the clock, sleep."""

from .form import Form, never, typed
from .reasons import NOT_LUAT

SERIAL = (
    Form(
        "AT+IPR=?",
        heard=("test_vmodem_settings.py::test_rates",),
    ),
    Form(
        "AT+IPR?",
        heard=("test_vmodem_settings.py::test_rate_is_saved_or_forgotten",),
    ),
    Form(
        "AT+IPR=<rate>",
        typed("bring-up: speed, where `baud=` says so", "test_dialect_firmware.py::test_a_rate"),
        example="AT+IPR=9600",
        heard=(
            "test_vmodem_commands.py::test_rate_changes_when_the_ok_has_left@luat",
            "test_vmodem_settings.py::test_rates@sim800",
        ),
    ),
    Form("AT+IFC=?"),
    Form(
        "AT+IFC?",
        typed(
            "bring-up: flow control, where `flow=True` says so",
            "shared/test_bringup.py::test_flow_control_that_the_modem_has_not_is_not_relied_on@luat",
            "test_dialect_firmware.py::test_pushed_data",
        ),
        heard=(
            "test_vmodem_commands.py::test_flow_control_takes_effect_after_save_and_restart@luat",
            "test_vmodem_settings.py::test_flow_control_at_once_on_sim800_after_save_and_restart_on_luat",
        ),
    ),
    Form(
        "AT+IFC=<n>,<n>",
        never("it would need saving and a restart; `flow=True` takes what is set"),
        example="AT+IFC=2,2",
        heard=(
            "test_vmodem_commands.py::test_flow_control_takes_effect_after_save_and_restart@luat",
            "test_vmodem_settings.py::test_flow_control_at_once_on_sim800_after_save_and_restart_on_luat",
        ),
    ),
    Form(
        "AT&C<n>",
        example="AT&C1",
        heard=("test_vmodem_transparent.py::test_carrier_that_is_always_on@luat",),
    ),
    Form(
        "AT&D<n>",
        example="AT&D1",
        heard=(
            "test_vmodem_transparent.py::test_terminal_ready_going_off@sim800",
            "test_vmodem_transparent.py::test_terminal_ready_means_nothing_at_command_level@luat",
        ),
    ),
    Form("AT+CSCLK=?"),
    Form(
        "AT+CSCLK?",
        heard=("test_vmodem_settings.py::test_sleep_mode_is_kept",),
    ),
    Form(
        "AT+CSCLK=<n>",
        example="AT+CSCLK=0",
        heard=("test_vmodem_settings.py::test_sleep_mode_is_kept",),
    ),
    Form("AT+CCLK=?"),
    Form(
        "AT+CCLK?",
        typed("`modem.time()`", "test_dialect_firmware.py::test_facts"),
        heard=(
            "test_vmodem_commands.py::test_clock_counts_virtual_seconds@luat",
            "test_vmodem_settings.py::test_clock_is_set_and_goes_on",
        ),
    ),
    Form('AT+CCLK="<time>"', example='AT+CCLK="24/08/22,07:27:15+32"'),
    Form("AT+CLTS=?", modems={"luat": NOT_LUAT}),
    Form("AT+CLTS?", modems={"luat": NOT_LUAT}),
    Form(
        "AT+CLTS=<0|1>",
        example="AT+CLTS=1",
        modems={"luat": NOT_LUAT},
        heard=(
            "test_vmodem_line.py::test_luat_lacks@luat",
            "test_vmodem_settings.py::test_sim800_switches@sim800",
        ),
    ),
    Form("AT+CIURC=?", modems={"luat": NOT_LUAT}),
    Form("AT+CIURC?", modems={"luat": NOT_LUAT}),
    Form(
        "AT+CIURC=<0|1>",
        example="AT+CIURC=1",
        modems={"luat": NOT_LUAT},
        heard=(
            "test_vmodem_settings.py::test_sim800_switches@sim800",
            "test_vmodem_boot.py::test_ciurc_0_suppresses_call_ready_once_it_is_saved@sim800",
        ),
    ),
)
