"""A PIN and a password are typed once and shown nowhere.

docs/threat-model.md names these tests beside its claims.
"""

import io
import json

import pytest
from shared.session import splits
from sixlink.errors import ModemError
from world import World

from tools.vmodem import stats
from tools.vmodem.trace import HOST, MODEM, Trace

PIN, USER, PASSWORD = "2468", "anna-s", "pa55word"
SECRETS = (PIN, USER, PASSWORD)


def world(pin=PIN):
    credentials = {"pin": PIN, "user": USER, "password": PASSWORD}
    return World(pin=pin, nic=credentials)


def everything_shown(world, *more):
    sock = world.nic.socket()
    shown = [repr(world.nic), repr(sock), *world.log, json.dumps(stats.snapshot(world.modem))]
    return "\n".join(shown + [str(one) for one in more] + [repr(one) for one in more])


def test_what_a_modem_shows_holds_no_secret():
    here = world()
    here.nic.connect()
    typed = here.trace()
    assert all(secret in typed for secret in SECRETS)  # they were used
    assert "apn: ok" in here.log  # what events carry, too
    shown = everything_shown(here, here.nic.status(), here.nic.ifconfig(), vars(here.nic))
    assert "cmnet" in here.nic.config("apn")
    assert not any(secret in shown for secret in SECRETS)
    for name in ("pin", "password"):
        with pytest.raises(ValueError, match=name):
            here.nic.config(name)


def test_an_error_about_a_wrong_pin_does_not_tell_it():
    here = world(pin="1357")
    with pytest.raises(ModemError) as failed:
        here.nic.connect()
    assert failed.value.step == "pin"
    shown = everything_shown(here, failed.value, failed.value.args, here.nic.last_error)
    assert not any(secret in shown for secret in (*SECRETS, "1357"))


def test_an_error_about_credentials_does_not_tell_them():
    here = world()
    here.modem.inject("activation_failed", 9)
    with pytest.raises(ModemError) as failed:
        here.nic.connect()
    shown = everything_shown(here, failed.value, failed.value.args)
    assert not any(secret in shown for secret in SECRETS)


# -- the virtual modem's trace -------------------------------------------------------------------

LINES = (
    b'AT+CPIN="2468"\r',
    b"at+cpin = 2468\r",
    b'AT+CSTT="cmnet","anna-s","pa55word"\r\n',
    b"AT+CSTT = cmnet,anna-s,pa55word\r",
    b'\r\n+CSTT: "cmnet","anna-s","pa55word"\r\n',
)


def traced(who, chunks):
    """The texts of the lines that a trace writes, put together."""
    out = io.StringIO()
    trace = Trace(out, 0)
    for chunk in chunks:
        trace.bytes(who, chunk, 0)
    return "".join(line[14 + len(who) :] for line in out.getvalue().splitlines())


@pytest.mark.parametrize("who", [HOST, MODEM])
@pytest.mark.parametrize("line", LINES)
def test_a_trace_hides_secrets_at_every_split(line, who):
    for chunks in splits(b"AT\r" + line + b"AT+CSQ\r"):
        text = traced(who, chunks)
        assert not any(secret in text for secret in SECRETS), chunks
        assert "**" in text and ("CSTT" not in text or "cmnet" in text)
        assert text.startswith("AT\\r") and text.endswith("AT+CSQ\\r")


def test_a_trace_hides_nothing_else():
    for line in (b"\r\n+CPIN: SIM PIN\r\n", b"AT+CPIN?\r", b"AT+CSTT?\r", b"AT+CSTT\r", b"pass\r"):
        for chunks in splits(line):
            assert "*" not in traced(HOST, chunks)
