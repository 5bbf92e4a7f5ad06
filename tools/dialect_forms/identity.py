"""Attention, identity, and how the modem answers."""

from .form import ON_REQUEST, Form, never, typed
from .reasons import NOT_LUAT, NOT_SIM800

IDENTITY = (
    Form(
        "AT",
        typed(
            "search, resync, after `AT+IPR`",
            "shared/test_bringup.py::test_everything_in_order@luat",
            "test_dialect_firmware.py::test_nothing_unknown_is_said_in_a_bring_up",
        ),
        heard=("test_vmodem_commands.py::test_both_line_ends_and_their_echo@luat",),
    ),
    Form(
        "ATE<0|1>",
        typed(
            "bring-up: echo off; resync",
            "shared/test_bringup.py::test_everything_in_order@luat",
            "test_dialect_firmware.py::test_nothing_unknown_is_said_in_a_bring_up",
        ),
        example="ATE1",
        heard=("test_vmodem_commands.py::test_ate0_line_itself_is_still_echoed@luat",),
    ),
    Form(
        "ATI",
        typed(
            "bring-up: model",
            "shared/test_bringup.py::test_everything_in_order@luat",
            "test_dialect_firmware.py::test_nothing_unknown_is_said_in_a_bring_up",
        ),
        heard=("test_vmodem_commands.py::test_answer@luat",),
    ),
    Form("AT+CGMM=?"),
    Form(
        "AT+CGMM",
        typed(
            'bring-up: family, where `ATI` does not tell it; `modem.config("model")`',
            "test_dialect_firmware.py::test_the_family_is_told_by_the_model_where_the_firmware_does_not_say@luat",
            "test_dialect_firmware.py::test_facts",
        ),
        heard=("test_vmodem_commands.py::test_answer@luat",),
    ),
    Form("AT+GMM=?"),
    Form("AT+GMM"),
    Form("AT+CGMR=?"),
    Form("AT+CGMR", typed('`modem.config("firmware")`', "test_dialect_firmware.py::test_facts")),
    Form("AT+GMR=?"),
    Form("AT+GMR"),
    Form("AT+VER", modems={"sim800": NOT_SIM800}),
    Form("AT+CGSN=?"),
    Form(
        "AT+CGSN",
        typed('`modem.config("imei")`', "test_dialect_firmware.py::test_facts"),
        heard=("test_vmodem_commands.py::test_answer@luat",),
    ),
    Form("AT+GSN=?"),
    Form("AT+GSN"),
    Form("AT+CIMI=?"),
    Form(
        "AT+CIMI",
        typed('`modem.config("imsi")`', "test_dialect_firmware.py::test_facts"),
        heard=("test_vmodem_commands.py::test_answer@luat",),
    ),
    Form("AT+ICCID=?", modems={"sim800": NOT_SIM800}),
    Form(
        "AT+ICCID",
        typed('`modem.config("iccid")`', "test_dialect_firmware.py::test_facts"),
        modems={"sim800": NOT_SIM800},
        heard=("test_vmodem_commands.py::test_answer@luat",),
    ),
    Form("AT+CCID=?", modems={"luat": NOT_LUAT}),
    Form(
        "AT+CCID",
        typed('`modem.config("iccid")`', "test_dialect_firmware.py::test_facts"),
        engines={"luat": ON_REQUEST},
        modems={"luat": NOT_LUAT},
    ),
    Form("AT+CMEE=?"),
    Form(
        "AT+CMEE?",
        heard=("test_vmodem_commands.py::test_answer@luat",),
    ),
    Form(
        "AT+CMEE=<n>",
        typed(
            "bring-up: error numbers",
            "shared/test_bringup.py::test_everything_in_order@luat",
            "test_dialect_firmware.py::test_nothing_unknown_is_said_in_a_bring_up",
        ),
        example="AT+CMEE=1",
        heard=(
            "test_vmodem_commands.py::test_cmee_decides_how_an_error_reads@luat",
            "test_vmodem_commands.py::test_cmee_2_is_verbose@luat",
        ),
    ),
    Form("ATQ<0|1>", example="ATQ0"),
    Form("ATV<0|1>", example="ATV1"),
    Form("ATX<n>", example="ATX4"),
    Form("ATZ", never("it would undo the session's settings")),
    Form("AT&F", never("it would undo the session's settings")),
    Form(
        "AT&W",
        heard=("test_vmodem_commands.py::test_saved_rate_and_echo_survive_a_restart@luat",),
    ),
)
