"""Set the clock by NTP, in the way of MicroPython's `ntptime` (which works as well)."""

import socket
import struct
import time

import board
import machine
import settings
import sixlink

_1970 = 2208988800  # seconds from 1900, where NTP begins to count
_TRIES = 3


def ask(host, port):
    """Seconds since 1970 (RFC 5905). Raises OSError(ETIMEDOUT) when no answer comes."""
    query = bytearray(48)
    query[0] = 0x1B  # version 3, client
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.settimeout(5)
        sock.sendto(query, socket.getaddrinfo(host, port)[0][-1])
        answer = sock.recv(48)
    finally:
        sock.close()
    return struct.unpack("!I", answer[40:44])[0] - _1970


def set_clock(host, port):
    """UDP promises no delivery: ask again, a few times."""
    for left in range(_TRIES - 1, -1, -1):
        try:
            seconds = ask(host, port)
            break
        except OSError:
            if not left:
                raise
    since_2000 = seconds - 946684800
    epoch = time.gmtime(0)[0]  # 2000 on boards, 1970 on computers
    now = time.gmtime(since_2000 if epoch == 2000 else seconds)
    machine.RTC().datetime((now[0], now[1], now[2], now[6], now[3], now[4], now[5], 0))
    return now


modem = board.modem(apn=settings.APN)
modem.connect()
sixlink.install(modem)
print("It is %04d-%02d-%02d %02d:%02d:%02d UTC" % set_clock(settings.NTP_HOST, settings.NTP_PORT)[:6])
modem.disconnect()
