"""Sessions for the tests of AT+CIPSTART: with a modem of each family, in either link mode."""

import errno

from session import BRING_UP, Session, errno_of
from sixlink.families import family

FAMILIES = ("luat", "sim800")
OK = b"\r\nOK\r\n"

_MODELS = {"luat": b"AirM2M_780E_V1169_LTE_AT", "sim800": b"SIM800 R14.18"}


def lines_of(name, mux=1):
    """What bring-up types, and what a modem of that family answers."""
    others = {
        b"ATI\r": (b"ATI\r", b"\r\n" + _MODELS[name] + b"\r\n" + OK),
        b"AT+CIPMUX=1\r": (b"AT+CIPMUX=%d\r" % mux, OK),
        b"AT+CIPSTART=?\r": (b"AT+CIPSTART=?\r", listing(mux) + OK),
    }
    return tuple(others.get(line[0], line) for line in BRING_UP)


def listing(mux=1, links=b"(0-5)", modes=b'("TCP","UDP")', ports=b'("1-65535")'):
    """The lines that AT+CIPSTART=? brings."""
    head = b"\r\n+CIPSTART: " + (links + b"," if mux else b"") + modes
    octets = b".".join([b"(0-255)"] * 4)
    return b"".join(
        head + b',("%s"),' % server + ports + b"\r\n" for server in (octets, b"DOMAIN NAME")
    )


def up(name, mux=1, lines=None):
    """A session with a modem of family `name` that has a bearer."""
    return Session(dialect=family(name)(mux)).bring_up(lines or lines_of(name, mux))


def each(mux=1):
    """A session for each family."""
    for name in FAMILIES:
        yield up(name, mux)


def connecting(session, host="example.com", port=80, kind=1):
    """A socket that does not block, and has been told to connect."""
    sock = session.modem.socket(type=kind)
    sock.setblocking(False)
    assert errno_of(sock.connect, (host, port)) == (errno.EINPROGRESS if kind == 1 else None)
    return sock


def starting(session, n=0):
    """A socket for which AT+CIPSTART has been typed, and its link, `n`."""
    for taken in range(n):
        session.open(taken)
    sock = connecting(session)
    which = b"%d," % n if session.engine.dialect.mux else b""
    session.expect(b'AT+CIPSTART=%s"TCP","example.com",80\r' % which)
    return sock, session.modem.links[n]


def each_starting(n=0, mux=1):
    """(session, socket, link) for each family."""
    for session in each(mux):
        sock, link = starting(session, n)
        yield session, sock, link


def fails_with(sock, link, code):
    assert link.state_name() == "FAILED", link.state_name()
    assert errno_of(sock.send, b"x") == code
    assert errno_of(sock.recv, 1) == code


def bearer(session):
    """The state that the firmware believes the modem in."""
    return session.engine.bearer.name()


def push_lines(name, mux=1):
    """What bring-up types where the modem is to push data."""
    lines = []
    for typed, answer in lines_of(name, mux):
        if typed == b"AT+CPIN?\r":
            lines.append((b"AT+IFC?\r", b"\r\n+IFC: 2,2\r\n" + OK))
        if typed == b"AT+CIPRXGET=1\r":
            if not mux:
                lines.append((b"AT+CIPHEAD=1\r", OK))
            lines.append((b"AT+CIPRXGET=0\r", OK))
            if name == "luat":
                lines.append((b"AT+CIPRXF=1\r", OK))
        else:
            lines.append((typed, answer))
    return lines


def pushing(name, mux=1):
    """A session with a modem that pushes, its only link connected."""
    session = Session(dialect=family(name)(mux), flow=True).bring_up(push_lines(name, mux))
    sock, link = starting(session)
    session.say(OK + (b"\r\n0, CONNECT OK\r\n" if mux else b"\r\nCONNECT OK\r\n"))
    assert link.state_name() == "CONNECTED"
    return session, sock, link
