"""Transparent mode of the virtual modem: both families, flow control, the pins, a long stream."""

import random

import pytest
from vmodem_families import BAD, ERROR, OK, REFUSED, luat, multi, sim800, single
from vmodem_host import Host, every_split, served

from tools.vmodem import CloseEarly, Echo, Peer, Sink, Source, VirtualModem, Wire

CONNECT = b"\r\nCONNECT\r\n"
FAMILIES = pytest.mark.parametrize("profile", [luat(), sim800()], ids=["luat", "sim800"])


def transparent(profile, *settings, host_name="sink", kind="TCP", network=None, **options):
    """A host in data mode."""
    host = single(profile, "AT+CIPMODE=1", network=network, **options)
    host.run(*settings)
    assert host.ask(f'AT+CIPSTART="{kind}","{host_name}",7') == OK + CONNECT
    assert host.modem.mode == "data"
    return host


def escaped(profile, *settings, **options):
    """A host that went from data mode to command level."""
    host = transparent(profile, *settings, **options)
    host.rest(2000)
    assert host.type(b"+++", 2000) == OK
    assert host.modem.mode == "command"
    return host


def received(host):
    host.rest(1000)
    return bytes(host.network.peers[-1].received)


# -- choosing it ---------------------------------------------------------------------------------


def test_forms_of_cipmode():
    host = Host(network=served())
    listing = b"\r\n+CIPMODE: (0-NORMAL MODE,1-TRANSPARENT MODE)\r\n"
    assert host.ask("AT+CIPMODE=?") == listing + OK
    assert host.ask("AT+CIPMODE?") == b"\r\n+CIPMODE: 0\r\n" + OK
    host.run("AT+CIPMODE=1")
    assert host.ask("AT+CIPMODE?") == b"\r\n+CIPMODE: 1\r\n" + OK
    assert host.ask("AT+CIPMODE=2") == BAD


def test_transparent_mode_and_several_links_exclude_each_other():
    host = Host(network=served())
    host.run("AT+CIPMODE=1")
    assert host.ask("AT+CIPMUX=1") == REFUSED
    host.run("AT+CIPMODE=0", "AT+CIPMUX=1")
    assert host.ask("AT+CIPMODE=1") == REFUSED


def test_transparent_link_from_ip_initial():
    host = Host(network=served())
    host.run("AT+CIPMODE=1")
    assert host.ask('AT+CIPSTART="TCP","echo",7') == OK + CONNECT


@pytest.mark.parametrize("udp, answer", [(True, OK + CONNECT), (False, REFUSED)])
def test_transparent_udp_may_be_missing(udp, answer):
    host = single(luat(transparent_udp=udp), "AT+CIPMODE=1")
    assert host.ask('AT+CIPSTART="UDP","sink",7') == answer
    assert (host.modem.mode == "data") is udp


def test_datagrams_are_cut_where_the_host_pauses():
    host = transparent(luat(), kind="UDP")
    for text in (b"one", b"two"):
        assert host.type(text) == b""
    assert host.network.peers[-1].packets == [b"one", b"two"]


@pytest.mark.parametrize("text", ["CONNECT OK", "ALREADY CONNECT"])
def test_modem_that_forgets_its_data_mode(text):
    host = single(sim800(transparent_connect=text), "AT+CIPMODE=1")
    assert host.ask('AT+CIPSTART="TCP","sink",7') == OK + b"\r\n%s\r\n" % text.encode()
    assert (host.modem.mode, host.modem.carrier) == ("command", False)
    assert host.ask("AT") == OK
    assert host.ask("ATO") == ERROR
    assert host.ask("AT+CIPSEND=1") == ERROR


def test_no_cipsend_in_transparent_mode():
    host = escaped(luat())
    for line in ("AT+CIPSEND", "AT+CIPSEND=5", "AT+CIPSEND=1460"):
        assert host.ask(line) == REFUSED
    assert host.ask('AT+CIPSTART="TCP","sink",7') == OK + b"\r\nALREADY CONNECT\r\n"


# -- the escape ----------------------------------------------------------------------------------


@FAMILIES
def test_escape_at_every_split(profile):
    for pieces in every_split(b"+++"):
        host = transparent(profile)
        host.rest(1000)
        said = b"".join(host.type(piece, 10) for piece in pieces)
        assert said + host.rest(1000) == OK
        assert host.modem.mode == "command"
        assert received(host) == b""


PACES = [  # ms before, ms between two pluses, ms behind; an escape for Luat, for SIM800
    (1000, 0, 500, True, False),
    (1000, 0, 1000, True, True),
    (999, 0, 1500, False, False),
    (1000, 250, 1000, True, True),
    (1000, 251, 1000, False, True),
    (1000, 1000, 1000, False, True),
    (1000, 1001, 1500, False, False),
]


@pytest.mark.parametrize("family", [0, 1], ids=["luat", "sim800"])
@pytest.mark.parametrize("pace", PACES)
def test_guard_times(pace, family):
    before, between, behind, *escapes = pace
    host = transparent((luat(), sim800())[family])
    host.type(b"x", before)
    host.type(b"+", between)
    host.type(b"+", between)
    said = host.type(b"+", behind)
    assert (said == OK) is escapes[family]
    if not escapes[family]:
        host.type(b"y", 3000)
        assert received(host) == b"x+++y"


@FAMILIES
@pytest.mark.parametrize("typed", [b"+++\r", b"+++\r\n", b"++++", b"a+++", b"++", b"+"])
def test_what_is_no_escape_is_data(profile, typed):
    host = transparent(profile)
    host.rest(2000)
    assert host.type(typed, 3000) == b""
    assert host.modem.mode == "data"
    assert received(host) == typed


def test_a_plus_that_was_none_of_three_does_not_break_the_silence():
    """Nothing is typed when the modem gives up to wait for the other two."""
    host = transparent(sim800())
    host.rest(2000)
    assert host.type(b"+", 1100) == b""
    assert host.type(b"+++", 1500) == OK
    assert received(host) == b"+"


def test_pluses_inside_data_do_not_escape():
    host = transparent(luat())
    for _ in range(3):
        host.type(b"text+++text", 2000)
    assert host.modem.mode == "data"
    assert received(host) == b"text+++text" * 3


@pytest.mark.parametrize("heeded", [False, True])
def test_escape_field_of_cipccfg(heeded):
    profile = luat(transfer_escape_field=heeded)
    host = transparent(profile, "AT+CIPCCFG=5,2,1024,0")
    host.rest(2000)
    assert host.type(b"+++", 2000) == (b"" if heeded else OK)
    assert received(host) == (b"+++" if heeded else b"")


@pytest.mark.parametrize("has", [True, False])
def test_modems_without_escape(has):
    host = transparent(luat(has_escape=has))
    host.rest(2000)
    assert host.type(b"+++", 2000) == (OK if has else b"")
    assert received(host) == (b"" if has else b"+++")
    if not has:
        host.network.peers[-1].close()
        host.rest(500)
        assert host.ask("ATO") == ERROR


# -- ATO -----------------------------------------------------------------------------------------


@FAMILIES
def test_ato_goes_on_where_the_stream_stopped(profile):
    host = escaped(profile)
    host.network.peers[-1].send(b"meanwhile")
    assert host.rest(500) == b""
    assert host.ask("AT+CIPSTATUS") == OK + b"\r\nSTATE: CONNECT OK\r\n"
    assert host.ask("ATO") == CONNECT + b"meanwhile"
    host.type(b"more")
    assert received(host) == b"more"


@pytest.mark.parametrize("profile, answer", [(luat(), b"\r\nNO CARRIER\r\n"), (sim800(), ERROR)])
@pytest.mark.parametrize("end", ["peer", "host"])
def test_ato_without_a_link(profile, answer, end):
    host = escaped(profile)
    if end == "peer":
        host.network.peers[-1].close()
        assert host.rest(500) == b"\r\nCLOSED\r\n"
    else:
        assert host.ask("AT+CIPCLOSE") == b"\r\nCLOSE OK\r\n"
    assert host.ask("ATO") == answer


def test_ato_outside_transparent_mode_is_refused():
    assert single(luat()).ask("ATO") == REFUSED
    assert multi(luat()).ask("ATO") == REFUSED


# -- ends ----------------------------------------------------------------------------------------


@FAMILIES
def test_peer_that_closes(profile):
    network = served(early=lambda: CloseEarly(3))
    host = transparent(profile, host_name="early", network=network)
    assert host.type(b"bye") == b"\r\nCLOSED\r\n"
    assert (host.modem.mode, host.state) == ("command", "TCP CLOSED")
    assert host.ask("AT") == OK


@pytest.mark.parametrize("text", ["+PDP DEACT", "+PDP: DEACT"])
def test_context_that_is_lost(text):
    host = transparent(luat(deact_in_data=text))
    host.modem.inject("pdp_deact")
    assert host.rest(1) == b"\r\n%s\r\n" % text.encode()
    assert (host.modem.mode, host.state) == ("command", "PDP DEACT")


@pytest.mark.parametrize("text", ["+PDP: DEACT", "+PDP DEACT", "+PDP:DEACT"])
def test_spelling_of_a_context_that_is_lost_at_command_level(text):
    host = multi(luat(deact=text))
    host.modem.inject("pdp_deact")
    assert host.rest(1) == b"\r\n%s\r\n" % text.encode()


@pytest.mark.parametrize("kind", ["TCP", "UDP"])
def test_error_of_the_modems_own_stack(kind):
    host = transparent(luat(), kind=kind)
    host.modem.stack.break_down(14)
    assert host.rest(1) == b"\r\n%s ERROR:14\r\n" % kind.encode()
    assert (host.modem.mode, host.modem.carrier) == ("command", False)
    assert host.modem.connections[0].closed_by == "error"
    host.run("AT+CIPSHUT")
    assert host.ask(f'AT+CIPSTART="{kind}","sink",7') == OK + CONNECT


def test_where_the_stack_cannot_break_down():
    for host in (transparent(sim800()), multi(luat()), single(luat())):
        with pytest.raises(ValueError):
            host.modem.stack.break_down(14)


# -- CIPCCFG -------------------------------------------------------------------------------------


def test_forms_of_cipccfg():
    host = single(luat(), "AT+CIPMODE=1")
    assert host.ask("AT+CIPCCFG?") == b"\r\n+CIPCCFG: 5,2,1024,1,0,1460,50,0\r\n" + OK
    assert host.ask("AT+CIPCCFG=?") == (
        b"\r\n+CIPCCFG: (NmRetry:3-8),(WaitTm:2-10),(SendSz:1-1460),(esc:0,1),(Rxmode:0,1),"
        b"(RxSize:50-1460),(Rxtimer:20-1000),(BufClean:0,1)\r\n" + OK
    )
    host.run("AT+CIPCCFG=3,10,1460,0")
    assert host.ask("AT+CIPCCFG?") == b"\r\n+CIPCCFG: 3,10,1460,0,0,1460,50,0\r\n" + OK
    host.run("AT+CIPCCFG=8,2,1,1,1,50,1000,1")
    assert host.ask("AT+CIPCCFG?") == b"\r\n+CIPCCFG: 8,2,1,1,1,50,1000,1\r\n" + OK


def test_cipccfg_of_sim800_has_seven_fields():
    host = single(sim800())
    assert host.ask("AT+CIPCCFG?") == b"\r\n+CIPCCFG: 5,2,1024,1,0,1460,50\r\n" + OK
    host.run("AT+CIPCCFG=5,1,1024,1", "AT+CIPCCFG=5,1,1024,1,0,1460,50")
    assert host.ask("AT+CIPCCFG=5,1,1024,1,0,1460,50,0") == ERROR


@pytest.mark.parametrize(
    "line",
    ["2,2,1024,1", "9,2,1024,1", "5,1,1024,1", "5,11,1024,1", "5,2,0,1", "5,2,1461,1"]
    + ["5,2,1024,2", "5,2,1024", "", "5,2,1024,1,2", "5,2,1024,1,0,49", "5,2,1024,1,0,1461"]
    + ["5,2,1024,1,0,50,19", "5,2,1024,1,0,50,1001", "5,2,1024,1,0,50,20,2", "5,2,x,1"],
)
def test_cipccfg_out_of_its_limits_changes_nothing(line):
    host = single(luat(), "AT+CIPMODE=1")
    assert host.ask("AT+CIPCCFG=" + line) == BAD
    assert host.ask("AT+CIPCCFG?") == b"\r\n+CIPCCFG: 5,2,1024,1,0,1460,50,0\r\n" + OK


def test_when_cipccfg_can_be_set():
    assert single(luat()).ask("AT+CIPCCFG=5,2,1024,1") == REFUSED  # CIPMODE=0
    assert multi(luat()).ask("AT+CIPCCFG=5,2,1024,1") == REFUSED
    assert single(sim800()).ask("AT+CIPCCFG=5,2,1024,1") == OK
    assert multi(sim800()).ask("AT+CIPCCFG=5,2,1024,1") == ERROR


def test_typed_bytes_leave_when_they_fill_a_block_or_the_host_pauses():
    host = transparent(luat(), "AT+CIPCCFG=5,3,100,1")
    peer = host.network.peers[-1]
    host.type(b"x" * 250, 30)
    assert [len(packet) for packet in peer.packets] == [100, 100]
    host.rest(280)
    assert [len(packet) for packet in peer.packets] == [100, 100]
    host.rest(50)
    assert [len(packet) for packet in peer.packets] == [100, 100, 50]


@pytest.mark.parametrize("unit_us", [100_000, 200_000])
def test_unit_of_the_pause(unit_us):
    host = transparent(luat(transfer_wait_unit_us=unit_us), "AT+CIPCCFG=5,10,100,1")
    host.type(b"text", unit_us * 10 / 1000 - 1)
    assert host.network.peers[-1].received == b""
    assert received(host) == b"text"


class Stuck(Peer):
    """Takes 100 bytes a second."""

    rate = 100


@pytest.mark.parametrize("discard", [0, 1])
def test_what_has_not_left_at_the_escape(discard):
    host = transparent(
        luat(),
        f"AT+CIPCCFG=5,2,100,1,0,1460,50,{discard}",
        host_name="stuck",
        network=served(stuck=Stuck),
        send_window=200,
    )
    host.type(bytes(1000), 1000)
    assert host.type(b"+++", 1000) == OK
    host.rest(60_000)
    got = len(host.network.peers[-1].received)
    assert got < 1000 if discard else got == 1000


# -- flow control --------------------------------------------------------------------------------


class Line:
    """A host on a wire that follows `due_us`."""

    def __init__(self, network, baud=921600, **options):
        profile = options.pop("profile", luat())
        self.modem = VirtualModem(network, profile=profile, baud=baud, echo=False, **options)
        self.wire = Wire(self.modem, host_baud=baud)
        self.now_us = 0

    def until(self, done, ms=60_000):
        end_us = self.now_us + ms * 1000
        got = bytearray()
        while not done(got) and self.now_us < end_us:
            due_us = self.wire.due_us(self.now_us)
            self.now_us = end_us if due_us is None else min(end_us, max(self.now_us + 1, due_us))
            got += self.wire.arrived(self.now_us)
        return bytes(got)

    def ask(self, line, end=b"\r\n"):
        self.wire.write(line + b"\r", self.now_us)
        said = self.until(lambda got: got.endswith(end))
        assert said.endswith(end), said

    def online(self, name, *settings):
        self.ask(b"AT+CIPMODE=1")
        for line in settings:
            self.ask(line)
        self.ask(b'AT+CIPSTART="TCP","%s",7' % name, CONNECT)
        return self.modem.network.peers[-1]


MEBIBYTE = random.Random(5).randbytes(1 << 20)


@FAMILIES
def test_a_mebibyte_each_way(profile):
    line = Line(served(), profile=profile, flow=True)
    peer = line.online(b"echo")
    assert isinstance(peer, Echo)
    line.wire.write(MEBIBYTE, line.now_us)
    start_us = line.now_us
    back = line.until(lambda got: len(got) == len(MEBIBYTE))
    assert bytes(peer.received) == MEBIBYTE
    assert back == MEBIBYTE
    seconds = (line.now_us - start_us) / 1e6
    assert seconds < 1.1 * len(MEBIBYTE) * 10 / 921600
    assert line.modem.mode == "data"
    assert line.modem.counters["rx_overrun"] == 0


def test_a_mebibyte_pushed_by_a_peer_that_then_closes():
    line = Line(served(source=lambda: Source(MEBIBYTE)))
    line.ask(b"AT+CIPMODE=1")
    line.wire.write(b'AT+CIPSTART="TCP","source",7\r', line.now_us)
    end = b"\r\nCLOSED\r\n"
    said = line.until(lambda got: got.endswith(end))
    assert said == OK + CONNECT + MEBIBYTE + end


class Sluggish(Sink):
    """Takes a tenth of what a host can type at 921600 bit/s."""

    rate = 9216


@pytest.mark.parametrize("flow", [True, False])
def test_host_that_types_faster_than_the_peer_takes(flow):
    line = Line(served(sluggish=Sluggish), flow=flow)
    peer = line.online(b"sluggish")
    data = MEBIBYTE[:100_000]
    line.wire.write(data, line.now_us)
    line.until(lambda got: len(peer.received) == len(data), 30_000)
    lost = line.modem.counters["rx_overrun"]
    assert (lost == 0) is flow
    assert len(peer.received) == len(data) - lost
    if flow:
        assert bytes(peer.received) == data


def test_rts_stops_a_host_that_types_into_a_busy_modem():
    line = Line(served(), flow=True, baud=115200, latency_us=2_000_000)
    line.wire.write(b"AT\r" + b"\r" * 20_000, line.now_us)
    line.until(lambda got: False, 1900)
    assert not line.modem.clear_to_send
    assert line.modem.typed.waiting < 8192
    assert line.until(lambda got: False, 5000).count(OK) == 1
    assert line.modem.clear_to_send
    assert line.modem.counters["rx_overrun"] == 0


# -- pins ----------------------------------------------------------------------------------------


def test_carrier_detect_follows_the_link():
    host = single(luat(), "AT+CIPMODE=1")
    pins = host.modem.pins
    assert (host.modem.carrier, pins.dcd) == (False, 1)
    host.ask('AT+CIPSTART="TCP","sink",7')
    assert (host.modem.carrier, pins.dcd) == (True, 0)
    host.rest(1000)
    host.type(b"+++", 1000)
    assert host.modem.carrier  # the link is still there
    host.network.peers[-1].close()
    host.rest(500)
    assert (host.modem.carrier, pins.dcd) == (False, 1)


def test_carrier_tells_a_close_from_data_that_reads_like_one():
    class Liar(Peer):
        def on_connected(self):
            self.send(b"\r\nCLOSED\r\n")

    host = single(luat(), "AT+CIPMODE=1", network=served(liar=Liar))
    said = host.ask('AT+CIPSTART="TCP","liar",7')
    assert said == OK + CONNECT + b"\r\nCLOSED\r\n"
    assert host.modem.carrier
    host.network.peers[-1].close()
    assert host.rest(500) == b"\r\nCLOSED\r\n"
    assert not host.modem.carrier


@pytest.mark.parametrize("end", ["AT+CIPCLOSE", "AT+CIPSHUT", "AT+CGATT=0"])
def test_carrier_is_gone_with_the_link(end):
    host = escaped(luat())
    host.ask(end)
    assert not host.modem.carrier


def test_carrier_that_is_always_on():
    host = single(luat())
    host.run("AT&C0")
    assert host.modem.carrier
    host.run("AT&C1")
    assert not host.modem.carrier
    assert host.ask("AT&C2") == BAD


def test_normal_mode_has_no_carrier():
    host = single(luat())
    host.open_single()
    assert not host.modem.carrier


@pytest.mark.parametrize(
    "mode, said, alive", [(0, b"", True), (1, OK, True), (2, OK + b"\r\nCLOSED\r\n", False)]
)
def test_terminal_ready_going_off(mode, said, alive):
    host = transparent(sim800(), f"AT&D{mode}")
    host.modem.pins.dtr(1)
    assert host.rest(10) == said
    assert host.modem.mode == ("command" if said else "data")
    assert (host.modem.links[0].state == "CONNECTED") is alive
    host.modem.pins.dtr(0)
    if mode == 1:
        assert host.ask("ATO") == CONNECT
    assert host.modem.carrier is alive


def test_terminal_ready_means_nothing_at_command_level():
    host = single(luat())
    host.run("AT&D2")
    host.open_single()
    host.modem.pins.dtr(1)
    assert host.rest(100) == b""
    assert host.modem.links[0].state == "CONNECTED"
    assert host.ask("AT&D3") == BAD
