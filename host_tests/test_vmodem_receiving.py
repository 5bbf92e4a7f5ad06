"""How received data stands on the wire: every header, every option, both families."""

import pytest
from vmodem_families import BAD, ERROR, OK, REFUSED, luat, multi, sim800, single
from vmodem_host import served

from tools.vmodem import Peer, Source

ADDRESS = "1.2.3.4"


class Speaker(Peer):
    def on_connected(self):
        self.send(b"test")


def received(profile, *settings, mux=0, kind="TCP"):
    """What the host sees of four bytes from 1.2.3.4:9600, after the result of CIPSTART."""
    network = served(**{ADDRESS: Speaker})
    host = (multi if mux else single)(profile, *settings, network=network)
    link = "0," if mux else ""
    said = host.ask(f'AT+CIPSTART={link}"{kind}","{ADDRESS}",9600')
    head = OK + (b"\r\n0, CONNECT OK\r\n" if mux else b"\r\nCONNECT OK\r\n")
    assert said.startswith(head)
    return said[len(head) :]


# -- pushed, single link: the table of CIPHEAD, CIPSHOWTP, CIPSRIP -----------------------------

FROM = b"\r\nRECV FROM:1.2.3.4:9600\r\n"
TABLE = {
    (): b"test",
    ("HEAD",): b"\r\n+IPD,4:test",
    ("HEAD", "SHOWTP"): b"\r\n+IPD,4,TCP:test",
    ("HEAD", "SRIP"): FROM + b"\r\n+IPD,4:test",
    ("HEAD", "SHOWTP", "SRIP"): FROM + b"\r\n+IPD,4,TCP:test",
    ("SHOWTP",): b"test",  # has no meaning without CIPHEAD=1
    ("SRIP",): FROM + b"test",
}


@pytest.mark.parametrize("profile", [luat(), sim800()], ids=["luat", "sim800"])
@pytest.mark.parametrize("names, said", TABLE.items(), ids=["+".join(k) or "raw" for k in TABLE])
def test_headers_in_single_link_mode(profile, names, said):
    assert received(profile, *(f"AT+CIP{name}=1" for name in names)) == said


def test_kind_in_the_header_of_a_datagram():
    said = received(luat(), "AT+CIPHEAD=1", "AT+CIPSHOWTP=1", kind="UDP")
    assert said == b"\r\n+IPD,4,UDP:test"


@pytest.mark.parametrize("prefix", ["+IPD,", "+IPD, "])
def test_space_in_the_header(prefix):
    said = received(luat(ipd_prefix=prefix), "AT+CIPHEAD=1")
    assert said == b"\r\n" + prefix.encode() + b"4:test"


@pytest.mark.parametrize("words", ["RECV FROM:", "RECV FROM: ", "+RECV FROM:"])
def test_spelling_of_the_sender(words):
    said = received(luat(receive_from=words), "AT+CIPSRIP=1")
    assert said == b"\r\n" + words.encode() + b"1.2.3.4:9600\r\ntest"


@pytest.mark.parametrize("name", ["CIPHEAD", "CIPSHOWTP", "CIPSRIP"])
def test_forms_of_the_header_commands(name):
    host = single(luat())
    assert host.ask(f"AT+{name}=?") == b"\r\n+%s: (0,1)\r\n" % name.encode() + OK
    assert host.ask(f"AT+{name}?") == b"\r\n+%s: 0\r\n" % name.encode() + OK
    host.run(f"AT+{name}=1")
    assert host.ask(f"AT+{name}?") == b"\r\n+%s: 1\r\n" % name.encode() + OK
    assert host.ask(f"AT+{name}=2") == BAD


# -- pushed, several links -----------------------------------------------------------------------


@pytest.mark.parametrize("profile", [luat(), sim800()], ids=["luat", "sim800"])
def test_header_of_several_links_stands_whatever_ciphead_says(profile):
    for settings in ((), ("AT+CIPHEAD=1",), ("AT+CIPHEAD=1", "AT+CIPSHOWTP=1")):
        assert received(profile, *settings, mux=1) == b"\r\n+RECEIVE,0,4:\r\ntest"


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"address_in_multi": False}, b"\r\n+RECEIVE,0,4:\r\ntest"),
        ({"address_in_multi": True}, b"\r\n+RECEIVE,0,4,1.2.3.4:9600:\r\ntest"),
        (
            {"address_in_multi": True, "address_end": ""},
            b"\r\n+RECEIVE,0,4,1.2.3.4:9600\r\ntest",
        ),
    ],
)
def test_address_in_the_header_of_several_links(changes, said):
    assert received(luat(**changes), "AT+CIPSRIP=1", mux=1) == said


# -- CIPRXF --------------------------------------------------------------------------------------


@pytest.mark.parametrize("appends", [False, True])
def test_cr_lf_behind_data_by_default_or_not(appends):
    profile = luat(append_crlf=appends)
    tail = b"\r\n" if appends else b""
    assert received(profile) == b"test" + tail
    assert received(profile, mux=1) == b"\r\n+RECEIVE,0,4:\r\ntest" + tail
    host = single(profile)
    assert host.ask("AT+CIPRXF?") == b"\r\n+CIPRXF:%d\r\n" % (not appends) + OK


@pytest.mark.parametrize("counted, length", [(False, b"4"), (True, b"6")])
def test_length_may_count_the_cr_lf(counted, length):
    profile = luat(crlf_counted=counted)
    said = received(profile, "AT+CIPRXF=0", mux=1)
    assert said == b"\r\n+RECEIVE,0," + length + b":\r\ntest\r\n"
    assert received(profile, mux=1) == b"\r\n+RECEIVE,0,4:\r\ntest"


def test_ciprxf_is_luats_and_comes_before_the_connection():
    assert b"ERROR" in single(sim800()).ask("AT+CIPRXF=1")
    assert received(sim800(append_crlf=False)) == b"test"
    host = single(luat())
    host.open_single()
    assert host.ask("AT+CIPRXF=0") == REFUSED


# -- CIPRXGET ------------------------------------------------------------------------------------


def pulling(profile, mux=1, data=b"0123456789", close=False, settings=()):
    network = served(**{ADDRESS: lambda: Source(data, close)})
    host = (multi if mux else single)(profile, "AT+CIPRXGET=1", *settings, network=network)
    link = "0," if mux else ""
    urc = host.ask(f'AT+CIPSTART={link}"TCP","{ADDRESS}",80').partition(b"CONNECT OK\r\n")[2]
    return host, urc


@pytest.mark.parametrize("prefix", ["+CIPRXGET: ", "+CIPRXGET:"])
def test_space_behind_ciprxget(prefix):
    p = prefix.encode()
    host, urc = pulling(luat(rxget_prefix=prefix))
    assert urc == b"\r\n" + p + b"1,0\r\n"
    assert host.ask("AT+CIPRXGET=4,0") == b"\r\n" + p + b"4,0,10\r\n" + OK
    assert host.ask("AT+CIPRXGET=2,0,4") == b"\r\n" + p + b"2,0,4,6\r\n0123" + OK
    assert host.ask("AT+CIPRXGET=3,0,2") == b"\r\n" + p + b"3,0,2,4\r\n3435" + OK
    assert host.ask("AT+CIPRXGET?") == b"\r\n" + p + b"1\r\n" + OK


@pytest.mark.parametrize("glued, gap", [(False, b"\r\n"), (True, b"")])
def test_single_link_header_may_be_glued_to_its_data(glued, gap):
    host, urc = pulling(luat(rxget_single_glued=glued), mux=0, data=b"1234567890")
    assert urc == b"\r\n+CIPRXGET: 1\r\n"
    assert host.ask("AT+CIPRXGET=4") == b"\r\n+CIPRXGET: 4,10\r\n" + OK
    said = host.ask("AT+CIPRXGET=2,1460")
    assert said == b"\r\n+CIPRXGET: 2,10,0" + gap + b"1234567890" + OK
    host, _ = pulling(luat(rxget_single_glued=glued))
    assert host.ask("AT+CIPRXGET=2,0,2") == b"\r\n+CIPRXGET: 2,0,2,8\r\n01" + OK


@pytest.mark.parametrize("mux", [0, 1])
@pytest.mark.parametrize("known", [False, True])
def test_sender_in_reads(mux, known):
    host, urc = pulling(luat(address_in_multi=known), mux, settings=["AT+CIPSRIP=1"])
    link = b"0," if mux else b""
    place = b",1.2.3.4:80" if known else b""
    assert urc == b"\r\n+CIPRXGET: 1" + (b",0" if mux else b"") + place + b"\r\n"
    said = host.ask("AT+CIPRXGET=2," + ("0," if mux else "") + "4")
    assert said == b"\r\n+CIPRXGET: 2," + link + b"4,6" + place + b"\r\n0123" + OK


@pytest.mark.parametrize(
    "manner, said",
    [("refused", REFUSED), ("error", ERROR), ("empty", b"\r\n+CIPRXGET: 2,0,0,0\r\n" + OK)],
)
def test_read_of_a_link_that_is_gone(manner, said):
    host, _ = pulling(luat(rxget_of_gone_link=manner), close=True)
    assert host.ask("AT+CIPRXGET=2,0,1460").endswith(b"0123456789" + OK)
    assert host.ask("AT+CIPRXGET=2,0,1460") == said
    assert b"ERROR" in host.ask("AT+CIPRXGET=2,0,1461")


def test_nothing_to_read_on_a_live_link_is_no_error():
    host, _ = pulling(luat(rxget_of_gone_link="error"), data=b"")
    assert host.ask("AT+CIPRXGET=2,0,10") == b"\r\n+CIPRXGET: 2,0,0,0\r\n" + OK


def test_limits_of_plain_and_hex_reads():
    host, _ = pulling(luat(), data=bytes(2000))
    assert host.ask("AT+CIPRXGET=3,0,731") == BAD
    head = b"\r\n+CIPRXGET: 3,0,730,1270\r\n"
    assert host.ask("AT+CIPRXGET=3,0,730") == head + b"00" * 730 + OK
    assert host.ask("AT+CIPRXGET=2,0,1461") == BAD
    assert host.ask("AT+CIPRXGET=2,0,1460").startswith(b"\r\n+CIPRXGET: 2,0,1270,0\r\n")


def test_test_form_of_ciprxget():
    assert single(luat()).ask("AT+CIPRXGET=?") == OK
    said = single(sim800()).ask("AT+CIPRXGET=?")
    assert said.startswith(b"\r\n+CIPRXGET: (0-4)") and said.endswith(OK)


@pytest.mark.parametrize("strict", [False, True])
def test_until_when_the_receive_mode_can_be_chosen(strict):
    host = single(luat(rxget_needs_initial=strict))
    assert (host.ask("AT+CIPRXGET=1") == OK) is not strict
    host.run("AT+CIPSHUT", "AT+CIPRXGET=1")
    host.open_single()
    assert host.ask("AT+CIPRXGET=0") == REFUSED


def test_announcement_of_every_arrival_is_luats():
    assert b"ERROR" in single(sim800()).ask("AT+CIPRXGET=5")
    host = single(luat())
    host.run("AT+CIPSHUT", "AT+CIPRXGET=5")
    assert host.ask("AT+CIPRXGET?") == b"\r\n+CIPRXGET: 5\r\n" + OK
