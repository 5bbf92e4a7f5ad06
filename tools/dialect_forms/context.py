"""The IP context: mode, APN, activation, address, names, settings."""

from .form import MULTI, ON_REQUEST, SINGLE, Form, never, refuses, typed
from .reasons import NOT_LUAT, NOT_SIM800

CONTEXT = (
    Form(
        "AT+CIPMUX=?",
        heard=("test_vmodem_commands.py::test_answer@luat",),
    ),
    Form(
        "AT+CIPMUX?",
        heard=("test_vmodem_commands.py::test_answer@luat",),
    ),
    Form(
        "AT+CIPMUX=<0|1>",
        typed(
            "bring-up: link mode",
            "shared/test_bringup.py::test_everything_in_order@luat",
            "test_dialect_firmware.py::test_nothing_unknown_is_said_in_a_bring_up",
        ),
        example="AT+CIPMUX=1",
        heard=(
            "test_vmodem_commands.py::test_transparent_mode_and_multi_link_mode_exclude_each_other@luat",
            "test_vmodem_start.py::test_multi_link_form_never_starts_from_ip_initial@sim800",
        ),
    ),
    Form(
        "AT+CSTT=?",
        heard=("test_vmodem_context.py::test_access_point",),
    ),
    Form(
        "AT+CSTT?",
        heard=("test_vmodem_context.py::test_access_point",),
    ),
    Form(
        'AT+CSTT="<apn>"[,"<user>"[,"<password>"]]',
        typed(
            "bring-up: apn",
            "shared/test_bringup.py::test_everything_in_order@luat",
            "test_dialect_firmware.py::test_nothing_unknown_is_said_in_a_bring_up",
        ),
        example='AT+CSTT="cmnet","",""',
        heard=(
            "test_vmodem_commands.py::test_bring_up_state_by_state@luat",
            "test_vmodem_context.py::test_longest_credentials",
        ),
    ),
    Form(
        "AT+CSTT",
        typed(
            'bring-up: apn, where `apn=""` leaves it to the network',
            "shared/test_bringup.py::test_without_an_apn_the_network_gives_its_own@luat",
            "test_dialect_firmware.py::test_an_apn_of_the_network",
        ),
        heard=(
            "test_vmodem_commands.py::test_setting_after_cstt_is_refused_even_if_nothing_changes@luat",
            "test_vmodem_context.py::test_bare_cstt_is_refused_by_firmware_that_wants_a_name",
        ),
    ),
    Form(
        "AT+CIICR=?",
        heard=("test_vmodem_context.py::test_test_forms",),
    ),
    Form(
        "AT+CIICR",
        typed(
            "bring-up: bearer",
            "shared/test_bringup.py::test_everything_in_order@luat",
            "test_dialect_firmware.py::test_nothing_unknown_is_said_in_a_bring_up",
        ),
        at="started",
        heard=(
            "test_vmodem_commands.py::test_ip_config_while_ciicr_is_at_work@luat",
            "test_vmodem_commands.py::test_ciicr_without_registration_fails_and_needs_cipshut@luat",
            "test_vmodem_errors.py::test_activation_that_fails_before_cmee_is_set@sim800",
        ),
    ),
    Form(
        "AT+CIFSR=?",
        heard=("test_vmodem_context.py::test_test_forms",),
    ),
    Form(
        "AT+CIFSR",
        typed(
            "bring-up: address",
            "shared/test_bringup.py::test_everything_in_order@luat",
            "test_dialect_firmware.py::test_nothing_unknown_is_said_in_a_bring_up",
        ),
        at="single up",
        heard=(
            "test_vmodem_commands.py::test_cifsr_answers_the_address_and_no_ok@luat",
            "test_vmodem_line.py::test_sim800_cifsr_ends_with_ok_before_another_command@sim800",
        ),
    ),
    Form(
        "AT+CIPSTATUS=?",
        heard=("test_vmodem_start.py::test_test_forms_that_are_just_ok@luat",),
    ),
    Form(
        "AT+CIPSTATUS",
        typed(
            "resync, check of an idle modem",
            "test_dialect_firmware.py::test_a_link_from_connect_to_close",
        ),
        mode=SINGLE,
        heard=("test_vmodem_links.py::test_single_link_states@luat",),
    ),
    Form(
        "AT+CIPSTATUS",
        typed(
            "resync, check of an idle modem",
            "shared/test_ladder.py::test_checks_of_an_idle_modem_are_no_resyncs@luat",
            "shared/test_resync.py::test_all_as_we_think@luat",
            "test_dialect_firmware.py::test_a_link_from_connect_to_close",
        ),
        mode=MULTI,
        at="multi up",
        heard=(
            "test_vmodem_commands.py::test_status_in_multi_link_mode_has_six_lines_in_every_state@luat",
            "test_vmodem_server.py::test_server_line_of_cipstatus@sim800",
        ),
    ),
    Form(
        "AT+CIPSTATUS=<n>",
        ON_REQUEST,
        mode=MULTI,
        example="AT+CIPSTATUS=0",
        at="multi up",
        heard=("test_vmodem_links.py::test_status_of_one_link@luat",),
    ),
    Form(
        "AT+CIPSTATUS=<n>",
        ON_REQUEST,
        refuses("single-link mode has no link numbers"),
        mode=SINGLE,
        example="AT+CIPSTATUS=0",
        at="single up",
        heard=("test_vmodem_links.py::test_status_of_one_link@luat",),
    ),
    Form(
        "AT+CIPSHUT=?",
        heard=("test_vmodem_context.py::test_test_forms",),
    ),
    Form(
        "AT+CIPSHUT",
        typed(
            "bring-up: shut; `modem.disconnect()`",
            "shared/test_bringup.py::test_everything_in_order@luat",
            "shared/test_bringup.py::test_disconnect_takes_it_down@luat",
            "test_dialect_firmware.py::test_nothing_unknown_is_said_in_a_bring_up",
        ),
        heard=(
            "test_vmodem_links.py::test_shut_takes_all_links_without_a_word@luat",
            "test_vmodem_context.py::test_bring_up",
        ),
    ),
    Form("AT+CDNSGIP=?"),
    Form(
        'AT+CDNSGIP="<name>"',
        typed(
            "`modem.aio.resolve`",
            "test_security.py::test_a_name_gets_no_address_from_an_answer_that_is_not_to_it@luat",
            "test_dialect_firmware.py::test_a_name",
        ),
        example='AT+CDNSGIP="echo"',
        at="multi up",
        heard=(
            "test_vmodem_commands.py::test_name_is_resolved_after_the_ok@luat",
            "test_vmodem_context.py::test_names_with_and_without_a_space",
        ),
    ),
    Form(
        "AT+CDNSCFG=?",
        heard=("test_vmodem_context.py::test_name_servers",),
    ),
    Form(
        "AT+CDNSCFG?",
        typed('`modem.ipconfig("dns")`', "test_dialect_firmware.py::test_facts"),
        heard=("test_vmodem_context.py::test_name_servers",),
    ),
    Form(
        'AT+CDNSCFG="<first>"[,"<second>"]',
        typed(
            "`modem.ipconfig(dns=…)`; bring-up: name servers",
            "test_dialect_firmware.py::test_name_servers_are_set_again_after_a_restart",
        ),
        example='AT+CDNSCFG="1.1.1.1","8.8.8.8"',
        heard=("test_vmodem_context.py::test_name_servers",),
    ),
    Form(
        "AT+CIPSCONT?",
        heard=("test_vmodem_context.py::test_saved_application_settings",),
    ),
    Form(
        "AT+CIPSCONT",
        heard=("test_vmodem_context.py::test_saved_application_settings",),
    ),
    Form(
        'AT+CIPPING="<host>"',
        modems={"sim800": NOT_SIM800},
        example='AT+CIPPING="echo"',
        at="multi up",
        heard=(
            "test_vmodem_context.py::test_pings@luat",
            "test_vmodem_line.py::test_sim800_lacks@sim800",
        ),
    ),
    Form("AT+CIPSGTXT=?", modems={"luat": NOT_LUAT}),
    Form(
        "AT+CIPSGTXT?",
        modems={"luat": NOT_LUAT},
        heard=(
            "test_vmodem_local.py::test_context_shows_in_the_lines_of_links_opened_on_it@sim800",
        ),
    ),
    Form(
        "AT+CIPSGTXT=<0|1>",
        never("one context is enough"),
        modems={"luat": NOT_LUAT},
        example="AT+CIPSGTXT=0",
        at="multi idle",
        heard=("test_vmodem_local.py::test_context_is_for_several_links_on_sim800_only",),
    ),
)
