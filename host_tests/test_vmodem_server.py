"""AT+CIPSERVER of the virtual modem: peers that connect in."""

import asyncio
import socket

import pytest
from vmodem_families import ERROR, OK, REFUSED, luat, multi, sim800, single
from vmodem_host import Host, served

from tools.vmodem import Echo, Sink, VirtualModem
from tools.vmodem.real import AsyncNetwork

SERVER_OK = OK + b"\r\nSERVER OK\r\n"
SERVER_CLOSE = OK + b"\r\nSERVER CLOSE\r\n"


class Caller(Sink):
    """A client that greets."""

    def on_connected(self):
        self.send(b"hello")


def serving(mux=1, *settings, port=8888, **changes):
    host = (multi if mux else single)(sim800(**changes), *settings)
    assert host.ask(f"AT+CIPSERVER=1,{port}") == SERVER_OK
    return host


def dial(host, peer, port=8888, ms=1000):
    host.network.dial(port, peer)
    return host.rest(ms)


# -- several links -------------------------------------------------------------------------------


def test_a_peer_gets_the_lowest_free_link():
    host = serving()
    host.open(0)
    first, second = Caller(), Caller()
    said = dial(host, first)
    assert said == b"\r\n1, REMOTE IP: 10.76.40.73\r\n\r\n+RECEIVE,1,5:\r\nhello"
    assert dial(host, second).startswith(b"\r\n2, REMOTE IP: ")
    host.run("AT+CIPCLOSE=0")
    assert dial(host, Sink()) == b"\r\n0, REMOTE IP: 10.76.40.73\r\n"
    line = b'C: 1,0,"TCP","10.76.40.73","40000","CONNECTED"'
    assert line in host.ask("AT+CIPSTATUS")
    assert [one.accepted for one in host.modem.connections] == [False, True, True, True]


@pytest.mark.parametrize("separator", [", ", ","])
def test_space_behind_the_link_number(separator):
    host = serving(link_separator=separator)
    assert dial(host, Sink()) == b"\r\n0%sREMOTE IP: 10.76.40.73\r\n" % separator.encode()


def test_bytes_both_ways_and_a_close_by_either():
    host = serving()
    peer = Echo()
    dial(host, peer)
    said = host.send(0, b"text") + host.rest(500)  # the echo may come before its own SEND OK
    assert said.replace(b"\r\n0, SEND OK\r\n", b"") == b"\r\n+RECEIVE,0,4:\r\ntext"
    assert peer.received == b"text"
    peer.close()
    assert host.rest(500) == b"\r\n0, CLOSED\r\n"
    other = Sink()
    dial(host, other)
    assert host.ask("AT+CIPCLOSE=0") == b"\r\n0, CLOSE OK\r\n"
    assert other.closed


def test_a_seventh_peer_is_reset_and_the_six_live_on():
    host = serving()
    for link in range(6):
        assert dial(host, Sink()).startswith(b"\r\n%d, REMOTE IP: " % link)
    seventh = Sink()
    assert dial(host, seventh) == b""
    assert seventh.refused
    assert [link.state for link in host.modem.links] == ["CONNECTED"] * 6


def test_a_closed_link_with_bytes_unread_is_not_free():
    host = serving(1, "AT+CIPRXGET=1")
    first = Caller()
    dial(host, first)
    first.close()
    host.rest(500)
    assert dial(host, Sink()) == b"\r\n1, REMOTE IP: 10.76.40.73\r\n"
    assert b"hello" in host.ask("AT+CIPRXGET=2,0,1460")
    assert dial(host, Sink()) == b"\r\n0, REMOTE IP: 10.76.40.73\r\n"


def test_server_line_of_cipstatus():
    host = multi(sim800())
    assert b"S:" not in host.ask("AT+CIPSTATUS")
    host.ask("AT+CIPSERVER=1,8888")
    head = OK + b'\r\nSTATE: IP PROCESSING\r\n\r\nS: 0,0,"8888","LISTENING"\r\nC: 0,,"",'
    assert host.ask("AT+CIPSTATUS").startswith(head)


def test_closing_the_server_leaves_the_links():
    host = serving()
    dial(host, Echo())
    assert host.ask("AT+CIPSERVER=0") == SERVER_CLOSE
    assert host.send(0, b"text") + host.rest(500) != b""
    assert host.modem.links[0].state == "CONNECTED"
    late = Sink()
    assert dial(host, late) == b""
    assert late.refused
    assert host.ask("AT+CIPSERVER=1,9999") == SERVER_OK
    assert dial(host, Sink(), 9999) == b"\r\n1, REMOTE IP: 10.76.40.73\r\n"


@pytest.mark.parametrize("end", ["AT+CIPSHUT", "AT+CGATT=0", "AT+CFUN=1,1"])
def test_server_goes_with_the_context(end):
    host = serving()
    peer = Sink()
    dial(host, peer)
    host.ask(end, 10_000)
    late = Sink()
    assert dial(host, late) == b""
    assert late.refused
    assert host.modem.stack.server.port is None
    assert peer.closed


# -- a single link -------------------------------------------------------------------------------


def test_single_link_server_states():
    host = serving(0)
    assert host.state == "SERVER LISTENING"
    assert host.ask('AT+CIPSTART="TCP","echo",7') == ERROR
    peer = Sink()
    assert dial(host, peer) == b"\r\nREMOTE IP: 10.76.40.73\r\n"
    assert host.state == "CONNECT OK"
    other = Sink()
    assert dial(host, other) == b"" and other.refused
    peer.close()
    assert host.rest(500) == b"\r\nCLOSED\r\n"
    assert host.state == "SERVER LISTENING"
    dial(host, Sink())
    assert host.ask("AT+CIPCLOSE") == b"\r\nCLOSE OK\r\n"
    assert host.state == "SERVER LISTENING"
    assert host.ask("AT+CIPSERVER=0") == SERVER_CLOSE
    assert host.state == "IP STATUS"
    host.open_single()


def test_cipclose_closes_a_single_link_server_that_nobody_uses():
    host = serving(0)
    assert host.ask("AT+CIPCLOSE") == b"\r\nCLOSE OK\r\n"
    assert host.state == "IP STATUS"
    late = Sink()
    assert dial(host, late) == b"" and late.refused


def test_server_may_be_closed_under_a_connection():
    host = serving(0)
    peer = Sink()
    dial(host, peer)
    assert host.ask("AT+CIPSERVER=0") == SERVER_CLOSE
    assert host.state == "CONNECT OK"
    peer.close()
    host.rest(500)
    assert host.state == "TCP CLOSED"


def test_transparent_server_goes_online_with_its_peer():
    host = serving(0, "AT+CIPMODE=1")
    peer = Caller()
    assert dial(host, peer) == b"\r\nREMOTE IP: 10.76.40.73\r\n\r\nCONNECT\r\nhello"
    host.type(b"data")
    assert peer.received == b"data"
    peer.close()
    assert host.rest(500) == b"\r\nCLOSED\r\n"
    assert host.state == "SERVER LISTENING"


# -- forms and preconditions ---------------------------------------------------------------------


def test_forms():
    host = multi(sim800())
    assert b"(1-65535)\r\n" + OK in host.ask("AT+CIPSERVER=?")
    assert host.ask("AT+CIPSERVER?") == b"\r\n+CIPSERVER: 0\r\n" + OK
    host.ask("AT+CIPSERVER=1,80")
    assert host.ask("AT+CIPSERVER?") == b"\r\n+CIPSERVER: 1,80,0,0\r\n" + OK


@pytest.mark.parametrize("line", ["1", "1,0", "1,65536", "2,80", "", "1,80,1", "0,80", "x"])
def test_bad_arguments_start_nothing(line):
    host = multi(sim800())
    assert host.ask("AT+CIPSERVER=" + line) == ERROR
    assert host.network.listening == {}


@pytest.mark.parametrize("before", [[], ["AT+CSTT"], ["AT+CSTT", "AT+CIICR"]])
@pytest.mark.parametrize("mux", [0, 1])
def test_server_needs_a_context(mux, before):
    host = Host(network=served(), profile=sim800())
    host.run(f"AT+CIPMUX={mux}", *before)
    assert host.ask("AT+CIPSERVER=1,80") == ERROR
    assert host.network.listening == {}


def test_only_one_server_and_none_to_close():
    host = multi(sim800())
    assert host.ask("AT+CIPSERVER=0") == ERROR
    host.ask("AT+CIPSERVER=1,80")
    assert host.ask("AT+CIPSERVER=1,81") == ERROR
    assert host.network.listening == {80: 80}


@pytest.mark.parametrize("form", ["=1,80", "=0", "?", "=?", ""])
def test_luat_has_no_server(form):
    assert not luat().has_server and sim800().has_server
    assert multi(luat()).ask("AT+CIPSERVER" + form) == ERROR  # unknown: no CME code


def test_air724_has_a_server_and_luats_errors():
    host = multi("air724")
    assert host.ask("AT+CIPSERVER=0") == REFUSED
    assert host.ask("AT+CIPSERVER=1,8888") == SERVER_OK
    assert dial(host, Caller()) == b"\r\n0, REMOTE IP: 10.76.40.73\r\n\r\n+RECEIVE,0,5:\r\nhello"


def test_pdp_loss_refuses_a_server_until_shut():
    host = multi(luat(absent_commands=frozenset()))
    host.modem.inject("pdp_deact")
    host.rest(1)
    assert host.ask("AT+CIPSERVER=1,80") == REFUSED


def test_peer_of_a_slow_network_is_announced_late_but_before_its_bytes():
    host = serving()
    host.modem.inject("slow_network")
    host.rest(1)
    said = dial(host, Caller(), ms=30_000)
    assert said == b"\r\n0, REMOTE IP: 10.76.40.73\r\n\r\n+RECEIVE,0,5:\r\nhello"


def test_nobody_is_taken_while_the_modem_is_off():
    host = serving()
    host.modem.switch_off()
    late = Sink()
    assert dial(host, late) == b"" and late.refused


# -- the real network ----------------------------------------------------------------------------


class Real:
    """A modem on real sockets, wound by hand."""

    def __init__(self, **options):
        self.now_us = 0
        self.network = AsyncNetwork(clock_us=lambda: self.now_us, **options)
        self.modem = VirtualModem(self.network, profile=sim800(), echo=False)

    async def ask(self, text, until, seconds=5):
        """Type, and give what is said until `until` is among it."""
        self.modem.feed(text, self.now_us)
        return await self.said(until, seconds)

    async def said(self, until, seconds=5):
        said = b""
        deadline = asyncio.get_running_loop().time() + seconds
        while until not in said:
            assert asyncio.get_running_loop().time() < deadline, said
            self.now_us += 5000
            said += self.modem.take(self.now_us)
            await asyncio.sleep(0)
        return said

    async def up(self, mux=1):
        for line in (b"AT+CIPMUX=%d\r" % mux, b"AT+CSTT\r", b"AT+CIICR\r"):
            await self.ask(line, OK)
        await self.ask(b"AT+CIFSR\r", b".")


def test_real_clients_connect_to_an_ephemeral_port():
    async def scene():
        real = Real(servers={80: 0})
        await real.up()
        await real.ask(b"AT+CIPSERVER=1,80\r", b"SERVER OK\r\n")
        port = real.network.listening[80]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await real.said(b"0, REMOTE IP: 127.0.0.1\r\n")
        writer.write(b"GET /")
        await real.said(b"+RECEIVE,0,5:\r\nGET /")
        await real.ask(b"AT+CIPSEND=0,2\r", b"> ")
        await real.ask(b"OK", b"SEND OK")
        assert await reader.readexactly(2) == b"OK"
        await real.ask(b"AT+CIPSERVER=0\r", b"SERVER CLOSE\r\n")
        assert real.network.listening == {}
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        writer.close()
        await real.said(b"0, CLOSED\r\n")
        real.network.close_all()

    asyncio.run(scene())


def test_real_clients_beyond_the_sixth_are_reset():
    async def scene():
        real = Real(servers={80: 0})
        await real.up()
        await real.ask(b"AT+CIPSERVER=1,80\r", b"SERVER OK\r\n")
        place = ("127.0.0.1", real.network.listening[80])
        opened = []
        for link in range(6):
            opened.append(await asyncio.open_connection(*place))
            await real.said(b"%d, REMOTE IP: " % link)
        with pytest.raises(ConnectionResetError):
            reader, _ = await asyncio.open_connection(*place)
            await reader.read(1)
        for _, writer in opened:
            writer.close()
        real.network.close_all()
        assert real.network.listening == {}

    asyncio.run(scene())


def test_real_port_that_is_taken_is_an_error():
    async def scene():
        with socket.create_server(("127.0.0.1", 0)) as taken:
            real = Real(servers={80: taken.getsockname()[1]})
            await real.up()
            assert await real.ask(b"AT+CIPSERVER=1,80\r", b"\r\n") == ERROR
            assert (await real.ask(b"AT+CIPSERVER?\r", OK)).startswith(b"\r\n+CIPSERVER: 0\r\n")

    asyncio.run(scene())
