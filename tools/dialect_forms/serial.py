"""The serial line, the clock, sleep."""

from .form import Form, never, typed
from .reasons import NOT_LUAT

SERIAL = (
    Form("AT+IPR=?"),
    Form(
        "AT+IPR?",
        heard=("test_vmodem_commands.py::test_answer@luat",),
    ),
    Form(
        "AT+IPR=<rate>",
        typed("bring-up: speed, where `baud=` says so", "test_dialect_firmware.py::test_a_rate"),
        example="AT+IPR=9600",
        heard=("test_vmodem_commands.py::test_rate_changes_when_the_ok_has_left@luat",),
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
        ),
    ),
    Form(
        "AT+IFC=<n>,<n>",
        never("it would need saving and a restart; `flow=True` takes what is set"),
        example="AT+IFC=2,2",
        heard=(
            "test_vmodem_commands.py::test_flow_control_takes_effect_after_save_and_restart@luat",
        ),
    ),
    Form("AT&C<n>", example="AT&C1"),
    Form("AT&D<n>", example="AT&D1"),
    Form("AT+CSCLK=?"),
    Form("AT+CSCLK?"),
    Form("AT+CSCLK=<n>", example="AT+CSCLK=0"),
    Form("AT+CCLK=?"),
    Form(
        "AT+CCLK?",
        typed("`modem.time()`", "test_dialect_firmware.py::test_facts"),
        heard=("test_vmodem_commands.py::test_clock_counts_virtual_seconds@luat",),
    ),
    Form('AT+CCLK="<time>"', example='AT+CCLK="24/08/22,07:27:15+32"'),
    Form("AT+CLTS=?", modems={"luat": NOT_LUAT}),
    Form("AT+CLTS?", modems={"luat": NOT_LUAT}),
    Form("AT+CLTS=<0|1>", example="AT+CLTS=1", modems={"luat": NOT_LUAT}),
    Form("AT+CIURC=?", modems={"luat": NOT_LUAT}),
    Form("AT+CIURC?", modems={"luat": NOT_LUAT}),
    Form("AT+CIURC=<0|1>", example="AT+CIURC=1", modems={"luat": NOT_LUAT}),
)
