"""One peer on the bare UART: no commands and no prompts, data at the full rate of the line.

Best with RTS and CTS wired (`flow=True`): without them bytes that come while the program is busy
for too long are lost, and the stream says ENOBUFS.
"""

import board
import settings

COUNT = 20
TRIES = 3


def exchange(stream):
    """Send lines; how many come back right."""
    right = 0
    for number in range(COUNT):
        line = b"reading %d\n" % number
        stream.write(line)
        right += stream.readline() == line
    return right


def talk():
    """There is one link until the stream is closed; then six come back."""
    stream = modem.transparent(settings.ECHO_HOST, settings.ECHO_PORT, timeout=60)
    try:
        stream.settimeout(10)  # a modem that has died in this mode says nothing
        return exchange(stream)
    finally:
        stream.close()


modem = board.modem(apn=settings.APN)
modem.connect()
for _ in range(TRIES):
    try:
        print("lines:", talk())
        break
    except OSError as error:
        print("once more after", error)
        modem.connect()
modem.connect()  # waits for the six links
print(modem)
modem.disconnect()
