"""What a closed socket has written still leaves, whatever its link is doing at that moment."""

from world import World

from tools.vmodem import Source

WRITTEN = b"w" * 700


def test_close_while_a_read_is_in_flight():
    world = World(latency_us=20_000)
    world.network.serve("source", 1, lambda: Source(b"r" * 3000, close=False))
    world.nic.connect()
    sock = world.nic.socket()
    sock.connect(("source", 1))
    while "> b'AT+CIPRXGET=2,0" not in world.trace():
        world.run(1)
    sock.write(WRITTEN)
    sock.close()
    world.until(lambda: not world.nic.links[0].up)
    (peer,) = world.network.peers
    assert peer.received == WRITTEN
    assert world.nic.links[0].unsent == 0
