"""The modem as a network interface beside others, on real MicroPython: nothing is installed."""

from clients import board_and_modem

STAT_IDLE, STAT_CONNECTING, STAT_GOT_IP = 0, 1, 3
ADDRESS = "10.78.245.128"


def play(scene, *args):
    with board_and_modem() as (board, modem):
        result = board.play("scenes_clients_nic", scene, *args)
        return result, modem.record(result)


def test_documented_names_are_there():
    assert play("missing_names")[0] == []


def test_an_interface_from_the_first_call_to_the_last():
    told, _ = play("life")
    assert told == {
        "new": [False, False, STAT_IDLE],
        "switched on": [True, STAT_CONNECTING],
        "connected": [True, STAT_GOT_IP, -67],
        "addresses": [
            [ADDRESS, "255.255.255.255", "0.0.0.0", "0.0.0.0"],
            [ADDRESS, "255.255.255.255"],
            "cmnet",
        ],
        "refused": ["ValueError", "ValueError", "ValueError", "ValueError", "EOPNOTSUPP"],
        "disconnected": [False, STAT_IDLE],
        "again": [True, True],
        "off": [False, False, STAT_IDLE],
    }


def test_side_by_side_with_the_interpreters_own_sockets(tcp_echo):
    (answers, untouched), record = play("side_by_side", tcp_echo.port)
    assert answers == [f"{net} {n}\n" for n in range(3) for net in ("own", "modem")]
    assert untouched is True
    assert sorted(bytes(data) for data in tcp_echo.received) == [
        b"modem 0\nmodem 1\nmodem 2\n",
        b"own 0\nown 1\nown 2\n",
    ]
    assert record.sizes() == [8, 8, 8]
