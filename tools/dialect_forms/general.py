"""Identity, SIM, registration, radio, serial line: what stands before the TCP/IP commands."""

from .form import Form, never, refuses, typed, unknown

NOT_SIM800 = unknown("not in the SIM800 manual")
NOT_LUAT = unknown("not in the Luat manual")
NO_EPS = unknown("2G has no EPS")

GENERAL = (
    Form("AT", typed("search, resync, after `AT+IPR`")),
    Form("ATE<0|1>", typed("bring-up: echo off; resync"), example="ATE1"),
    Form("ATI", typed("bring-up: model")),
    Form("AT+CGMM"),
    Form("AT+GMM"),
    Form("AT+CGMR"),
    Form("AT+VER", modems={"sim800": NOT_SIM800}),
    Form("AT+CGSN", typed('`modem.config("imei")`')),
    Form("AT+CIMI", typed('`modem.config("imsi")`')),
    Form(
        "AT+ICCID",
        typed('`modem.config("iccid")`'),
        engines={"sim800": never("`AT+CCID` there")},
        modems={"sim800": NOT_SIM800},
    ),
    Form(
        "AT+CCID",
        typed('`modem.config("iccid")`'),
        engines={"luat": never("`AT+ICCID` there")},
        modems={"luat": NOT_LUAT},
    ),
    Form("AT+CMEE=?"),
    Form("AT+CMEE?"),
    Form("AT+CMEE=<n>", typed("bring-up: error numbers"), example="AT+CMEE=1"),
    Form("AT&W"),
    # SIM, registration, radio
    Form("AT+CPIN?", typed("bring-up: sim, unlocked")),
    Form(
        'AT+CPIN="<pin>"',
        typed("bring-up: pin"),
        refuses("the card asks for none"),
        example='AT+CPIN="1234"',
    ),
    Form("AT+CSQ", typed("bring-up: signal")),
    Form("AT+CREG?", typed("bring-up: registration")),
    Form("AT+CREG=<n>", typed("bring-up: registration news"), example="AT+CREG=1"),
    Form("AT+CGREG?", typed("bring-up: registration, second try")),
    Form(
        "AT+CGREG=<n>",
        typed("bring-up: registration news, where `AT+CGREG?` told it"),
        example="AT+CGREG=1",
    ),
    Form(
        "AT+CEREG?",
        typed("bring-up: registration, third try"),
        engines={"sim800": never("2G has no EPS")},
        modems={"sim800": NO_EPS},
    ),
    Form(
        "AT+CEREG=<n>",
        typed("bring-up: registration news, where `AT+CEREG?` told it"),
        engines={"sim800": never("2G has no EPS")},
        modems={"sim800": NO_EPS},
        example="AT+CEREG=1",
    ),
    Form("AT+COPS?"),
    Form("AT+CGATT?", typed("bring-up: attach")),
    Form("AT+CGATT=<0|1>", typed("bring-up: attach, each tenth try"), example="AT+CGATT=1"),
    Form("AT+CGDCONT?"),
    Form('AT+CGDCONT=<cid>,"IP","<apn>"', example='AT+CGDCONT=1,"IP","cmnet"'),
    Form("AT+CGACT?"),
    Form("AT+CGACT=<0|1>,<cid>", example="AT+CGACT=1,1"),
    Form('AT+SAPBR=3,<cid>,"<tag>","<value>"', example='AT+SAPBR=3,1,"APN","cmnet"'),
    Form("AT+SAPBR=<0|1|2|4>,<cid>", example="AT+SAPBR=2,1"),
    Form("AT+CFUN?"),
    Form("AT+CFUN=<0|1|4>", typed("ladder: radio off, radio on"), example="AT+CFUN=1"),
    Form("AT+CFUN=1,<0|1>", typed("ladder: restart"), example="AT+CFUN=1,1"),
    Form("AT+RESET", modems={"sim800": NOT_SIM800}),
    Form("AT+CPOWD=<0|1>", example="AT+CPOWD=1"),
    # Serial line, clock, sleep
    Form("AT+IPR=?"),
    Form("AT+IPR?"),
    Form("AT+IPR=<rate>", typed("bring-up: speed, where `baud=` says so"), example="AT+IPR=9600"),
    Form("AT+IFC?", typed("bring-up: flow control, where `flow=True` says so")),
    Form("AT+IFC=<n>,<n>", example="AT+IFC=2,2"),
    Form("AT&C<n>", example="AT&C1"),
    Form("AT&D<n>", example="AT&D1"),
    Form("AT+CSCLK?"),
    Form("AT+CSCLK=<n>", example="AT+CSCLK=0"),
    Form("AT+CCLK?"),
    Form("AT+CLTS=<0|1>", example="AT+CLTS=1", modems={"luat": NOT_LUAT}),
    Form("AT+CIURC=<0|1>", example="AT+CIURC=1", modems={"luat": NOT_LUAT}),
)
