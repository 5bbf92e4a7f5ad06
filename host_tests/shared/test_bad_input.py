"""A caller's mistake raises at once, names the bad value and sends nothing."""

import errno

from session import BRING_UP, ScriptedUart, Session, errno_of
from sixlink.modem import Modem


def value_error_of(function, *args):
    try:
        function(*args)
    except ValueError as error:
        return str(error)
    return None


def test_hosts_that_no_at_line_may_carry():
    session = Session().bring_up()
    bad = ('a"b', "a\rb", "a\nb", "a\x1ab", "a\x00b", "x" * 129, "", 'a","TCP","b')
    for host in bad:
        for kind in (1, 2):
            sock = session.modem.socket(type=kind)
            call = sock.connect if kind == 1 else lambda peer, s=sock: s.sendto(b"x", peer)
            assert "host" in value_error_of(call, (host, 80)), host
    session.run(100)
    assert bytes(session.uart.typed) == b""
    session.open(0)


def test_the_longest_host_is_taken():
    Session().bring_up().open(0, host="x" * 128)


def test_ports_outside_1_to_65535():
    session = Session().bring_up()
    for port in (0, -1, 65536, 10**9, "80", None, 1.5):
        sock = session.modem.socket()
        assert str(port) in value_error_of(sock.connect, ("h", port)), port
    session.run(100)
    assert bytes(session.uart.typed) == b""
    session.open(0, port=65535)


def test_apn_user_password_and_pin_are_checked_before_anything_is_typed():
    for name in ("apn", "user", "password", "pin"):
        uart = ScriptedUart()
        modem = Modem(
            uart, ticks_ms=lambda: 0, wait=lambda ms: None, **{name: 'x"\r\nAT+CFUN=0\r'}
        )
        assert name in value_error_of(modem.connect, 0)
        assert bytes(uart.typed) == b""


def test_a_baud_rate_needs_a_uart_that_can_change_it():
    assert "460800" in value_error_of(lambda: Modem(ScriptedUart(), baud=460800))


def test_without_a_bearer_a_connect_says_so():
    session = Session()
    assert errno_of(session.modem.socket().connect, ("h", 80)) == errno.EHOSTUNREACH


def test_a_connect_while_the_bearer_is_mended_waits_for_it():
    session = Session().bring_up()
    session.say(b"\r\n+PDP: DEACT\r\n")
    sock = session.modem.socket()
    sock.setblocking(False)
    assert errno_of(sock.connect, ("h", 80)) == errno.EINPROGRESS
    session.talk(*BRING_UP[1:])
    session.talk((b'AT+CIPSTART=0,"TCP","h",80\r', b"\r\nOK\r\n\r\n0, CONNECT OK\r\n"))
    assert sock.ioctl(3, 4) == 4


def test_a_connect_that_waits_for_a_bearer_learns_that_none_comes():
    session = Session().bring_up()
    session.say(b"\r\n+PDP: DEACT\r\n")
    sock = session.modem.socket()
    sock.setblocking(False)
    assert errno_of(sock.connect, ("h", 80)) == errno.EINPROGRESS
    session.engine.supervisor.stop()
    assert sock.ioctl(3, 4) == 16 | 4
    assert errno_of(sock.send, b"x") == errno.ENOTCONN


def test_the_seventh_live_link_is_refused_and_harms_nobody():
    session = Session().bring_up()
    socks = [session.open(n) for n in range(6)]
    seventh = session.modem.socket()
    assert errno_of(seventh.connect, ("h", 80)) == errno.ENOBUFS
    datagram = session.modem.socket(type=2)
    assert errno_of(datagram.sendto, b"x", ("h", 80)) == errno.ENOBUFS
    assert [sock.read() for sock in socks] == [None] * 6
    socks[3].close()
    session.talk((b"AT+CIPCLOSE=3\r", b"\r\n3, CLOSE OK\r\n"))
    session.open(3)


def test_a_connect_waits_for_a_link_that_is_closing():
    session = Session().bring_up()
    socks = [session.open(n) for n in range(6)]
    socks[2].close()
    seventh = session.modem.socket()
    seventh.setblocking(False)
    assert errno_of(seventh.connect, ("h", 80)) == errno.EINPROGRESS
    session.talk(
        (b"AT+CIPCLOSE=2\r", b"\r\n2, CLOSE OK\r\n"),
        (b'AT+CIPSTART=2,"TCP","h",80\r', b"\r\nOK\r\n\r\n2, CONNECT OK\r\n"),
    )
    assert seventh.ioctl(3, 4) == 4


def test_calls_on_a_socket_that_is_not_connected():
    session = Session().bring_up()
    sock = session.modem.socket()
    for call in (lambda: sock.send(b"x"), lambda: sock.recv(1), lambda: sock.read(1)):
        assert errno_of(call) == errno.ENOTCONN
    assert sock.ioctl(3, 5) == 16 | 4


def test_calls_on_a_closed_socket():
    session = Session().bring_up()
    sock = session.open(0)
    sock.close()
    sock.close()
    for call in (lambda: sock.send(b"x"), lambda: sock.recv(1), lambda: sock.connect(("h", 1))):
        assert errno_of(call) == errno.EBADF
    assert sock.ioctl(3, 5) == 32 | 8


def test_unknown_ioctl_and_option():
    session = Session().bring_up()
    sock = session.open(0)
    assert sock.ioctl(10, 0) == -errno.EINVAL
    assert errno_of(sock.setsockopt, 6, 99, 1) == errno.EOPNOTSUPP


def test_a_second_connect_is_refused():
    session = Session().bring_up()
    sock = session.open(0)
    assert errno_of(sock.connect, ("h", 80)) == errno.EALREADY


def test_blocking_calls_from_inside_a_wait_are_refused():
    session = Session().bring_up()
    idle = session.open(0, blocking=True)
    busy = session.open(1, blocking=True)
    codes = []
    session.modem.keep_going = lambda: codes.append(errno_of(busy.recv, 1))
    idle.settimeout(0.05)
    assert errno_of(idle.recv, 1) == errno.ETIMEDOUT
    assert codes and set(codes) == {errno.EALREADY}


def test_what_keep_going_raises_is_kept_and_the_wait_goes_on():
    session = Session().bring_up()
    sock = session.open(0, blocking=True)

    def broken():
        raise ValueError("mine")

    session.modem.keep_going = broken
    sock.settimeout(0.05)
    assert errno_of(sock.recv, 1) == errno.ETIMEDOUT
    assert str(session.modem.last_error) == "mine"


class VanishingUart(ScriptedUart):
    gone = False

    def any(self):
        if self.gone:
            raise OSError(errno.EIO)
        return super().any()


def test_a_uart_that_vanishes_is_an_error_of_the_call_and_can_come_back():
    session = Session()
    session.uart = session.modem.driver.uart = VanishingUart()
    session.bring_up()
    sock = session.open(0, blocking=True)
    session.uart.gone = True
    assert errno_of(sock.recv, 1) == errno.EIO
    assert sock.ioctl(3, 1) == 0
    session.modem.driver.tick()
    session.uart.gone = False
    sock.setblocking(False)
    session.say(b"\r\n+CIPRXGET: 1,0\r\n")
    session.talk((b"AT+CIPRXGET=2,0,1024\r\n", b"\r\n+CIPRXGET: 2,0,2,0\r\nhi\r\nOK\r\n"))
    assert sock.read() == b"hi"
