"""Set the clock by NTP, in the way of MicroPython's `ntptime` (which works as well)."""

import socket
import struct
import time

import board
import machine
import settings
import sixlink

# Seconds from 1900, where NTP begins to count, to where `time` does: 2000 on boards.
EPOCH = {1970: 2208988800, 2000: 3155673600}[time.gmtime(0)[0]]
TRIES = 3


def ask(host, port):
    """The time as `time.time()` counts (RFC 5905). Raises OSError(ETIMEDOUT) without an answer."""
    query = bytearray(48)
    query[0] = 0x1B  # version 3, client
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.settimeout(5)
        sock.sendto(query, socket.getaddrinfo(host, port)[0][-1])
        answer = sock.recv(48)
    finally:
        sock.close()
    return struct.unpack("!I", answer[40:44])[0] - EPOCH


def ask_again(host, port):
    """UDP promises no delivery: ask a few times."""
    for _ in range(TRIES - 1):
        try:
            return ask(host, port)
        except OSError as error:
            print("asking again after", error)
    return ask(host, port)


modem = board.modem(apn=settings.APN)
modem.connect()
sixlink.install(modem)
now = time.gmtime(ask_again(settings.NTP_HOST, settings.NTP_PORT))
machine.RTC().datetime((now[0], now[1], now[2], now[6], now[3], now[4], now[5], 0))
print("The clock is set: %04d-%02d-%02d %02d:%02d:%02d UTC" % now[:6])
modem.disconnect()
