"""Opening, closing, serving: one of the links."""

from .form import MULTI, SINGLE, SPEAKS, Form, never, refuses, typed
from .general import NOT_LUAT, NOT_SIM800

ONE_MODE = "the form of the other mode"
NO_SERVER = NOT_LUAT

LINKS = (
    Form(
        "AT+CIPSTART=?",
        never("the ranges are the manual's"),
        mode=SINGLE,
        heard=("test_vmodem_links.py::test_test_form_names_link_kind_address_and_port@luat",),
    ),
    Form(
        "AT+CIPSTART=?",
        never("the ranges are the manual's"),
        mode=MULTI,
        at="multi idle",
        heard=("test_vmodem_links.py::test_test_form_names_link_kind_address_and_port@luat",),
    ),
    Form(
        'AT+CIPSTART="<mode>","<server>",<port>',
        typed("`socket.connect`", "shared/test_seed_cipstart.py::test_single_ok_then_connect_ok"),
        mode=SINGLE,
        example='AT+CIPSTART="TCP","echo",7',
        at="single up",
        heard=(
            "test_vmodem_links.py::test_every_spelling_in_both_modes@luat",
            "test_vmodem_links.py::test_single_link_starts_from_ip_initial_too@luat",
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
        typed("`socket.connect`", "shared/test_seed_cipstart.py::test_multi_ok_then_connect_ok"),
        mode=MULTI,
        example='AT+CIPSTART=0,"TCP","echo",7',
        at="multi up",
        heard=(
            "test_vmodem_links.py::test_every_spelling_in_both_modes@luat",
            "test_vmodem_links.py::test_multi_link_needs_the_whole_bring_up@luat",
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
    Form("AT+CIPCLOSE=?"),
    Form(
        "AT+CIPCLOSE",
        typed(
            "`socket.close`",
            "shared/test_seed_cipstart.py::test_single_link_states_from_connecting_to_closed",
        ),
        mode=SINGLE,
        at="single link",
        heard=("test_vmodem_links.py::test_single_link_states@luat",),
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
    ),
    Form(
        "AT+CIPCLOSE=<n>",
        typed(
            "`socket.close`", "shared/test_send.py::test_close_drains_then_asks_cipack_then_closes"
        ),
        mode=MULTI,
        example="AT+CIPCLOSE=0",
        at="multi link",
        heard=("test_vmodem_links.py::test_peer_is_told_of_the_hosts_close_once@luat",),
    ),
    Form(
        "AT+CIPCLOSE=<n>,<0|1>",
        never("the default is enough: what was written has been acknowledged by then"),
        mode=MULTI,
        example="AT+CIPCLOSE=0,1",
        at="multi link",
        heard=("test_vmodem_links.py::test_close@luat",),
    ),
    Form(
        "AT+CLPORT?",
        mode=SINGLE,
        heard=("test_vmodem_commands.py::test_local_ports@luat",),
    ),
    Form(
        "AT+CLPORT?",
        mode=MULTI,
        at="multi idle",
        heard=("test_vmodem_commands.py::test_local_ports@luat",),
    ),
    Form(
        'AT+CLPORT="<mode>",<port>',
        typed("`socket.bind`"),
        mode=SINGLE,
        example='AT+CLPORT="TCP",5000',
        heard=("test_vmodem_commands.py::test_local_ports@luat",),
    ),
    Form(
        'AT+CLPORT=<n>,"<mode>",<port>',
        typed("`socket.bind`"),
        mode=MULTI,
        example='AT+CLPORT=0,"TCP",5000',
        at="multi idle",
        heard=("test_vmodem_commands.py::test_local_ports@luat",),
    ),
    Form("AT+CIPTKA=?"),
    Form("AT+CIPTKA?"),
    Form(
        "AT+CIPTKA=<0|1>[,<idle>[,<interval>[,<count>]]]",
        typed("`setsockopt(SO_KEEPALIVE)`"),
        example="AT+CIPTKA=1,7200,75,9",
    ),
    Form("AT+CIPSERVER=?", modem=NO_SERVER, modems={"sim800": SPEAKS, "air724": SPEAKS}),
    Form("AT+CIPSERVER?", modem=NO_SERVER, modems={"sim800": SPEAKS, "air724": SPEAKS}),
    Form(
        "AT+CIPSERVER=1,<port>",
        typed("`socket.listen`"),
        NO_SERVER,
        modems={"sim800": SPEAKS, "air724": SPEAKS},
        example="AT+CIPSERVER=1,80",
        at="multi up",
    ),
    Form(
        "AT+CIPSERVER=0",
        typed("`close` of a listening socket"),
        NO_SERVER,
        modems={"sim800": SPEAKS, "air724": SPEAKS},
        at="server",
    ),
    Form("AT+CIPUDPMODE?", modems={"luat": NOT_LUAT}, at="single up"),
    Form(
        "AT+CIPUDPMODE=<0|1|2>",
        modems={"luat": NOT_LUAT},
        mode=SINGLE,
        example="AT+CIPUDPMODE=0",
        at="single up",
    ),
    Form("AT+CIPDPDP?", modems={"luat": NOT_LUAT}),
    Form(
        "AT+CIPDPDP=<mode>[,<interval>,<timer>]",
        modems={"luat": NOT_LUAT},
        example="AT+CIPDPDP=1,10,3",
    ),
    Form("AT+CIPRDTIMER?", modems={"luat": NOT_LUAT}),
    Form(
        "AT+CIPRDTIMER=<slow>,<quick>",
        modems={"luat": NOT_LUAT},
        example="AT+CIPRDTIMER=2000,3500",
    ),
    Form(
        "AT+CIPQRCLOSE=<0|1>",
        modems={"luat": NOT_LUAT, "sim800": NOT_SIM800},
        example="AT+CIPQRCLOSE=1",
    ),
)
