"""The modem as a server, without asyncio: callers are told the time, one after the other.

For SIM800 and older Air724; a modem without AT+CIPSERVER raises OSError(EOPNOTSUPP) in `listen`.
"""

import time

import board
import settings
import sixlink

CALLERS = 3


def answer(caller, address):
    """A peer that says nothing for ten seconds is hung up."""
    caller.settimeout(10)
    try:
        line = caller.readline()
        caller.sendall(b"up for %d s\n" % (time.ticks_ms() // 1000))
        print(address[0], "said", line.decode().strip())
    except OSError as error:
        print(address[0], "failed:", error.errno)
    finally:
        caller.close()


modem = board.modem(apn=settings.APN)
modem.connect()
sixlink.install(modem)

import socket  # noqa: E402 (the modem's, from here on)

listener = socket.socket()
listener.bind(("", settings.SERVER_PORT))
listener.listen(CALLERS)
print("listening at", modem.ifconfig()[0], settings.SERVER_PORT)
for _ in range(CALLERS):
    answer(*listener.accept())
listener.close()
modem.disconnect()
