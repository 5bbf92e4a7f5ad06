"""Scenes of the flight recorder: what a person does at the REPL after something went wrong."""

import board


def good_link(host, port, path):
    """Bring up, say hello to an echo server, save the trace; the counters."""
    modem = board.modem(user="gert", password="geheim")
    modem.connect()
    sock = modem.socket()
    sock.connect((host, port))
    sock.write(b"hello from the board")
    assert sock.read(20) == b"hello from the board"
    modem.trace(path)
    modem.trace()
    return modem.stats()


def bad_link(host, port, path):
    """docs/howto-debugging.md, as it stands there, on a modem that loses a prompt."""
    modem = board.modem()
    modem.connect()
    sock = modem.socket()
    sock.connect((host, port))
    print("ready")
    input()  # the test has prepared the fault
    sock.settimeout(20)
    try:
        sock.write(b"hello")
        sock.read(5)
    except OSError as error:
        print("read:", error)

    stats = modem.stats()
    print(stats["health"], stats["timeouts"], stats["losses"])
    for ago, name, what, cme in stats["errors"]:
        print("%.1f s ago: %s %s %d" % (ago, name, what, cme))

    modem.trace()

    modem.trace(path)
    return stats
