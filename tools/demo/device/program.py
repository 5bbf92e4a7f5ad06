# mypy: ignore-errors
"""What the board does in `make demo`.

    micropython program.py '{"http": 80, "tcp": 7, "udp": 7, "size": 65536, "baud": 460800}'

A stock `requests.post` blocks on one link while five sockets that do not block live inside
`modem.keep_going`. Everything it has to tell is printed as JSON, one object a line: `log` for
each step of bring-up, `links` several times a second, and `done` or `failed` at the end.
"""

import json
import sys
import time

import echo
import sixlink
from machine import UART
from micropython import const

_HOST = "127.0.0.1"
_TCP_ECHOES = const(4)
_DATAGRAM = const(1024)
_REPORT_MS = const(150)
_LIMIT_MS = const(90000)


def say(kind, **what):
    what["kind"] = kind
    print(json.dumps(what))


def connected(modem, kind, port):
    """A socket that is connected and from now on never waits."""
    sock = modem.socket(modem.AF_INET, kind)
    sock.connect(modem.getaddrinfo(_HOST, port)[0][-1])
    sock.setblocking(False)
    return sock


class Display:
    """Tells the engine's own figures of the six links, a few times a second."""

    def __init__(self, modem):
        self._links = modem.links
        self._told_at = time.ticks_ms()

    def step(self):
        if time.ticks_diff(time.ticks_ms(), self._told_at) >= _REPORT_MS:
            self.tell()

    def tell(self):
        self._told_at = time.ticks_ms()
        say("links", links=[self._row(link) for link in self._links if link.peer])

    @staticmethod
    def _row(link):
        return {
            "link": link.n,
            "protocol": link.kind(),
            "state": link.state_name(),
            "port": link.peer[1],
            "up": link.tx.sent,
            "down": link.rx.received,
        }


class Others:
    """The five sockets beside the stock client, stepped whenever that one waits."""

    def __init__(self, modem, tcp, udp, size, display):
        self.udp = echo.UdpEcho(
            connected(modem, modem.SOCK_DGRAM, udp), -(-size // _DATAGRAM), _DATAGRAM, 5
        )
        self.tcp = [
            echo.TcpEcho(connected(modem, modem.SOCK_STREAM, tcp), size, seed)
            for seed in range(_TCP_ECHOES)
        ]
        self.clients = [self.udp] + self.tcp
        self.error = None
        self._display = display

    @property
    def done(self):
        return self.error is not None or all(client.done for client in self.clients)

    def step(self):
        self._display.step()
        if self.error is None:
            try:
                for client in self.clients:
                    client.step()
            except (echo.Failed, OSError) as error:  # `keep_going` must not raise
                self.error = error

    def finish(self):
        """Go on without the stock client; raises what went wrong, at any time."""
        start = time.ticks_ms()
        while not self.done:
            self.step()
            time.sleep_ms(1)
            if time.ticks_diff(time.ticks_ms(), start) > _LIMIT_MS:
                raise echo.Failed("the echoes are not done after %d s" % (_LIMIT_MS // 1000))
        if self.error is not None:
            raise self.error


def post(url, size):
    """POST `size` bytes with stock `requests` and compare what comes back."""
    import requests

    body = echo.body(9, size)
    response = requests.post(url, data=body)
    if response.status_code != 200 or response.content != body:
        raise echo.Failed("the HTTP server did not send back what was posted")


def run(http, tcp, udp, size, baud):
    modem = sixlink.Modem(
        UART(1, baud, rxbuf=4096), apn="cmnet", rxbuf=4096, log=lambda text: say("log", text=text)
    )
    modem.connect()
    sixlink.install(modem)
    display = Display(modem)
    others = Others(modem, tcp, udp, size, display)
    modem.keep_going = others.step
    post("http://%s:%d/" % (_HOST, http), size)
    modem.keep_going = None
    say("log", text="stock requests.post: %d bytes there and back" % size)
    others.finish()
    if modem.last_error is not None:
        raise modem.last_error
    display.tell()
    for client in others.clients:
        client.sock.close()
    modem.disconnect()
    say("done", compared=[size] + [c.got for c in others.clients], resent=others.udp.resent)


try:
    run(**json.loads(sys.argv[1]))
except (OSError, echo.Failed) as error:
    say("failed", why=repr(error))
    sys.exit(1)
