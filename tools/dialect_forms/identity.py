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
        heard=(
            "test_vmodem_commands.py::test_both_line_ends_and_their_echo@luat",
            "test_vmodem_line.py::test_line_without_at_is_not_answered_by_sim800_and_an_error_for_luat@sim800",
        ),
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
        heard=("test_vmodem_settings.py::test_identity",),
    ),
    Form("AT+CGMM=?"),
    Form(
        "AT+CGMM",
        typed(
            'bring-up: family, where `ATI` does not tell it; `modem.config("model")`',
            "test_dialect_firmware.py::test_the_family_is_told_by_the_model_where_the_firmware_does_not_say@luat",
            "test_dialect_firmware.py::test_facts",
        ),
        heard=("test_vmodem_settings.py::test_identity",),
    ),
    Form("AT+GMM=?"),
    Form(
        "AT+GMM",
        heard=("test_vmodem_settings.py::test_identity@sim800",),
    ),
    Form("AT+CGMR=?"),
    Form(
        "AT+CGMR",
        typed('`modem.config("firmware")`', "test_dialect_firmware.py::test_facts"),
        heard=("test_vmodem_settings.py::test_identity",),
    ),
    Form("AT+GMR=?"),
    Form("AT+GMR"),
    Form(
        "AT+VER",
        modems={"sim800": NOT_SIM800},
        heard=(
            "test_vmodem_settings.py::test_identity@luat",
            "test_vmodem_line.py::test_sim800_lacks@sim800",
        ),
    ),
    Form("AT+CGSN=?"),
    Form(
        "AT+CGSN",
        typed('`modem.config("imei")`', "test_dialect_firmware.py::test_facts"),
        heard=("test_vmodem_settings.py::test_identity",),
    ),
    Form("AT+GSN=?"),
    Form("AT+GSN"),
    Form("AT+CIMI=?"),
    Form(
        "AT+CIMI",
        typed('`modem.config("imsi")`', "test_dialect_firmware.py::test_facts"),
        heard=("test_vmodem_settings.py::test_identity",),
    ),
    Form("AT+ICCID=?", modems={"sim800": NOT_SIM800}),
    Form(
        "AT+ICCID",
        typed('`modem.config("iccid")`', "test_dialect_firmware.py::test_facts"),
        modems={"sim800": NOT_SIM800},
        heard=(
            "test_vmodem_commands.py::test_answer@luat",
            "test_vmodem_line.py::test_sim800_lacks@sim800",
        ),
    ),
    Form("AT+CCID=?", modems={"luat": NOT_LUAT}),
    Form(
        "AT+CCID",
        typed('`modem.config("iccid")`', "test_dialect_firmware.py::test_facts"),
        engines={"luat": ON_REQUEST},
        modems={"luat": NOT_LUAT},
        heard=(
            "test_vmodem_settings.py::test_identity@sim800",
            "test_vmodem_line.py::test_luat_lacks@luat",
        ),
    ),
    Form(
        "AT+CMEE=?",
        heard=("test_vmodem_errors.py::test_error_format_at_power_on",),
    ),
    Form(
        "AT+CMEE?",
        heard=("test_vmodem_errors.py::test_error_format_at_power_on",),
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
            "test_vmodem_errors.py::test_texts_of_sim_errors@sim800",
        ),
    ),
    Form("ATQ<0|1>", example="ATQ0"),
    Form("ATV<0|1>", example="ATV1"),
    Form("ATX<n>", example="ATX4"),
    Form("ATZ", never("it would undo the session's settings")),
    Form("AT&F", never("it would undo the session's settings")),
    Form(
        "AT&W",
        heard=(
            "test_vmodem_commands.py::test_saved_rate_and_echo_survive_a_restart@luat",
            "test_vmodem_settings.py::test_sim800_saves_more_than_luat",
        ),
    ),
)
