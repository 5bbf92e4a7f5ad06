"""The peers of the long-life run find what they are there to find."""

import pytest

from tools.long_life.broker import EchoPeer, HttpPeer, Ledger, MqttPeer, publish_to_board

from long_life_message import body  # isort: skip (the package above has put it on the path)
from long_life_mqtt import publish  # isort: skip

CONNECT = b"\x10\x11\0\4MQTT\4\0\0\x3c\0\5board"
SUBSCRIBE = b"\x82\x0a\0\1\0\5board\1"


class Line:
    """Stands for the channel: keeps what the peer sends."""

    now_us = 1_000_000

    def __init__(self):
        self.said = b""

    def to_modem(self, data, after_us):
        self.said += data

    def end(self, after_us):
        self.said += b"<end>"


def open_peer(kind, ledger):
    peer = kind(ledger)
    peer.channel = Line()
    peer.on_connected()
    return peer


@pytest.fixture
def ledger():
    answered = []
    ledger = Ledger(answered.append)
    ledger.answered = answered
    return ledger


@pytest.fixture
def mqtt(ledger):
    peer = open_peer(MqttPeer, ledger)
    peer.deliver(CONNECT + SUBSCRIBE)
    assert peer.channel.said == b"\x20\2\0\0\x90\3\0\1\1"
    peer.channel.said = b""
    return peer


def ack(number):
    return b"\x40\x02" + number.to_bytes(2, "big")


def test_message_is_acknowledged_and_comes_back(mqtt, ledger):
    mqtt.deliver(publish(1, False))
    assert mqtt.channel.said == ack(1) + publish_to_board(1, False)
    mqtt.deliver(ack(1))
    assert ledger.answered == [1_000_000] and not ledger.unacked and not ledger.violations


def test_stream_in_single_bytes(mqtt, ledger):
    for byte in publish(1, False) + ack(1) + b"\xc0\0" + publish(2, False):
        mqtt.deliver(bytes([byte]))
    assert ledger.taken == 2 and not ledger.violations and not mqtt.padded


def test_again_with_dup_is_right(mqtt, ledger):
    mqtt.deliver(publish(1, False) + publish(1, True))
    assert ledger.counts["again"] == 1 and not ledger.violations


@pytest.mark.parametrize("number, dup", [(1, False), (3, False), (3, True)])
def test_doubled_without_dup_or_out_of_order(mqtt, ledger, number, dup):
    mqtt.deliver(publish(1, False) + publish(number, dup))
    assert len(ledger.violations) == 1


def test_session_goes_on_with_dup(mqtt, ledger):
    mqtt.deliver(publish(1, False))
    mqtt.on_closed()
    peer = open_peer(MqttPeer, ledger)
    peer.deliver(CONNECT + SUBSCRIBE)
    assert peer.channel.said.endswith(publish_to_board(1, True))


@pytest.mark.parametrize("cut", [0, 1, 3, 5, 100])
def test_padding_behind_a_cut_is_allowed_and_nothing_after_it(mqtt, ledger, cut):
    whole = publish(2, False)
    mqtt.deliver(publish(1, False) + whole[:cut] + b"\r" * (len(whole) - cut))
    mqtt.deliver(b"\r" * 100)
    assert ledger.counts["padded"] == 1 and not ledger.violations
    mqtt.deliver(CONNECT)
    assert len(ledger.violations) == 1


@pytest.mark.parametrize("padding, word", [(b"\r" * 40, "padded"), (b"", "cut"), (b"!", "cut")])
def test_what_is_left_of_a_packet_when_the_connection_ends(mqtt, ledger, padding, word):
    mqtt.deliver(publish(2, False)[:2] + padding)
    mqtt.on_closed()
    assert ledger.counts[word] == 1 and len(ledger.violations) == (padding == b"!")


@pytest.mark.parametrize("at", [0, 4, 9, 60, -1])
def test_wrong_byte_is_found(mqtt, ledger, at):
    spoilt = bytearray(publish(1, False))
    spoilt[at] ^= 0x41
    mqtt.deliver(bytes(spoilt) + publish(2, False))
    assert ledger.violations


def test_lost_byte_is_found(mqtt, ledger):
    whole = publish(1, False)
    mqtt.deliver(whole[:80] + whole[81:] + publish(2, False))
    assert ledger.violations


def test_http(ledger):
    peer = open_peer(HttpPeer, ledger)
    data = body(5)
    peer.deliver(b"POST / HTTP/1.0\r\nContent-Length: %d\r\n\r\n" % len(data) + data[:50])
    assert peer.channel.said == b""
    peer.deliver(data[50:])
    assert peer.channel.said == b"HTTP/1.0 200 OK\r\n\r\n" + body(6) + b"<end>"


def test_http_with_a_wrong_byte(ledger):
    peer = open_peer(HttpPeer, ledger)
    data = body(5)[:-1] + b"!"
    peer.deliver(b"POST / HTTP/1.0\r\nContent-Length: %d\r\n\r\n" % len(data) + data)
    assert len(ledger.violations) == 1


def test_datagrams(ledger):
    peer = open_peer(EchoPeer, ledger)
    peer.deliver(body(3))
    assert peer.channel.said == body(3)
    peer.deliver(body(4)[:30] + b"\r" * 9)
    peer.deliver(b"\r" * 9)
    assert ledger.counts["padded"] == 2 and not ledger.violations
    peer.deliver(body(4)[:30] + b"!")
    assert len(ledger.violations) == 1
