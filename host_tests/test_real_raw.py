"""Commands typed by hand to the virtual modem's process: no firmware takes part."""

from real import virtual_modem


def test_every_byte_value_comes_back_from_a_tcp_echo(tcp_echo):
    sent = bytes(range(256))
    with virtual_modem(baud=115200) as (board, modem):
        name, back, lost = board.play("scenes_raw", "echo", tcp_echo.port, 115200)
        stats = modem.stop()
    assert "AirM2M" in name
    assert (back, lost) == (sent.hex(), 0)
    assert tcp_echo.received == [sent]
    [connection] = stats["connections"]
    assert connection["port"] == tcp_echo.port
    assert (connection["bytes_up"], connection["bytes_down"]) == (256, 256)
    assert connection["closed_by"] == "shut"
