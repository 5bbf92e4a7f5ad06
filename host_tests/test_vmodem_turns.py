"""Whose packet the modem pushes next: links that have data take turns."""

import re
from collections import Counter

import pytest
from vmodem_host import multi

from tools.vmodem import MemoryNetwork, Peer

LINKS = range(6)
SIZE = 60_000  # bytes that each peer sends: 41 full packets and a rest
LATE_US = 300  # a network looks at each socket so much later than at the one before
ORDERS = ((0, 1, 2, 3, 4, 5), (5, 4, 3, 2, 1, 0), (3, 0, 5, 1, 4, 2))
HEADER = re.compile(rb"\r\n\+RECEIVE,(\d),(\d+):\r\n")


class Asked(Peer):
    """Sends as soon as it is asked to."""

    def on_data(self, data):
        self.send(bytes(SIZE))


class LateNetwork(MemoryNetwork):
    """Finds that a peer may go on somewhat after it was told so, as an event loop with real
    sockets does: it looks at them in `order`."""

    def __init__(self, order=LINKS):
        super().__init__()
        self._order = order

    def resume(self, link, now_us):
        late_us = (self._order.index(link) + 1) * LATE_US
        self.at(self.now_us + late_us, lambda: super(LateNetwork, self).resume(link, now_us))


def turns(said):
    """The links in the order of their packets."""
    order = []
    at = 0
    while packet := HEADER.search(said, at):
        order.append(int(packet[1]))
        at = packet.end() + int(packet[2])
    return order


def download(baud, order):
    """What the modem says from the moment at which all peers are asked."""
    network = LateNetwork(order)
    network.serve("peer", 0, Asked)
    host = multi(network=network, baud=baud)
    for link in LINKS:
        host.open(link, "peer")
    for peer in network.peers:
        peer.on_data(b"go")
    return host.rest(2 * len(LINKS) * SIZE * 10_000 / baud)


@pytest.mark.parametrize("baud", [115200, 921600, 3_000_000])
@pytest.mark.parametrize("order", ORDERS)
def test_links_with_data_take_turns(baud, order):
    pushed = turns(download(baud, order))
    assert len(pushed) == len(LINKS) * -(-SIZE // 1460)
    for end in range(1, len(pushed)):
        sent = Counter(pushed[:end])
        shares = [sent[link] for link in LINKS]
        assert max(shares) - min(shares) <= 1, pushed[:end]


def test_the_line_never_rests_while_a_peer_has_more():
    network = LateNetwork()
    network.serve("peer", 0, Asked)
    host = multi(network=network, baud=921600)
    host.open(0, "peer")
    network.peers[0].on_data(b"go")
    host.rest(50)  # on its way
    while host.modem.links[0].received < SIZE:
        assert host.modem.output.behind_us(host.now_us) > 0
        host.rest(1)


@pytest.mark.parametrize("kind, held", [("TCP", True), ("UDP", False)])
def test_what_follows_one_full_packet_waits_unless_it_would_be_lost(kind, held):
    host = multi()
    host.open(0, kind=kind)
    said = host.send(0, bytes(1460))
    while not turns(said):
        said += host.rest(1)
    assert host.modem.links[0].paused is held
