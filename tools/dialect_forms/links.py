"""Opening, closing, serving: one of the links."""

from .form import MULTI, SINGLE, SPEAKS, Form, never, refuses, typed
from .reasons import NOT_LUAT, NOT_SIM800, ONE_MODE

LINKS = (
    Form(
        "AT+CIPSTART=?",
        typed(
            "bring-up: capability", "test_dialect_firmware.py::test_a_link_from_connect_to_close"
        ),
        mode=SINGLE,
        heard=("test_vmodem_links.py::test_test_form_names_link_kind_address_and_port@luat",),
    ),
    Form(
        "AT+CIPSTART=?",
        typed(
            "bring-up: capability",
            "test_dialect_firmware.py::test_nothing_unknown_is_said_in_a_bring_up",
        ),
        mode=MULTI,
        at="multi idle",
        heard=("test_vmodem_links.py::test_test_form_names_link_kind_address_and_port@luat",),
    ),
    Form(
        'AT+CIPSTART="<mode>","<server>",<port>',
        typed(
            "`socket.connect`",
            "shared/test_seed_cipstart.py::test_single_ok_then_connect_ok@luat",
            "test_dialect_firmware.py::test_a_link_from_connect_to_close",
        ),
        mode=SINGLE,
        example='AT+CIPSTART="TCP","echo",7',
        at="single up",
        heard=(
            "test_vmodem_links.py::test_every_spelling_in_both_modes@luat",
            "test_vmodem_links.py::test_single_link_starts_from_ip_initial_too@luat",
            "test_vmodem_start.py::test_single_link_from_ip_initial_has_a_limit_of_its_own",
        ),
    ),
    Form(
        'AT+CIPSTART="<mode>","<server>",<port>',
        never(ONE_MODE),
        refuses(ONE_MODE),
        mode=MULTI,
        example='AT+CIPSTART="TCP","echo",7',
        at="multi up",
        heard=("test_vmodem_links.py::test_form_of_the_other_mode_is_refused@luat",),
    ),
    Form(
        'AT+CIPSTART=<n>,"<mode>","<server>",<port>',
        typed(
            "`socket.connect`",
            "shared/test_seed_cipstart.py::test_multi_ok_then_connect_ok@luat",
            "test_dialect_firmware.py::test_a_link_from_connect_to_close",
        ),
        mode=MULTI,
        example='AT+CIPSTART=0,"TCP","echo",7',
        at="multi up",
        heard=(
            "test_vmodem_links.py::test_every_spelling_in_both_modes@luat",
            "test_vmodem_links.py::test_multi_link_needs_the_whole_bring_up@luat",
            "test_vmodem_line.py::test_sim800_wants_quotes_around_host_and_name_but_not_around_mode_and_port@sim800",
        ),
    ),
    Form(
        'AT+CIPSTART=<n>,"<mode>","<server>",<port>',
        never(ONE_MODE),
        refuses(ONE_MODE),
        mode=SINGLE,
        example='AT+CIPSTART=0,"TCP","echo",7',
        at="single up",
        heard=("test_vmodem_links.py::test_form_of_the_other_mode_is_refused@luat",),
    ),
    Form(
        "AT+CIPCLOSE=?",
        heard=("test_vmodem_start.py::test_test_forms_that_are_just_ok@luat",),
    ),
    Form(
        "AT+CIPCLOSE",
        typed(
            "`socket.close`",
            "shared/test_seed_cipstart.py::test_single_link_states_from_connecting_to_closed@luat",
            "test_dialect_firmware.py::test_a_link_from_connect_to_close",
        ),
        mode=SINGLE,
        at="single link",
        heard=(
            "test_vmodem_links.py::test_single_link_states@luat",
            "test_vmodem_start.py::test_single_link_after_a_close",
        ),
    ),
    Form(
        "AT+CIPCLOSE",
        never(ONE_MODE),
        refuses(ONE_MODE),
        mode=MULTI,
        at="multi link",
        heard=("test_vmodem_links.py::test_close@luat",),
    ),
    Form(
        "AT+CIPCLOSE=<0|1>",
        never("the default is enough: what was written has been acknowledged by then"),
        mode=SINGLE,
        example="AT+CIPCLOSE=1",
        at="single link",
        heard=(
            "test_vmodem_start.py::test_quick_close_is_answered_at_once_and_a_slow_one_when_the_peer_has_heard@luat",
        ),
    ),
    Form(
        "AT+CIPCLOSE=<n>",
        typed(
            "`socket.close`",
            "shared/test_send.py::test_close_drains_then_asks_cipack_then_closes@luat",
            "test_dialect_firmware.py::test_a_link_from_connect_to_close",
        ),
        mode=MULTI,
        example="AT+CIPCLOSE=0",
        at="multi link",
        heard=(
            "test_vmodem_links.py::test_peer_is_told_of_the_hosts_close_once@luat",
            "test_vmodem_server.py::test_bytes_both_ways_and_a_close_by_either@sim800",
        ),
    ),
    Form(
        "AT+CIPCLOSE=<n>,<0|1>",
        never("the default is enough: what was written has been acknowledged by then"),
        mode=MULTI,
        example="AT+CIPCLOSE=0,1",
        at="multi link",
        heard=("test_vmodem_links.py::test_close@luat",),
    ),
    Form("AT+CLPORT=?"),
    Form(
        "AT+CLPORT?",
        mode=SINGLE,
        heard=(
            "test_vmodem_commands.py::test_local_ports@luat",
            "test_vmodem_local.py::test_port_0_gives_the_choice_back_on_sim800_only@sim800",
        ),
    ),
    Form(
        "AT+CLPORT?",
        mode=MULTI,
        at="multi idle",
        heard=("test_vmodem_commands.py::test_local_ports@luat",),
    ),
    Form(
        'AT+CLPORT="<mode>",<port>',
        typed("`socket.bind`", "test_dialect_firmware.py::test_a_port_of_our_own"),
        mode=SINGLE,
        example='AT+CLPORT="TCP",5000',
        heard=(
            "test_vmodem_commands.py::test_local_ports@luat",
            "test_vmodem_local.py::test_port_0_gives_the_choice_back_on_sim800_only",
        ),
    ),
    Form(
        'AT+CLPORT=<n>,"<mode>",<port>',
        typed("`socket.bind`", "test_dialect_firmware.py::test_a_port_of_our_own"),
        mode=MULTI,
        example='AT+CLPORT=0,"TCP",5000',
        at="multi idle",
        heard=("test_vmodem_commands.py::test_local_ports@luat",),
    ),
    Form(
        "AT+CIPTKA=?",
        heard=("test_vmodem_local.py::test_forms_of_keep_alive",),
    ),
    Form(
        "AT+CIPTKA?",
        heard=("test_vmodem_local.py::test_forms_of_keep_alive",),
    ),
    Form(
        "AT+CIPTKA=<0|1>[,<idle>[,<interval>[,<count>]]]",
        typed(
            "`setsockopt(SO_KEEPALIVE)`; bring-up: keep-alive",
            "test_dialect_firmware.py::test_keep_alive",
        ),
        example="AT+CIPTKA=1,7200,75,9",
        heard=(
            "test_vmodem_local.py::test_forms_of_keep_alive",
            "test_vmodem_local.py::test_keep_alive_finds_a_peer_that_vanished@luat",
        ),
    ),
    Form(
        "AT+CIPSERVER=?",
        modem=NOT_LUAT,
        modems={"sim800": SPEAKS, "air724": SPEAKS},
        heard=(
            "test_vmodem_server.py::test_forms@sim800",
            "test_vmodem_server.py::test_luat_has_no_server@luat",
        ),
    ),
    Form(
        "AT+CIPSERVER?",
        modem=NOT_LUAT,
        modems={"sim800": SPEAKS, "air724": SPEAKS},
        heard=(
            "test_vmodem_server.py::test_forms@sim800",
            "test_vmodem_server.py::test_luat_has_no_server@luat",
        ),
    ),
    Form(
        "AT+CIPSERVER=1,<port>",
        typed("`socket.listen`", "test_dialect_firmware.py::test_a_server_comes_and_goes"),
        NOT_LUAT,
        modems={"sim800": SPEAKS, "air724": SPEAKS},
        example="AT+CIPSERVER=1,80",
        at="multi up",
        heard=(
            "test_vmodem_server.py::test_luat_has_no_server@luat",
            "test_vmodem_server.py::test_bad_arguments_start_nothing@sim800",
        ),
    ),
    Form(
        "AT+CIPSERVER=0",
        typed(
            "`close` of a listening socket",
            "test_dialect_firmware.py::test_a_server_comes_and_goes",
        ),
        NOT_LUAT,
        modems={"sim800": SPEAKS, "air724": SPEAKS},
        at="server",
        heard=(
            "test_vmodem_server.py::test_luat_has_no_server@luat",
            "test_vmodem_server.py::test_closing_the_server_leaves_the_links@sim800",
        ),
    ),
    Form("AT+CIPUDPMODE=?", modems={"luat": NOT_LUAT}),
    Form(
        "AT+CIPUDPMODE?",
        modems={"luat": NOT_LUAT},
        at="single up",
        heard=("test_vmodem_local.py::test_forms_of_udp_mode@sim800",),
    ),
    Form(
        "AT+CIPUDPMODE=<0|1|2>",
        never("a socket has one peer"),
        modems={"luat": NOT_LUAT},
        mode=SINGLE,
        example="AT+CIPUDPMODE=0",
        at="single up",
        heard=("test_vmodem_local.py::test_forms_of_udp_mode@sim800",),
    ),
    Form("AT+CIPDPDP=?", modems={"luat": NOT_LUAT}),
    Form(
        "AT+CIPDPDP?",
        modems={"luat": NOT_LUAT},
        heard=("test_vmodem_local.py::test_supervision_timers_are_remembered",),
    ),
    Form(
        "AT+CIPDPDP=<mode>[,<interval>,<timer>]",
        modems={"luat": NOT_LUAT},
        example="AT+CIPDPDP=1,10,3",
        heard=("test_vmodem_local.py::test_supervision_timers_are_remembered@sim800",),
    ),
    Form("AT+CIPRDTIMER=?", modems={"luat": NOT_LUAT}),
    Form(
        "AT+CIPRDTIMER?",
        modems={"luat": NOT_LUAT},
        heard=("test_vmodem_local.py::test_supervision_timers_are_remembered",),
    ),
    Form(
        "AT+CIPRDTIMER=<slow>,<quick>",
        modems={"luat": NOT_LUAT},
        example="AT+CIPRDTIMER=2000,3500",
        heard=("test_vmodem_local.py::test_supervision_timers_are_remembered@sim800",),
    ),
    Form("AT+CIPQRCLOSE=?", modems={"luat": NOT_LUAT, "sim800": NOT_SIM800}),
    Form("AT+CIPQRCLOSE?", modems={"luat": NOT_LUAT, "sim800": NOT_SIM800}),
    Form(
        "AT+CIPQRCLOSE=<0|1>",
        modems={"luat": NOT_LUAT, "sim800": NOT_SIM800},
        example="AT+CIPQRCLOSE=1",
        heard=("test_vmodem_local.py::test_quick_remote_close_is_sim900s",),
    ),
)
