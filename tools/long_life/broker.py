"""The other ends of the long-life run: an MQTT broker, an HTTP server, a UDP echo.

They check every byte. What the firmware promises about what its peers see: the bytes that were
written, in order, never twice; and where a prompt was lost, a cut followed by padding (CR) on a
connection from which nothing else comes any more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from long_life_message import body, number_of
from long_life_mqtt import packet_at, publish

from tools.vmodem import Peer

PAD = b"\r"
CONNACK = b"\x20\x02\x00\x00"
SUBACK = b"\x90\x03\x00\x01\x01"
PINGRESP = b"\xd0\x00"
CONNECT, SUBSCRIBE, PINGREQ = 0x10, 0x82, 0xC0
PUBLISH, PUBACK, DUP = 0x32, 0x40, 0x08
WINDOW = 16  # messages around the last one that may be on their way


class Ledger:
    """What the peers have seen. `violations` are promises that were broken.

    `on_answered(at_us)` is told when a message of the broker sent at `at_us` is acknowledged.
    """

    def __init__(self, on_answered: Callable[[int], None]) -> None:
        self.counts: Counter[str] = Counter()
        self.violations: list[str] = []
        self.on_answered = on_answered
        self.taken = 0  # the number of the last message
        self.unacked: dict[int, int | None] = {}  # messages to the board: when first sent
        self.client: MqttPeer | None = None

    def violated(self, peer: Peer, what: str) -> None:
        self.violations.append(f"{peer.now_us / 1e6:.3f} s: {what}")


class Checked(Peer):
    """A peer that, once it has seen padding, takes nothing but padding."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__()
        self.ledger = ledger
        self.padded = False

    def on_data(self, data: bytes) -> None:
        if not self.padded:
            self.on_sound_data(data)
        elif data.strip(PAD):
            self.ledger.violated(self, f"data behind padding: {data[:60]!r}")
        self.received.clear()  # a day's worth of bytes is of no use
        self.packets.clear()

    def on_sound_data(self, data: bytes) -> None:
        """Bytes of a connection without padding so far."""

    def expect_padding(self, rest: bytes, expected: Iterable[bytes]) -> None:
        """`rest` must be the beginning of one of `expected`, then CRs."""
        self.padded = True
        begun = rest.rstrip(PAD)
        self.ledger.counts["cut" if begun == rest else "padded"] += 1
        if begun and not any(good.startswith(begun) for good in expected):
            self.ledger.violated(self, f"not what was written: {rest[:60]!r} ({len(rest)} bytes)")


class MqttPeer(Checked):
    """One connection of the board's client; the session is in the ledger."""

    def on_connected(self) -> None:
        self._stream = bytearray()
        self._greeted = False

    def on_sound_data(self, data: bytes) -> None:
        self._stream += data
        while not self.padded:
            start, end = packet_at(self._stream, 0, len(self._stream))
            if not start or end > len(self._stream):
                return self._check_beginning()
            packet = bytes(self._stream[:end])
            if self._take(packet, packet[start:]):
                del self._stream[:end]
            else:
                self._lost_track()

    def on_closed(self) -> None:
        if self.ledger.client is self:
            self.ledger.client = None
        if self._stream and not self.padded:
            self._lost_track()

    def _check_beginning(self) -> None:
        """Part of a packet: padding that fell where its length stands would wait for ever."""
        if self._stream[:1] == PAD:
            self._lost_track()

    def _lost_track(self) -> None:
        self.expect_padding(bytes(self._stream), self._packets_under_way())

    def _packets_under_way(self) -> Iterable[bytes]:
        last = self.ledger.taken
        for number in range(max(1, last - WINDOW), last + WINDOW):
            yield publish(number, False)
            yield publish(number, True)
            yield b"\x40\x02" + (number & 0xFFFF).to_bytes(2, "big")
        yield from (b"\x10\x11\0\4MQTT\4\0\0\x3c\0\5board", b"\x82\x0a\0\1\0\5board\1", b"\xc0\0")

    def _take(self, packet: bytes, rest: bytes) -> bool:
        """One packet; False if it is none that the client sends."""
        kind = packet[0]
        if kind == CONNECT:
            return self._greet(rest)
        if not self._greeted:
            return False
        if kind & ~DUP == PUBLISH:
            return self._take_message(packet, rest)
        if kind == PUBACK and len(rest) == 2:
            return self._take_ack(int.from_bytes(rest, "big"))
        if kind == SUBSCRIBE and rest == b"\0\1\0\5board\1":
            self.send(SUBACK)
            self._resend()
            return True
        if kind == PINGREQ and not rest:
            self.ledger.counts["pings"] += 1
            self.send(PINGRESP)
            return True
        return False

    def _greet(self, rest: bytes) -> bool:
        if self._greeted or rest != b"\0\4MQTT\4\0\0\x3c\0\5board":
            return False
        self._greeted = True
        self.ledger.counts["sessions"] += 1
        self.ledger.client = self
        self.send(CONNACK)
        return True

    def _resend(self) -> None:
        for number, sent_us in self.ledger.unacked.items():
            self._send_message(number, dup=sent_us is not None)

    def _send_message(self, number: int, dup: bool) -> None:
        if not dup:
            self.ledger.unacked[number] = self.now_us
        self.send(publish_to_board(number, dup))

    def _take_message(self, packet: bytes, rest: bytes) -> bool:
        number = number_of(rest[9:])
        if number < 0 or packet != publish(number, bool(packet[0] & DUP)):
            return False
        ledger = self.ledger
        self.send(b"\x40\x02" + rest[7:9])
        if number == ledger.taken + 1:
            ledger.taken = number
            ledger.counts["messages"] += 1
            ledger.unacked[number] = None
            if ledger.client is self:
                self._send_message(number, dup=False)
        elif number <= ledger.taken and packet[0] & DUP:
            ledger.counts["again"] += 1
        else:
            ledger.violated(self, f"message {number} behind {ledger.taken}, {packet[0]:#x}")
        return True

    def _take_ack(self, identifier: int) -> bool:
        """An acknowledgement that comes again, after a message with DUP, finds nothing."""
        for number, sent_us in self.ledger.unacked.items():
            if number & 0xFFFF == identifier:
                del self.ledger.unacked[number]
                if sent_us is not None:
                    self.ledger.on_answered(sent_us)
                break
        return True


def publish_to_board(number: int, dup: bool) -> bytes:
    """As `publish`, on the topic the board has subscribed to."""
    return publish(number, dup).replace(b"cloud", b"board", 1)


class HttpPeer(Checked):
    """Answers `POST` of a message with the next message."""

    def on_connected(self) -> None:
        self._request = bytearray()

    def on_sound_data(self, data: bytes) -> None:
        self._request += data
        head, blank, content = bytes(self._request).partition(b"\r\n\r\n")
        size = head.rpartition(b" ")[2]
        if not blank or not size.isdigit() or len(content) < int(size):
            return
        number = number_of(content)
        if number < 0:
            digits = content[:8]
            numbers = [int(digits)] if digits.isdigit() else []
            return self.expect_padding(content, map(body, numbers))
        self.ledger.counts["requests"] += 1
        self.send(b"HTTP/1.0 200 OK\r\n\r\n" + body(number + 1))
        self.close()


class EchoPeer(Checked):
    """Sends a whole message back; what is cut and padded gets no answer."""

    def deliver(self, data: bytes) -> None:
        # Each datagram stands for itself: padding in one says nothing of the next.
        self.padded = False
        self.on_data(data)

    def on_sound_data(self, data: bytes) -> None:
        digits = data[:8]
        expected = body(int(digits))[:1400] if digits.isdigit() and len(digits) == 8 else b""
        if data != expected:
            return self.expect_padding(data, [expected])
        self.ledger.counts["datagrams"] += 1
        self.send(data)
