"""The modem as one network interface among others: `install` is not called."""

import socket
import time

import sixlink
from machine import UART
from scenes_clients import HOST, outcome
from scenes_socket import BAUD

METHODS = (
    "active connect disconnect isconnected status ifconfig ipconfig config socket getaddrinfo"
)
CONSTANTS = (
    "STAT_IDLE STAT_CONNECTING STAT_GOT_IP AF_INET SOCK_STREAM SOCK_DGRAM IPPROTO_TCP IPPROTO_UDP"
)


def exchange(sock, line):
    sock.write(line)
    return sock.readline().decode()


def side_by_side(port):
    """One connection over the interpreter's own sockets and one over the modem, in turns."""
    modem = sixlink.Modem(UART(1, BAUD, rxbuf=4096), apn="cmnet", rxbuf=4096)
    modem.connect(timeout=30)
    sockets = []
    for net in (socket, modem):
        sock = net.socket(net.AF_INET, net.SOCK_STREAM)
        sock.connect(net.getaddrinfo(HOST, port)[0][-1])
        sockets.append(sock)
    own, ours = sockets
    answers = []
    for n in range(3):
        answers.append(exchange(own, b"own %d\n" % n))
        answers.append(exchange(ours, b"modem %d\n" % n))
    for sock in sockets:
        sock.close()
    import requests

    modem.disconnect()
    return [answers, requests.socket is socket]


def life():
    """What a program written for WiFi asks its interface, from the first call to the last."""
    nic = sixlink.Modem(UART(1, BAUD, rxbuf=4096), apn="cmnet", rxbuf=4096)
    told = {"new": [nic.active(), nic.isconnected(), nic.status()]}
    nic.active(True)
    told["switched on"] = [nic.active(), nic.status()]
    start = time.ticks_ms()
    while not nic.isconnected() and time.ticks_diff(time.ticks_ms(), start) < 30000:
        pass
    told["connected"] = [nic.isconnected(), nic.status(), nic.status("rssi")]
    told["addresses"] = [nic.ifconfig(), nic.ipconfig("addr4"), nic.config("apn")]
    told["refused"] = [
        outcome(nic.config, "essid"),
        outcome(nic.config, apn="other"),
        outcome(nic.status, "stations"),
        outcome(nic.ipconfig, "addr6"),
        outcome(nic.ifconfig, ("10.0.0.2", "255.0.0.0", "10.0.0.1", "10.0.0.1")),
    ]
    nic.disconnect()
    told["disconnected"] = [nic.isconnected(), nic.status()]
    nic.connect()
    told["again"] = [nic.active(), nic.isconnected()]
    nic.active(False)
    told["off"] = [nic.active(), nic.isconnected(), nic.status()]
    return told


def missing_names():
    """Of the names that `network.AbstractNIC`, `network.WLAN` and `socket` document and a modem
    can have, those that are not there."""
    nic = sixlink.Modem(UART(1, BAUD), apn="cmnet")
    return [name for name in (METHODS + " " + CONSTANTS).split() if not hasattr(nic, name)]
