"""Opening, closing, serving: one of the links."""

from .form import MULTI, SINGLE, SPEAKS, Form, never, refuses, typed
from .general import NOT_LUAT, NOT_SIM800

EVERY_SOCKET = typed("`socket.connect`")
ONE_MODE = "the form of the other mode"
NO_SERVER = NOT_LUAT

LINKS = (
    Form("AT+CIPSTART=?", never("the ranges are the manual's"), mode=SINGLE),
    Form("AT+CIPSTART=?", never("the ranges are the manual's"), mode=MULTI, at="multi idle"),
    Form(
        'AT+CIPSTART="<mode>","<server>",<port>',
        EVERY_SOCKET,
        mode=SINGLE,
        example='AT+CIPSTART="TCP","echo",7',
        at="single up",
    ),
    Form(
        'AT+CIPSTART="<mode>","<server>",<port>',
        never(ONE_MODE),
        refuses(ONE_MODE),
        mode=MULTI,
        example='AT+CIPSTART="TCP","echo",7',
        at="multi up",
    ),
    Form(
        'AT+CIPSTART=<n>,"<mode>","<server>",<port>',
        EVERY_SOCKET,
        mode=MULTI,
        example='AT+CIPSTART=0,"TCP","echo",7',
        at="multi up",
    ),
    Form(
        'AT+CIPSTART=<n>,"<mode>","<server>",<port>',
        never(ONE_MODE),
        refuses(ONE_MODE),
        mode=SINGLE,
        example='AT+CIPSTART=0,"TCP","echo",7',
        at="single up",
    ),
    Form("AT+CIPCLOSE=?"),
    Form("AT+CIPCLOSE", typed("`socket.close`"), mode=SINGLE, at="single link"),
    Form(
        "AT+CIPCLOSE",
        never(ONE_MODE),
        refuses(ONE_MODE),
        mode=MULTI,
        at="multi link",
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
        typed("`socket.close`"),
        mode=MULTI,
        example="AT+CIPCLOSE=0",
        at="multi link",
    ),
    Form(
        "AT+CIPCLOSE=<n>,<0|1>",
        never("the default is enough: what was written has been acknowledged by then"),
        mode=MULTI,
        example="AT+CIPCLOSE=0,1",
        at="multi link",
    ),
    Form("AT+CLPORT?", mode=SINGLE),
    Form("AT+CLPORT?", mode=MULTI, at="multi idle"),
    Form(
        'AT+CLPORT="<mode>",<port>',
        typed("`socket.bind`"),
        mode=SINGLE,
        example='AT+CLPORT="TCP",5000',
    ),
    Form(
        'AT+CLPORT=<n>,"<mode>",<port>',
        typed("`socket.bind`"),
        mode=MULTI,
        example='AT+CLPORT=0,"TCP",5000',
        at="multi idle",
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
