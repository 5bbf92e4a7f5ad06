"""Identity, SIM, registration, radio, serial line: what stands before the TCP/IP commands."""

from .form import Form, never, refuses, typed, unknown

NOT_SIM800 = unknown("not in the SIM800 manual")
NOT_LUAT = unknown("not in the Luat manual")
NO_EPS = unknown("2G has no EPS")

GENERAL = (
    Form(
        "AT",
        typed(
            "search, resync, after `AT+IPR`", "shared/test_bringup.py::test_everything_in_order"
        ),
        heard=("test_vmodem_commands.py::test_both_line_ends_and_their_echo@luat",),
    ),
    Form(
        "ATE<0|1>",
        typed("bring-up: echo off; resync", "shared/test_bringup.py::test_everything_in_order"),
        example="ATE1",
        heard=("test_vmodem_commands.py::test_ate0_line_itself_is_still_echoed@luat",),
    ),
    Form(
        "ATI",
        typed("bring-up: model", "shared/test_bringup.py::test_everything_in_order"),
        heard=("test_vmodem_commands.py::test_answer@luat",),
    ),
    Form(
        "AT+CGMM",
        heard=("test_vmodem_commands.py::test_answer@luat",),
    ),
    Form("AT+GMM"),
    Form("AT+CGMR"),
    Form("AT+VER", modems={"sim800": NOT_SIM800}),
    Form(
        "AT+CGSN",
        typed('`modem.config("imei")`'),
        heard=("test_vmodem_commands.py::test_answer@luat",),
    ),
    Form(
        "AT+CIMI",
        typed('`modem.config("imsi")`'),
        heard=("test_vmodem_commands.py::test_answer@luat",),
    ),
    Form(
        "AT+ICCID",
        typed('`modem.config("iccid")`'),
        engines={"sim800": never("`AT+CCID` there")},
        modems={"sim800": NOT_SIM800},
        heard=("test_vmodem_commands.py::test_answer@luat",),
    ),
    Form(
        "AT+CCID",
        typed('`modem.config("iccid")`'),
        engines={"luat": never("`AT+ICCID` there")},
        modems={"luat": NOT_LUAT},
    ),
    Form("AT+CMEE=?"),
    Form(
        "AT+CMEE?",
        heard=("test_vmodem_commands.py::test_answer@luat",),
    ),
    Form(
        "AT+CMEE=<n>",
        typed("bring-up: error numbers", "shared/test_bringup.py::test_everything_in_order"),
        example="AT+CMEE=1",
        heard=(
            "test_vmodem_commands.py::test_cmee_decides_how_an_error_reads@luat",
            "test_vmodem_commands.py::test_cmee_2_is_verbose@luat",
        ),
    ),
    Form(
        "AT&W",
        heard=("test_vmodem_commands.py::test_saved_rate_and_echo_survive_a_restart@luat",),
    ),
    # SIM, registration, radio
    Form(
        "AT+CPIN?",
        typed("bring-up: sim, unlocked", "shared/test_bringup.py::test_everything_in_order"),
        heard=(
            "test_vmodem_commands.py::test_wrong_pin_then_right_pin@luat",
            "test_vmodem_commands.py::test_no_sim@luat",
        ),
    ),
    Form(
        'AT+CPIN="<pin>"',
        typed("bring-up: pin", "shared/test_bringup.py::test_a_pin_is_typed_once"),
        refuses("the card asks for none"),
        example='AT+CPIN="1234"',
        heard=("test_vmodem_commands.py::test_three_wrong_pins_ask_for_the_puk@luat",),
    ),
    Form(
        "AT+CSQ",
        typed("bring-up: signal", "shared/test_bringup.py::test_everything_in_order"),
        heard=("test_vmodem_commands.py::test_answer@luat",),
    ),
    Form(
        "AT+CREG?",
        typed("bring-up: registration", "shared/test_bringup.py::test_everything_in_order"),
        heard=("test_vmodem_faults.py::test_registration_lost_and_back@luat",),
    ),
    Form(
        "AT+CREG=<n>",
        typed("bring-up: registration news", "shared/test_bringup.py::test_everything_in_order"),
        example="AT+CREG=1",
        heard=("test_vmodem_commands.py::test_cfun_0_and_1@luat",),
    ),
    Form(
        "AT+CGREG?",
        typed("bring-up: registration, second try", "shared/test_bringup.py::test_no_network"),
        heard=("test_vmodem_commands.py::test_answer@luat",),
    ),
    Form(
        "AT+CGREG=<n>",
        typed(
            "bring-up: registration news, where `AT+CGREG?` told it",
            "test_dialect_table.py::test_news_are_asked_for_where_the_modem_is_registered",
        ),
        example="AT+CGREG=1",
    ),
    Form(
        "AT+CEREG?",
        typed("bring-up: registration, third try", "shared/test_bringup.py::test_no_network"),
        engines={"sim800": never("2G has no EPS")},
        modems={"sim800": NO_EPS},
        heard=("test_vmodem_commands.py::test_registration_query_with_location@luat",),
    ),
    Form(
        "AT+CEREG=<n>",
        typed(
            "bring-up: registration news, where `AT+CEREG?` told it",
            "shared/test_bringup.py::test_registered_for_packets_only",
        ),
        engines={"sim800": never("2G has no EPS")},
        modems={"sim800": NO_EPS},
        example="AT+CEREG=1",
        heard=("test_vmodem_commands.py::test_registration_query_with_location@luat",),
    ),
    Form(
        "AT+COPS?",
        heard=("test_vmodem_commands.py::test_answer@luat",),
    ),
    Form(
        "AT+CGATT?",
        typed("bring-up: attach", "shared/test_bringup.py::test_everything_in_order"),
        heard=("test_vmodem_commands.py::test_answer@luat",),
    ),
    Form(
        "AT+CGATT=<0|1>",
        typed(
            "bring-up: attach, each tenth try", "shared/test_bringup.py::test_attach_is_asked_for"
        ),
        example="AT+CGATT=1",
        heard=("test_vmodem_commands.py::test_leaving_the_network_releases_the_context@luat",),
    ),
    Form("AT+CGDCONT?"),
    Form(
        'AT+CGDCONT=<cid>,"IP","<apn>"',
        example='AT+CGDCONT=1,"IP","cmnet"',
        heard=("test_vmodem_commands.py::test_answer@luat",),
    ),
    Form("AT+CGACT?"),
    Form(
        "AT+CGACT=<0|1>,<cid>",
        example="AT+CGACT=1,1",
        heard=("test_vmodem_commands.py::test_leaving_the_network_releases_the_context@luat",),
    ),
    Form(
        'AT+SAPBR=3,<cid>,"<tag>","<value>"',
        example='AT+SAPBR=3,1,"APN","cmnet"',
        heard=("test_vmodem_commands.py::test_answer@luat",),
    ),
    Form(
        "AT+SAPBR=<0|1|2|4>,<cid>",
        example="AT+SAPBR=2,1",
        heard=("test_vmodem_commands.py::test_answer@luat",),
    ),
    Form(
        "AT+CFUN?",
        heard=("test_vmodem_commands.py::test_answer@luat",),
    ),
    Form(
        "AT+CFUN=<0|1|4>",
        typed(
            "ladder: radio off, radio on",
            "shared/test_ladder.py::test_each_rung_that_is_a_command_is_taken_once_an_attempt",
        ),
        example="AT+CFUN=1",
        heard=("test_vmodem_commands.py::test_cfun_0_and_1@luat",),
    ),
    Form(
        "AT+CFUN=1,<0|1>",
        typed(
            "ladder: restart",
            "shared/test_ladder.py::test_each_rung_that_is_a_command_is_taken_once_an_attempt",
        ),
        example="AT+CFUN=1,1",
        heard=("test_vmodem_faults.py::test_cfun_1_1_restarts@luat",),
    ),
    Form(
        "AT+RESET",
        modems={"sim800": NOT_SIM800},
        heard=("test_vmodem_commands.py::test_restart_forgets_everything@luat",),
    ),
    Form("AT+CPOWD=<0|1>", example="AT+CPOWD=1"),
    # Serial line, clock, sleep
    Form("AT+IPR=?"),
    Form(
        "AT+IPR?",
        heard=("test_vmodem_commands.py::test_answer@luat",),
    ),
    Form(
        "AT+IPR=<rate>",
        typed(
            "bring-up: speed, where `baud=` says so",
            "test_dialect_table.py::test_a_rate_is_asked_for",
        ),
        example="AT+IPR=9600",
        heard=("test_vmodem_commands.py::test_rate_changes_when_the_ok_has_left@luat",),
    ),
    Form(
        "AT+IFC?",
        typed(
            "bring-up: flow control, where `flow=True` says so",
            "shared/test_bringup.py::test_flow_control_that_the_modem_has_not_is_not_relied_on",
        ),
        heard=(
            "test_vmodem_commands.py::test_flow_control_takes_effect_after_save_and_restart@luat",
        ),
    ),
    Form(
        "AT+IFC=<n>,<n>",
        example="AT+IFC=2,2",
        heard=(
            "test_vmodem_commands.py::test_flow_control_takes_effect_after_save_and_restart@luat",
        ),
    ),
    Form("AT&C<n>", example="AT&C1"),
    Form("AT&D<n>", example="AT&D1"),
    Form("AT+CSCLK?"),
    Form("AT+CSCLK=<n>", example="AT+CSCLK=0"),
    Form(
        "AT+CCLK?",
        heard=("test_vmodem_commands.py::test_clock_counts_virtual_seconds@luat",),
    ),
    Form("AT+CLTS=<0|1>", example="AT+CLTS=1", modems={"luat": NOT_LUAT}),
    Form("AT+CIURC=<0|1>", example="AT+CIURC=1", modems={"luat": NOT_LUAT}),
)
