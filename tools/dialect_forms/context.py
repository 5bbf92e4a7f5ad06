"""The IP context: mode, APN, activation, address, names, settings."""

from .form import MULTI, SINGLE, Form, never, refuses, typed
from .general import NOT_LUAT, NOT_SIM800

CONTEXT = (
    Form("AT+CIPMUX=?"),
    Form("AT+CIPMUX?"),
    Form("AT+CIPMUX=<0|1>", typed("bring-up: link mode"), example="AT+CIPMUX=1"),
    Form("AT+CSTT=?"),
    Form("AT+CSTT?"),
    Form(
        'AT+CSTT="<apn>"[,"<user>"[,"<password>"]]',
        typed("bring-up: apn"),
        example='AT+CSTT="cmnet","",""',
    ),
    Form("AT+CSTT", typed('bring-up: apn, where `apn=""` leaves it to the network')),
    Form("AT+CIICR=?"),
    Form("AT+CIICR", typed("bring-up: bearer"), at="started"),
    Form("AT+CIFSR=?"),
    Form("AT+CIFSR", typed("bring-up: address"), at="single up"),
    Form("AT+CIPSTATUS=?"),
    Form("AT+CIPSTATUS", typed("resync, check of an idle modem"), mode=SINGLE),
    Form("AT+CIPSTATUS", typed("resync, check of an idle modem"), mode=MULTI, at="multi up"),
    Form(
        "AT+CIPSTATUS=<n>",
        never("`AT+CIPSTATUS` tells of all links at once"),
        mode=MULTI,
        example="AT+CIPSTATUS=0",
        at="multi up",
    ),
    Form(
        "AT+CIPSTATUS=<n>",
        never("there is one link only"),
        refuses("single-link mode has no link numbers"),
        mode=SINGLE,
        example="AT+CIPSTATUS=0",
        at="single up",
    ),
    Form("AT+CIPSHUT=?"),
    Form("AT+CIPSHUT", typed("bring-up: shut; `modem.disconnect()`")),
    Form(
        'AT+CDNSGIP="<name>"',
        typed("`modem.aio.resolve`"),
        example='AT+CDNSGIP="echo"',
        at="multi up",
    ),
    Form("AT+CDNSCFG=?"),
    Form("AT+CDNSCFG?"),
    Form('AT+CDNSCFG="<first>"[,"<second>"]', example='AT+CDNSCFG="1.1.1.1","8.8.8.8"'),
    Form("AT+CIPSCONT?"),
    Form("AT+CIPSCONT"),
    Form(
        'AT+CIPPING="<host>"',
        modems={"sim800": NOT_SIM800},
        example='AT+CIPPING="echo"',
        at="multi up",
    ),
    Form("AT+CIPSGTXT=?", modems={"luat": NOT_LUAT}),
    Form("AT+CIPSGTXT?", modems={"luat": NOT_LUAT}),
    Form("AT+CIPSGTXT=<0|1>", modems={"luat": NOT_LUAT}, example="AT+CIPSGTXT=0", at="multi idle"),
)
