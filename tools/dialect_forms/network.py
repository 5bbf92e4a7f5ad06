"""SIM, registration, contexts of the network, radio, power."""

from .form import ON_REQUEST, Form, never, refuses, typed
from .reasons import NO_EPS, NOT_SIM800

NETWORK = (
    Form("AT+CPIN=?"),
    Form(
        "AT+CPIN?",
        typed(
            "bring-up: sim, unlocked",
            "shared/test_bringup.py::test_everything_in_order@luat",
            "test_dialect_firmware.py::test_nothing_unknown_is_said_in_a_bring_up",
        ),
        heard=(
            "test_vmodem_commands.py::test_wrong_pin_then_right_pin@luat",
            "test_vmodem_commands.py::test_no_sim@luat",
            "test_vmodem_errors.py::test_sim_states",
        ),
    ),
    Form(
        'AT+CPIN="<pin>"',
        typed(
            "bring-up: pin",
            "shared/test_bringup.py::test_a_pin_is_typed_once@luat",
            "test_dialect_firmware.py::test_a_pin",
        ),
        refuses("the card asks for none"),
        example='AT+CPIN="1234"',
        heard=(
            "test_vmodem_commands.py::test_three_wrong_pins_ask_for_the_puk@luat",
            "test_vmodem_errors.py::test_sim_states",
        ),
    ),
    Form("AT+CSQ=?"),
    Form(
        "AT+CSQ",
        typed(
            "bring-up: signal",
            "shared/test_bringup.py::test_everything_in_order@luat",
            "test_dialect_firmware.py::test_nothing_unknown_is_said_in_a_bring_up",
        ),
        heard=("test_vmodem_boot.py::test_cfun_4_leaves_the_sim",),
    ),
    Form("AT+CREG=?"),
    Form(
        "AT+CREG?",
        typed(
            "bring-up: registration",
            "shared/test_bringup.py::test_everything_in_order@luat",
            "test_dialect_firmware.py::test_nothing_unknown_is_said_in_a_bring_up",
        ),
        heard=(
            "test_vmodem_faults.py::test_registration_lost_and_back@luat",
            "test_vmodem_boot.py::test_registration_with_every_n",
        ),
    ),
    Form(
        "AT+CREG=<n>",
        typed(
            "bring-up: registration news",
            "shared/test_bringup.py::test_everything_in_order@luat",
            "test_dialect_firmware.py::test_nothing_unknown_is_said_in_a_bring_up",
        ),
        example="AT+CREG=1",
        heard=(
            "test_vmodem_commands.py::test_cfun_0_and_1@luat",
            "test_vmodem_boot.py::test_change_of_registration_is_reported_without_n",
        ),
    ),
    Form("AT+CGREG=?"),
    Form(
        "AT+CGREG?",
        typed(
            "bring-up: registration, second try",
            "shared/test_bringup.py::test_no_network@luat",
            "test_dialect_firmware.py::test_news_are_asked_for_where_the_modem_is_registered",
        ),
        heard=("test_vmodem_boot.py::test_registration_with_every_n",),
    ),
    Form(
        "AT+CGREG=<n>",
        typed(
            "bring-up: registration news, where `AT+CGREG?` told it",
            "test_dialect_firmware.py::test_news_are_asked_for_where_the_modem_is_registered",
        ),
        example="AT+CGREG=1",
        heard=("test_vmodem_boot.py::test_change_of_registration_is_reported_without_n",),
    ),
    Form("AT+CEREG=?", modems={"sim800": NO_EPS}),
    Form(
        "AT+CEREG?",
        typed("bring-up: registration, third try", "shared/test_bringup.py::test_no_network@luat"),
        engines={"sim800": ON_REQUEST},
        modems={"sim800": NO_EPS},
        heard=(
            "test_vmodem_commands.py::test_registration_query_with_location@luat",
            "test_vmodem_line.py::test_sim800_lacks@sim800",
        ),
    ),
    Form(
        "AT+CEREG=<n>",
        typed(
            "bring-up: registration news, where `AT+CEREG?` told it",
            "shared/test_bringup.py::test_registered_for_packets_only@luat",
        ),
        engines={"sim800": ON_REQUEST},
        modems={"sim800": NO_EPS},
        example="AT+CEREG=1",
        heard=("test_vmodem_commands.py::test_registration_query_with_location@luat",),
    ),
    Form("AT+COPS=?"),
    Form(
        "AT+COPS?",
        typed('`modem.status("operator")`', "test_dialect_firmware.py::test_facts"),
        heard=("test_vmodem_boot.py::test_operator",),
    ),
    Form("AT+COPS=<mode>", example="AT+COPS=0"),
    Form("AT+CGATT=?"),
    Form(
        "AT+CGATT?",
        typed(
            "bring-up: attach",
            "shared/test_bringup.py::test_everything_in_order@luat",
            "test_dialect_firmware.py::test_nothing_unknown_is_said_in_a_bring_up",
        ),
        heard=(
            "test_vmodem_commands.py::test_answer@luat",
            "test_vmodem_boot.py::test_sim800_reports_what_cfun_0_takes_before_the_ok@sim800",
        ),
    ),
    Form(
        "AT+CGATT=<0|1>",
        typed(
            "bring-up: attach, each tenth try",
            "shared/test_bringup.py::test_attach_is_asked_for@luat",
            "test_dialect_firmware.py::test_a_modem_that_is_not_attached_is_told_to",
        ),
        example="AT+CGATT=1",
        heard=(
            "test_vmodem_commands.py::test_leaving_the_network_releases_the_context@luat",
            "test_vmodem_boot.py::test_order_of_ok_and_deact",
        ),
    ),
    Form("AT+CGDCONT=?"),
    Form(
        "AT+CGDCONT?",
        heard=("test_vmodem_context.py::test_contexts_that_are_defined",),
    ),
    Form(
        'AT+CGDCONT=<cid>,"IP","<apn>"',
        example='AT+CGDCONT=1,"IP","cmnet"',
        heard=("test_vmodem_context.py::test_contexts_that_are_defined",),
    ),
    Form("AT+CGACT=?"),
    Form(
        "AT+CGACT?",
        heard=("test_vmodem_context.py::test_activation_of_a_context",),
    ),
    Form(
        "AT+CGACT=<0|1>,<cid>",
        never("`AT+CIICR` makes the context"),
        example="AT+CGACT=1,1",
        heard=(
            "test_vmodem_commands.py::test_leaving_the_network_releases_the_context@luat",
            "test_vmodem_context.py::test_activation_of_a_context",
        ),
    ),
    Form("AT+SAPBR=?"),
    Form(
        'AT+SAPBR=3,<cid>,"<tag>","<value>"',
        example='AT+SAPBR=3,1,"APN","cmnet"',
        heard=(
            "test_vmodem_commands.py::test_answer@luat",
            "test_vmodem_context.py::test_sim800_bearer@sim800",
        ),
    ),
    Form(
        "AT+SAPBR=<0|1|2|4>,<cid>",
        example="AT+SAPBR=2,1",
        heard=(
            "test_vmodem_commands.py::test_answer@luat",
            "test_vmodem_context.py::test_sim800_bearer@sim800",
        ),
    ),
    Form("AT+CFUN=?"),
    Form(
        "AT+CFUN?",
        heard=("test_vmodem_boot.py::test_cfun_4_leaves_the_sim",),
    ),
    Form(
        "AT+CFUN=<0|1|4>",
        typed(
            "ladder: radio off, radio on",
            "shared/test_ladder.py::test_each_rung_that_is_a_command_is_taken_once_an_attempt@luat",
            "test_dialect_firmware.py::test_the_radio_is_switched_off_and_on_and_then_the_modem_restarted",
        ),
        example="AT+CFUN=1",
        heard=(
            "test_vmodem_commands.py::test_cfun_0_and_1@luat",
            "test_vmodem_boot.py::test_cfun_4_leaves_the_sim",
        ),
    ),
    Form(
        "AT+CFUN=1,<0|1>",
        typed(
            "ladder: restart",
            "shared/test_ladder.py::test_each_rung_that_is_a_command_is_taken_once_an_attempt@luat",
            "test_dialect_firmware.py::test_the_radio_is_switched_off_and_on_and_then_the_modem_restarted",
        ),
        example="AT+CFUN=1,1",
        heard=(
            "test_vmodem_faults.py::test_cfun_1_1_restarts@luat",
            "test_vmodem_boot.py::test_restart_by_command",
        ),
    ),
    Form(
        "AT+RESET",
        never("the ladder restarts by `AT+CFUN=1,1`, which both families have"),
        modems={"sim800": NOT_SIM800},
        heard=(
            "test_vmodem_commands.py::test_restart_forgets_everything@luat",
            "test_vmodem_line.py::test_sim800_lacks@sim800",
        ),
    ),
    Form(
        "AT+CPOWD=<0|1>",
        never("without a power key nothing could switch it on again"),
        example="AT+CPOWD=1",
        heard=("test_vmodem_boot.py::test_cpowd",),
    ),
)
