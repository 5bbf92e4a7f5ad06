"""Six links without asyncio: `requests` waits on one while five sockets are served meanwhile.

A blocking call turns the modem and calls `modem.keep_going` on each turn; there any call that
does not wait is allowed. A watchdog can be fed there as well.
"""

import board
import requests
import settings
import sixlink

COUNT = 5
LINE = b"still here\n"


class Echo:
    """Sends a line to an echo server and waits for it, again and again, without ever blocking."""

    def __init__(self, modem):
        self.sock = modem.socket()
        self.sock.connect(modem.getaddrinfo(settings.ECHO_HOST, settings.ECHO_PORT)[0][-1])
        self.sock.setblocking(False)
        self.sent = self.got = 0

    def step(self):
        if self.got == self.sent:
            self.sent += self.sock.write(LINE) or 0
        self.got += len(self.sock.read(len(LINE)) or b"")


def serve():
    for echo in echoes:
        echo.step()


modem = board.modem(apn=settings.APN)
modem.connect()
sixlink.install(modem)
echoes = [Echo(modem) for _ in range(COUNT)]
modem.keep_going = serve
page = requests.get("http://%s:%d/bytes/10000" % (settings.HTTP_HOST, settings.HTTP_PORT)).content
modem.keep_going = None
print(modem)
print("page:", len(page))
print("echoed meanwhile:", [echo.got > 0 for echo in echoes])
for echo in echoes:
    echo.sock.close()
modem.disconnect()
