"""Code of the kind that speaks UDP on boards: NTP in the manner of `ntptime`, a DNS query."""

import struct
import time

from scenes_clients import HOST, offline, online, outcome


def ntp_time(host, port, timeout):
    """Seconds since 1900, as `ntptime` asks for them."""
    import socket

    query = bytearray(48)
    query[0] = 0x1B
    address = socket.getaddrinfo(host, port)[0][-1]
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.settimeout(timeout)
        sock.sendto(query, address)
        answer = sock.recv(48)
    finally:
        sock.close()
    return struct.unpack("!I", answer[40:44])[0]


def ntp(over, port):
    modem = online(over)
    seconds = ntp_time(HOST, port, 5)
    offline(modem)
    return seconds


def silence(over, silent, port):
    """A server that never answers costs its time-out and nothing else."""
    modem = online(over)
    start = time.ticks_ms()
    first = outcome(ntp_time, HOST, silent, 0.5)
    waited_ms = time.ticks_diff(time.ticks_ms(), start)
    second = ntp_time(HOST, port, 5)
    offline(modem)
    return [first, 450 <= waited_ms <= 2000, second]


def dns_query(number, name):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack("!HHHHHH", number, 0x0100, 1, 0, 0, 0) + labels + b"\0\0\x01\0\x01"


def dns(over, port, names):
    """Ask for each name in turn on one socket, as a resolver does (RFC 1035): whether the answer
    is to our question, and the address, None where the server knows no such name."""
    modem = online(over)
    import socket

    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.settimeout(5)
    address = socket.getaddrinfo(HOST, port)[0][-1]
    found = []
    for number, name in enumerate(names):
        sock.sendto(dns_query(number, name), address)
        answer, _ = sock.recvfrom(512)
        back, _, _, records = struct.unpack("!HHHH", answer[:8])
        found.append([back == number, ".".join(map(str, answer[-4:])) if records else None])
    sock.close()
    offline(modem)
    return found
