"""Nothing that others say becomes a command, an event, an endless loop or endless memory.

docs/threat-model.md names these tests beside its claims.
"""

import errno
import tracemalloc

import pytest
from shared.session import PUSH_BRING_UP, ScriptedUart, Session, errno_of, splits
from sixlink.modem import Modem
from sixlink.resolver import Resolver
from world import World

from tools.fuzz import engine as honest
from tools.vmodem import Peer

# -- AT injection: what the application hands over -----------------------------------------------

UNFIT = {
    "quote": 'a"b',
    "quote and command": 'x","y"\r\nAT+CFUN=0\r',
    "CR": "a\rb",
    "LF": "a\nb",
    "CRLF at the end": "ab\r\n",
    "Ctrl-Z": "a\x1ab",
    "ESC": "a\x1bb",
    "NUL": "a\x00b",
    "DEL": "a\x7fb",
    "not ASCII": "m\u00fcller",
    "raw bytes": b"a\xffb",
    "too long": "x" * 129,
}
unfit = pytest.mark.parametrize("text", UNFIT.values(), ids=UNFIT)


@unfit
@pytest.mark.parametrize("kind", ["connect", "sendto", "resolve"])
def test_host_names_that_no_line_may_carry_are_refused_and_nothing_is_typed(kind, text):
    session = Session().bring_up()
    with pytest.raises(ValueError, match="host"):
        if kind == "connect":
            session.modem.socket().connect((text, 80))
        elif kind == "sendto":
            session.modem.socket(type=2).sendto(b"x", (text, 80))
        else:
            Resolver(session.engine).ask(text, session.modem.driver.now())
    session.run(500)
    assert bytes(session.uart.typed) == b""
    session.open(0)


@unfit
@pytest.mark.parametrize("name", ["apn", "user", "password", "pin"])
def test_credentials_that_no_line_may_carry_are_refused_and_nothing_is_typed(name, text):
    uart = ScriptedUart()
    modem = Modem(uart, ticks_ms=lambda: 0, wait=lambda ms: None, **{name: text})
    with pytest.raises(ValueError, match=name) as refused:
        modem.connect(timeout=0)
    modem.driver.pump()
    assert bytes(uart.typed) == b"" and not modem.active()
    assert str(text) not in str(refused.value)


# -- URC injection: what peers and the network say -----------------------------------------------

TRAPS = (
    b"\r\nOK\r\n",
    b"\r\nERROR\r\n",
    b"\r\n+CME ERROR: 3\r\n",
    b"\r\n> ",
    b"\r\n0, CLOSED\r\n",
    b"\r\n0, SEND OK\r\n",
    b"\r\n+RECEIVE,1,9:\r\n",
    b"\r\n+CIPRXGET: 2,0,9,0\r\n",
    b"\r\n+CIPRXGET: 1,1\r\n",
    b"\r\n+PDP: DEACT\r\n",
    b"\r\nRDY\r\n",
    b"\r\nSTATE: PDP DEACT\r\n",
    b"\r\nAT+CFUN=0\r\n",
    b"\x1a\x1b\x00+++",
)


@pytest.mark.parametrize("kind", ["TCP", "UDP"])
@pytest.mark.parametrize("trap", TRAPS)
def test_pulled_payload_is_data_whatever_it_reads_like(trap, kind):
    session = Session().bring_up()
    sock = session.open(0, kind=kind)
    size = 1460 if kind == "UDP" else 1024
    for chunks in splits(b"\r\n+CIPRXGET: 2,0,%d,0\r\n%s\r\nOK\r\n" % (len(trap), trap)):
        session.say(b"\r\n+CIPRXGET: 1,0\r\n")
        session.expect(b"AT+CIPRXGET=2,0,%d\r\n" % size)
        for chunk in chunks:
            session.say(chunk)
        assert sock.recv(1460) == trap
    assert session.engine.intake.unknown == session.engine.intake.losses == 0
    assert session.modem.isconnected() and not session.engine.links.suspicious


@pytest.mark.parametrize("kind", ["TCP", "UDP"])
@pytest.mark.parametrize("trap", TRAPS)
def test_pushed_payload_is_data_whatever_it_reads_like(trap, kind):
    session = Session(flow=True).bring_up(PUSH_BRING_UP)
    sock = session.open(0, kind=kind)
    for chunks in splits(b"\r\n+RECEIVE,0,%d:\r\n%s" % (len(trap), trap)):
        for chunk in chunks:
            session.say(chunk)
        assert sock.recv(1460) == trap
    assert session.engine.intake.unknown == session.engine.intake.losses == 0
    assert session.modem.isconnected() and not session.engine.links.suspicious


@pytest.mark.parametrize(
    "answer",
    [
        b'1,"bank","6.6.6.6","7.7.7.7"',
        b'1,"shop"","6.6.6.6"',
        b'1,"sho","p","6.6.6.6"',
        b'1,"x","shop","6.6.6.6"',
        b'1,shop,"6.6.6.6"',
        b'1,"shop","6.6.6.6.6"',
        b'1,"shop","6.6.6.6;AT+CFUN=0"',
        b'1,"shop',
        b'1,"shop","' + b"6" * 200 + b'"',
    ],
)
def test_a_name_gets_no_address_from_an_answer_that_is_not_to_it(answer):
    session = Session().bring_up()
    resolver = session.engine.resolver = Resolver(session.engine)
    resolver.ask("shop", session.modem.driver.now())
    session.talk((b'AT+CDNSGIP="shop"\r', b"\r\nOK\r\n"))
    session.say(b"\r\n+CDNSGIP: " + answer + b"\r\n")
    assert resolver.find("shop", session.modem.driver.now()) != "6.6.6.6"
    if resolver.asked:
        session.say(b'\r\n+CDNSGIP: 1,"shop","1.2.3.4"\r\n')
        assert resolver.find("shop", session.modem.driver.now()) == "1.2.3.4"


OPERATORS = (
    b'+COPS: 0,0,"0, CLOSED"',
    b'*PSNWID: "460","00","OK", 1,"RDY", 0',
    b'+NITZ: "\\r\\n0, CLOSED\\r\\n"',
    b'+COPS: 0,0,""0, CLOSED"',
    b'+CGREG: 1,"+PDP: DEACT",""',
    b'*PSNWID: "\x1b[2J\x00\xff"',
)


@pytest.mark.parametrize("line", OPERATORS)
def test_names_of_operators_are_words_and_nothing_else(line):
    session = Session().bring_up()
    sock = session.open(0)
    for chunks in splits(b"\r\n" + line + b"\r\n"):
        for chunk in chunks:
            session.say(chunk)
    session.run(500)
    assert bytes(session.uart.typed) == b"" and sock.read() is None
    assert session.modem.isconnected() and session.modem.links[0].state_name() == "CONNECTED"


IDENTITIES = {
    "terminal codes": b"\x1b[2J\x1b]0;owned\x07",
    "command": b'x"; AT+CFUN=0',
    "percent": b"%s%n%d",
    "long": b"A" * 500,
    "bytes": bytes(range(127, 256)),
}


@pytest.mark.parametrize("identity", IDENTITIES.values(), ids=IDENTITIES)
def test_an_identity_is_shown_in_plain_ascii_and_never_at_length(identity):
    session = Session()
    session.modem.connect(timeout=0)
    for typed, answer in PLAIN_BRING_UP:
        session.expect(typed)
        if typed == b"ATI\r":
            answer = b"\r\n" + identity + b"\r\n\r\nOK\r\n"
            session.say(answer)
            session.expect(b"AT+CGMM\r")  # not a family that it knows
        session.say(answer)
    assert session.modem.isconnected()
    for text in (repr(session.modem), *session.log):
        assert len(text) < 1500 and text.replace("\n", "").isascii()
        assert text.replace("\n", "").isprintable()


PLAIN_BRING_UP = Session.bring_up.__defaults__[0]


# -- floods ---------------------------------------------------------------------------------------


class Flood(Peer):
    """Sends a quarter of a megabyte, whether anybody reads it or not."""

    def on_connected(self):
        for _ in range(256):
            self.send(b"\r\nOK\r\n0, CLOSED\r\n> " * 50)


class Echo(Peer):
    def on_data(self, data):
        self.send(data)


@pytest.mark.parametrize("flow", [False, True], ids=["pull", "push"])
def test_a_peer_that_floods_takes_its_own_ring_and_no_more(flow):
    world = World(baud=921600, flow=flow, nic={"flow": flow})
    world.network.serve("flood", 1, Flood)
    world.network.serve("echo", 7, Echo)
    world.nic.connect()
    flooded, other = world.nic.socket(), world.nic.socket()
    flooded.connect(("flood", 1))
    other.settimeout(5)
    for _ in range(5):
        world.run(1000)
        link = world.nic.links[0]
        assert link.rx.ring.any() <= link.rx.size == world.engine.links.rx_size
        if not other._link:
            other.connect(("echo", 7))
        other.write(b"still here")
        assert other.read(10) == b"still here"
    assert flooded.recv(10) == b"\r\nOK\r\n0, C"
    flooded.close()
    other.write(b"and here")
    assert other.read(8) == b"and here"


# -- a modem that lies ----------------------------------------------------------------------------

HOSTILE_MODEM = {
    "a megabyte of NULs": b"\x00" * 1000,
    "a line of a megabyte": b"A" * 1000,
    "empty lines": b"\r\n" * 500,
    "OK": b"\r\nOK\r\n" * 200,
    "ERROR": b"\r\nERROR\r\n" * 150,
    "prompts": b"\r\n> " * 250,
    "headers of pushed data": b"\r\n+RECEIVE,0,1460:\r\n" * 50,
    "headers for closed links": b"\r\n+RECEIVE,5,3:\r\nabc" * 40,
    "headers of 1000000000": b"\r\n+RECEIVE,0,1000000000:\r\n" * 40,
    "headers of -1": b"\r\n+RECEIVE,0,-1:\r\n\r\n+CIPRXGET: 2,0,-1,-1\r\n" * 20,
    "answers to reads nobody asked for": b"\r\n+CIPRXGET: 2,0,4,9999\r\nabcd\r\nOK\r\n" * 25,
    "reads of 1000000000": b"\r\n+CIPRXGET: 2,0,1000000000,1000000000\r\n" * 25,
    "data that is not there": b"\r\n+CIPRXGET: 1,0\r\n" * 50,
    "sends nobody made": b"\r\n0, SEND OK\r\n\r\nDATA ACCEPT:0,1460\r\n0, SEND FAIL\r\n" * 20,
    "links that nobody opened": b"".join(b"\r\n%d, CONNECT OK\r\n" % n for n in range(6)) * 8,
    "closed, all of them": b"".join(b"\r\n%d, CLOSED\r\n" % n for n in range(6)) * 10,
    "boots": b"\r\nRDY\r\n" * 140,
    "lost contexts": b"\r\n+PDP: DEACT\r\n" * 60,
    "states": b"\r\nSTATE: PDP DEACT\r\n\r\nSTATE: IP CONFIG\r\n" * 25,
    "table rows": b'\r\nC: 99,0,"TCP","","","CONNECTED"\r\nC: -1,,"","","","?"\r\n' * 16,
    "names": b'\r\n+CDNSGIP: 1,"a","1.2.3.4"\r\n\r\n+CDNSGIP: 0,8\r\n' * 20,
    "its own echo": b"AT+CIPSEND=0,5\r\r\nAT+CPIN\r\n" * 40,
}


@pytest.mark.parametrize("flow", [False, True], ids=["pull", "push"])
@pytest.mark.parametrize("flood", HOSTILE_MODEM.values(), ids=HOSTILE_MODEM)
def test_a_flood_of_lies_costs_no_memory_and_the_next_connection_works(flood, flow):
    session = honest.Session(flow=flow)
    session.nic.connect()
    for udp in (False, True):
        session.open(udp, "echo")
        session.run(100)
        session.use(-1, lambda sock: sock.write(b"\xe0" * 100))
    session.say(flood)  # rings, names and lines that are made once are made now
    tracemalloc.start()
    for _ in range((50_000 if b"\n" in flood else 1_000_000) // len(flood)):
        session.say(flood)
        session.use(0, lambda sock: sock.recv(64))
        session.check()
    grown, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown < 20_000 and peak < 60_000, (grown, peak)
    session.recover()


def test_errors_of_a_lying_modem_are_os_errors_with_a_known_number():
    for lie in (b"\r\n+CME ERROR: 99999999999\r\n", b"\r\n+CME ERROR: -1\r\n", b"\r\nERROR\r\n"):
        session = Session().bring_up()
        sock = session.modem.socket()
        sock.setblocking(False)
        assert errno_of(sock.connect, ("h", 80)) == errno.EINPROGRESS
        session.talk((b'AT+CIPSTART=0,"TCP","h",80\r', lie))
        assert errno_of(sock.send, b"x") == errno.EIO
