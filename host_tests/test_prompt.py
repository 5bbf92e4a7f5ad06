"""No payload without a prompt, and no prompt out of a payload."""

import errno

import pytest
from world import World

from tools.vmodem import Sink

WRITTEN = b"w" * 700


def test_prompt_in_a_payload_whose_header_was_torn():
    world = World(latency_us=40_000, flow=True, nic={"flow": True})
    world.network.serve("sink", 1, Sink)
    world.nic.connect()
    assert world.nic.flow
    sock = world.nic.socket()
    sock.connect(("sink", 1))
    sock.setblocking(False)
    sock.write(WRITTEN)
    while "> b'AT+CIPSEND" not in world.trace():
        world.run(1)
    world.uart._rx += b"\r\nRECEIVE,0,4:\r\n> xx\r\n"
    world.run(10_000)
    (peer,) = world.network.peers
    assert peer.received == b"\r" * 700, "padding is what a modem gets whose prompt is in doubt"
    with pytest.raises(OSError) as error:
        sock.write(b"more")
    assert error.value.args[0] == errno.ECONNRESET
