"""A modem session typed by hand: shim, pty and virtual modem without the firmware."""

import time

from machine import UART
from micropython import const

_WAIT_MS = const(10000)


class Terminal:
    """A UART on which one types commands and waits for words."""

    def __init__(self, baud):
        self.uart = UART(1, baud, rxbuf=4096)
        self.unread = b""

    def wait_for(self, words):
        """What came up to and including `words`."""
        self.receive_until(lambda: words in self.unread, words)
        return self.take(self.unread.find(words) + len(words))

    def take(self, count):
        """The next `count` bytes."""
        self.receive_until(lambda: len(self.unread) >= count, count)
        taken, self.unread = self.unread[:count], self.unread[count:]
        return taken

    def receive_until(self, condition, wanted):
        """Raises OSError after ten seconds."""
        start = time.ticks_ms()
        while not condition():
            if time.ticks_diff(time.ticks_ms(), start) > _WAIT_MS:
                raise OSError("waited for %r, got %r" % (wanted, self.unread))
            self.unread += self.uart.read() or b""
            time.sleep_ms(1)

    def type(self, data, words=b"\r\nOK\r\n"):
        while data:
            data = data[self.uart.write(data) or 0 :]
        return self.wait_for(words)


def echo(port, baud):
    """Bring link 0 up, send every byte value: [answer to ATI, what came back, bytes lost]."""
    terminal = Terminal(baud)
    terminal.type(b"AT\r")
    terminal.type(b"ATE0\r")
    name = terminal.type(b"ATI\r")
    terminal.type(b"AT+CIPMUX=1\r")
    terminal.type(b'AT+CSTT="cmnet"\r')
    terminal.type(b"AT+CIICR\r")
    terminal.type(b"AT+CIFSR\r", b"\r\n")
    terminal.type(b'AT+CIPSTART=0,"TCP","127.0.0.1",%d\r' % port, b"\r\n0, CONNECT OK\r\n")
    terminal.type(b"AT+CIPSEND=0,256\r\n", b"\r\n> ")
    terminal.type(bytes(range(256)), b"\r\n0, SEND OK\r\n")
    terminal.wait_for(b"\r\n+RECEIVE,0,256:\r\n")
    back = terminal.take(256)
    terminal.type(b"AT+CIPSHUT\r", b"\r\nSHUT OK\r\n")
    return [name.decode(), back.hex(), terminal.uart.overflows]
