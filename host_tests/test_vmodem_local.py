"""The modem's own end of a link: local port, context, where datagrams go, keep-alive."""

import asyncio
import socket

import pytest
from vmodem_families import BAD, ERROR, OK, REFUSED, luat, multi, sim800, single
from vmodem_host import Host, served

from tools.vmodem import Sink, VirtualModem
from tools.vmodem.real import AsyncNetwork

# -- CLPORT --------------------------------------------------------------------------------------


def test_local_port_of_both_modes():
    host = single(luat())
    assert host.ask("AT+CLPORT?") == b"\r\n+CLPORT: 0,0\r\n" + OK
    host.run('AT+CLPORT="TCP",4000', "AT+CLPORT=UDP,65535")
    assert host.ask("AT+CLPORT?") == b"\r\n+CLPORT: 4000,65535\r\n" + OK
    host = multi(luat())
    host.run('AT+CLPORT=2,"TCP",4000', "AT+CLPORT=5,udp,1")
    lines = b"".join(
        b"+CLPORT: %d,%s\r\n" % (n, {2: b"4000,0", 5: b"0,1"}.get(n, b"0,0")) for n in range(6)
    )
    assert host.ask("AT+CLPORT?") == b"\r\n" + lines + OK


def test_local_port_is_what_the_next_connection_has():
    host = multi(luat())
    host.open(2)
    host.run('AT+CLPORT=2,"TCP",4000')
    assert host.network.channels[2].local_port == 0
    host.run("AT+CIPCLOSE=2")
    host.open(2)
    assert host.network.channels[2].local_port == 4000
    host.run("AT+CIPCLOSE=2")
    host.open(2, "sink", kind="UDP")
    assert host.network.channels[2].local_port == 0


@pytest.mark.parametrize(
    "line", ['"TCP",65536', '"TCP",x', '"SCTP",1', '"TCP"', '"TCP",1,1', '6,"TCP",1']
)
def test_bad_local_port_is_refused(line):
    host = single(luat()) if line[0] == '"' else multi(luat())
    assert host.ask("AT+CLPORT=" + line) == BAD


def test_port_0_gives_the_choice_back_on_sim800_only():
    assert single(luat()).ask('AT+CLPORT="TCP",0') == BAD
    host = single(sim800())
    host.run('AT+CLPORT="TCP",4000', 'AT+CLPORT="TCP",0')
    assert host.ask("AT+CLPORT?") == b"\r\n+CLPORT: 0,0\r\n" + OK
    assert b'("TCP","UDP"),(0-65535)' in host.ask("AT+CLPORT=?")
    assert b'(0-5),("TCP","UDP"),(1-65535)' in multi(luat()).ask("AT+CLPORT=?")


async def real_connection(kind, port, local_port):
    """What a modem with real sockets says to CLPORT and CIPSTART."""
    now_us = 0
    network = AsyncNetwork(clock_us=lambda: now_us)
    modem = VirtualModem(network, echo=False)
    said = b""
    for line in (f'AT+CLPORT="{kind}",{local_port}', f'AT+CIPSTART="{kind}","127.0.0.1",{port}'):
        modem.feed(line.encode() + b"\r", now_us)
        for _ in range(200):
            now_us += 5000
            said += modem.take(now_us)
            await asyncio.sleep(0.001 if modem.links[0].live else 0)
    return network, said


def free_port(kind):
    with socket.socket(type=kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_real_tcp_link_comes_from_the_local_port():
    async def scene():
        with socket.create_server(("127.0.0.1", 0)) as server:
            local_port = free_port(socket.SOCK_STREAM)
            place = server.getsockname()[1]
            network, said = await real_connection("TCP", place, local_port)
            assert b"CONNECT OK" in said
            peer, address = server.accept()
            assert address == ("127.0.0.1", local_port)
            peer.close()
            network.close_all()
            await asyncio.sleep(0)

    asyncio.run(scene())


def test_real_udp_link_comes_from_the_local_port():
    async def scene():
        with socket.socket(type=socket.SOCK_DGRAM) as server:
            server.bind(("127.0.0.1", 0))
            server.settimeout(5)
            local_port = free_port(socket.SOCK_DGRAM)
            network, said = await real_connection("UDP", server.getsockname()[1], local_port)
            assert b"CONNECT OK" in said
            network.send(0, b"hello", 0)
            await asyncio.sleep(0)
            assert server.recvfrom(100) == (b"hello", ("127.0.0.1", local_port))
            network.close_all()

    asyncio.run(scene())


def test_real_local_port_that_is_taken_fails_the_connection():
    async def scene():
        with socket.create_server(("127.0.0.1", 0)) as server:
            place = server.getsockname()[1]
            _, said = await real_connection("TCP", place, place)
            assert said.endswith(b"CONNECT FAIL\r\n")

    asyncio.run(scene())


# -- CIPSGTXT ------------------------------------------------------------------------------------


def test_context_shows_in_the_lines_of_links_opened_on_it():
    host = multi(sim800())
    host.open(0)
    host.run("AT+CIPSGTXT=1")
    host.open(1)
    assert host.ask("AT+CIPSGTXT?") == b"\r\n+CIPSGTXT: 1\r\n" + OK
    said = host.ask("AT+CIPSTATUS")
    assert b'C: 0,0,"TCP"' in said and b'C: 1,1,"TCP"' in said


def test_context_is_for_several_links_on_sim800_only():
    assert single(sim800()).ask("AT+CIPSGTXT=1") == ERROR
    assert multi(sim800()).ask("AT+CIPSGTXT=2") == ERROR
    assert multi(luat()).ask("AT+CIPSGTXT=0") == ERROR


# -- CIPUDPMODE ----------------------------------------------------------------------------------


def test_extended_udp_sends_to_any_peer():
    host = multi(sim800(), network=served(other=Sink))
    host.open(0, "sink", 9, "UDP")
    assert host.ask('AT+CIPUDPMODE=0,2,"other",5') == ERROR  # not in normal mode
    host.run("AT+CIPUDPMODE=0,1", 'AT+CIPUDPMODE=0,2,"other",5')
    assert host.send(0, b"hello") == b"\r\n0, SEND OK\r\n"
    host.rest(200)
    assert [bytes(peer.received) for peer in host.network.peers] == [b"", b"hello"]
    assert b'+CIPUDPMODE: 0,1,"other","5"\r\n+CIPUDPMODE: 1,0' in host.ask("AT+CIPUDPMODE?")
    assert b'C: 0,0,"UDP","other","5","CONNECTED"' in host.ask("AT+CIPSTATUS")


def test_forms_of_udp_mode():
    host = single(sim800())
    assert host.ask("AT+CIPUDPMODE?") == b"\r\n+CIPUDPMODE: 0\r\n" + OK
    assert b"+CIPUDPMODE: (0-2)," in host.ask("AT+CIPUDPMODE=?")
    assert b"+CIPUDPMODE: (0-5),(0-2)," in multi(sim800()).ask("AT+CIPUDPMODE=?")
    host.open_single("sink", kind="UDP")
    host.run("AT+CIPUDPMODE=1")
    for bad in ("3", "", "0,1", "2", '2,"h"', '2,"",1', '2,"h",0', '2,"h",65536'):
        assert host.ask("AT+CIPUDPMODE=" + bad) == ERROR


def test_tcp_links_are_not_redirected():
    host = single(sim800())
    host.open_single()
    host.run("AT+CIPUDPMODE=1")
    assert host.ask('AT+CIPUDPMODE=2,"sink",9') == ERROR


# -- CIPTKA --------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile, prefix", [(luat(), b"+CIPTKA:"), (sim800(), b"+CIPTKA: ")])
def test_forms_of_keep_alive(profile, prefix):
    host = single(profile)
    assert host.ask("AT+CIPTKA?") == b"\r\n" + prefix + b"1,7200,75,9\r\n" + OK
    assert host.ask("AT+CIPTKA=?") == (
        b"\r\n" + prefix + b"(0-1),(30-7200),(30-600),(1-9)\r\n" + OK
    )
    for typed, stored in (
        ("0", b"0,7200,75,9"),
        ("1,30", b"1,30,75,9"),
        ("1,31,600", b"1,31,600,9"),
        ("1,7200,30,1", b"1,7200,30,1"),
    ):
        host.run("AT+CIPTKA=" + typed)
        assert host.ask("AT+CIPTKA?") == b"\r\n" + prefix + stored + b"\r\n" + OK


@pytest.mark.parametrize(
    "line", ["2", "", "1,29", "1,7201", "1,30,29", "1,30,601", "1,30,30,0", "1,30,30,10", "1,,"]
)
def test_keep_alive_out_of_its_limits_changes_nothing(line):
    host = single(luat())
    assert host.ask("AT+CIPTKA=" + line) == BAD
    assert host.ask("AT+CIPTKA?") == b"\r\n+CIPTKA:1,7200,75,9\r\n" + OK


def test_keep_alive_finds_a_peer_that_vanished():
    host = multi(luat(), "AT+CIPTKA=1,30,30,3")
    host.open(0)
    host.network.peers[0].vanish()
    assert host.rest(119_000) == b""
    assert host.rest(2000) == b"\r\n0, CLOSED\r\n"


def test_without_keep_alive_nobody_notices():
    host = multi(luat(), "AT+CIPTKA=0")
    host.open(0)
    host.network.peers[0].vanish()
    assert host.rest(100_000_000) == b""
    assert host.modem.links[0].state == "CONNECTED"


def test_keep_alive_on_a_real_socket():
    async def scene():
        with socket.create_server(("127.0.0.1", 0)) as server:
            network, _ = await real_connection(
                "TCP", server.getsockname()[1], free_port(socket.SOCK_STREAM)
            )
            own = network._channels[0]._transport.get_extra_info("socket")
            assert own.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
            assert own.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 7200
            assert own.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL) == 75
            assert own.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT) == 9
            network.close_all()
            await asyncio.sleep(0)

    asyncio.run(scene())


# -- supervision timers --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, default, good, bad",
    [
        ("CIPDPDP", "1,10,3", ["0", "1,180,10", "1,1,1"], ["2", "1,5", "1,0,3", "1,181,3"]),
        ("CIPRDTIMER", "2000,3500", ["100,7000", "4000,100"], ["99,100", "100", "100,7001"]),
    ],
)
def test_supervision_timers_are_remembered(name, default, good, bad):
    host = single(sim800())
    assert host.ask(f"AT+{name}?") == f"\r\n+{name}: {default}\r\n".encode() + OK
    assert host.ask(f"AT+{name}=?").startswith(f"\r\n+{name}: (".encode())
    for line in bad:
        assert host.ask(f"AT+{name}={line}") == ERROR
    for line in good:
        host.run(f"AT+{name}={line}")
        assert f"+{name}: {line}".encode() in host.ask(f"AT+{name}?")
    assert single(luat()).ask(f"AT+{name}?") == ERROR


def test_quick_remote_close_is_sim900s():
    assert single(sim800()).ask("AT+CIPQRCLOSE=1") == ERROR
    assert single(luat()).ask("AT+CIPQRCLOSE=1") == ERROR
    host = single(sim800(absent_commands=frozenset()))
    host.run("AT+CIPQRCLOSE=1")
    assert host.ask("AT+CIPQRCLOSE?") == b"\r\n+CIPQRCLOSE: 1\r\n" + OK


# -- settings that IP INITIAL takes --------------------------------------------------------------


@pytest.mark.parametrize("line", ["AT+CIPMUX=0", "AT+CIPMUX=1", "AT+CIPMODE=0", "AT+CIPMODE=1"])
@pytest.mark.parametrize("before", ["AT+CSTT", "AT+CIICR", "AT+CIFSR"])
def test_mode_cannot_change_once_the_network_is_started(line, before):
    host = Host(network=served())
    for command in ("AT+CSTT", "AT+CIICR", "AT+CIFSR"):
        host.run(command)
        assert host.ask(line) == REFUSED
        if command == before:
            break
    host.run("AT+CIPSHUT", line)
