"""Scenes with the firmware's sockets; the test has the servers and the virtual modem."""

import gc
import time

import echo
import sixlink
from machine import UART, Timer
from micropython import const

HOST = "127.0.0.1"
BAUD = const(460800)

# What a careless parser takes for the modem's own words, alone and in one piece.
TRAPS = (
    b"\r\nOK\r\n",
    b"\r\nERROR\r\n",
    b"\r\n0, CLOSED\r\n",
    b"\r\n+RECEIVE,1,5:\r\n",
    b"\r\n+CIPRXGET: 2,0,5,0\r\n",
    b"\r\n+PDP: DEACT\r\n",
    b"\r\nDATA ACCEPT:0,5\r\n",
    b"> ",
    b"\r\n> ",
    b"\x1a\x1b+++\r",
    b"AT+CIPCLOSE=0\r",
)


def connected_modem(flow=False, log=None):
    wires = UART.RTS | UART.CTS if flow else 0
    modem = sixlink.Modem(
        UART(1, BAUD, rxbuf=4096, flow=wires), apn="cmnet", flow=flow, rxbuf=4096, log=log
    )
    modem.connect(timeout=30)
    return modem


def connected_socket(modem, port, kind=None):
    sock = modem.socket(modem.AF_INET, modem.SOCK_STREAM if kind is None else kind)
    sock.settimeout(20)
    sock.connect(modem.getaddrinfo(HOST, port)[0][-1])
    return sock


def finish(modem, *sockets):
    """Close everything in order; the engine's (link, sent, received) before that."""
    figures = [[link.n, link.tx.sent, link.rx.received] for link in modem.links if link.peer]
    for sock in sockets:
        sock.close()
    modem.disconnect()
    return figures


def bring_up():
    steps = []
    modem = connected_modem(log=steps.append)
    connected = modem.isconnected()
    address = modem.ifconfig()[0]
    modem.disconnect()
    return {
        "connected": connected,
        "address": address,
        "steps": steps,
        "afterwards": modem.isconnected(),
    }


def bring_up_again():
    """A second program on a modem that the first left connected, with a link open."""
    modem = connected_modem()
    return modem.isconnected(), [link.state_name() for link in modem.links]


def leave_a_link_open(port):
    modem = connected_modem()
    connected_socket(modem, port).write(b"left behind")


def tcp_echo(port, size, flow):
    """Blocking calls: write a piece, read it back. [bytes that came back right, figures]"""
    modem = connected_modem(flow)
    sock = connected_socket(modem, port)
    sent = echo.body(1, size)
    right = 0
    for at in range(0, size, 2000):
        piece = sent[at : at + 2000]
        sock.write(piece)
        right += len(piece) if sock.read(len(piece)) == piece else 0
    return [right, finish(modem, sock)]


def udp_echo(port, lengths, flow):
    """One datagram of each length; those that came back whole, and the sender's port."""
    modem = connected_modem(flow)
    sock = modem.socket(modem.AF_INET, modem.SOCK_DGRAM)
    sock.settimeout(10)
    back = []
    for length in lengths:
        datagram = echo.body(length & 255, length)
        sock.sendto(datagram, (HOST, port))
        data, address = sock.recvfrom(1500)
        if data == datagram and address[1] == port:
            back.append(len(data))
    return [back, finish(modem, sock)]


def six_links(port, size, flow):
    """Six sockets that do not block, stepped in turn. [bytes compared a link, figures]"""
    modem = connected_modem(flow)
    clients = []
    for seed in range(6):
        sock = connected_socket(modem, port)
        sock.setblocking(False)
        clients.append(echo.TcpEcho(sock, size, seed))
    start = time.ticks_ms()
    while not all(client.done for client in clients):
        if time.ticks_diff(time.ticks_ms(), start) > 40000:
            break
        for client in clients:
            client.step()
        time.sleep_ms(1)
    return [[client.got for client in clients], finish(modem, *[c.sock for c in clients])]


def seventh_link(port):
    """The errno of a seventh connect, and whether the six others still echo after it."""
    modem = connected_modem()
    sockets = [connected_socket(modem, port) for _ in range(6)]
    error = None
    try:
        connected_socket(modem, port)
    except OSError as refusal:
        error = refusal.errno
    back = []
    for number, sock in enumerate(sockets):
        sock.write(b"still here %d" % number)
        back.append(sock.read(12).decode())
    finish(modem, *sockets)
    return [error, back]


def stock_requests(port, size):
    """requests.get and a large requests.post, unmodified, over the installed modem."""
    modem = connected_modem()
    sixlink.install(modem)
    import requests

    url = "http://%s:%d" % (HOST, port)
    got = requests.get(url + "/a/path")
    body = echo.body(3, size)
    posted = requests.post(url + "/form", data=body)
    answers = [got.status_code, got.text, posted.status_code, posted.content == body]
    modem.disconnect()
    return answers


def refused(closed_port, open_port):
    """The errno of a refused connect; afterwards another socket works."""
    modem = connected_modem()
    error = None
    try:
        connected_socket(modem, closed_port)
    except OSError as refusal:
        error = refusal.errno
    sock = connected_socket(modem, open_port)
    sock.write(b"works")
    back = sock.read(5)
    finish(modem, sock)
    return [error, back.decode()]


def traps(port, flow):
    """Payload that looks like the modem's own words; whether each came back as it was."""
    modem = connected_modem(flow)
    sock = connected_socket(modem, port)
    right = []
    for trap in TRAPS + (b"".join(TRAPS), b"".join(reversed(TRAPS)) * 8):
        sock.write(trap)
        right.append(sock.read(len(trap)) == trap)
    mode = modem.flow
    finish(modem, sock)
    return [mode, right]


def interrupted(port):
    """Ctrl-C in a blocking read; afterwards the same socket and a new one go on."""
    modem = connected_modem()
    sock = connected_socket(modem, port)
    sock.settimeout(None)
    sock.write(b"before")
    answers = [sock.read(6).decode()]
    try:
        print("reading")  # inside: the signal may come before the read is entered
        sock.read(1)
    except KeyboardInterrupt:
        answers.append("interrupted")
    sock.write(b"after!")
    answers.append(sock.read(6).decode())
    other = connected_socket(modem, port)
    other.write(b"another")
    answers.append(other.read(7).decode())
    figures = finish(modem, sock, other)
    return [answers, figures]


def asleep(port):
    """What a link has sent and received by the end of a sleep, thanks to the timer alone."""
    modem = sixlink.Modem(
        UART(1, BAUD, rxbuf=4096), apn="cmnet", rxbuf=4096, timer=Timer(-1), log=None
    )
    modem.connect(timeout=30)
    sock = connected_socket(modem, port)
    sock.write(echo.body(2, 900))
    link = modem.links[0]
    start = time.ticks_ms()
    while link.rx.received < 900 and time.ticks_diff(time.ticks_ms(), start) < 5000:
        time.sleep_ms(20)
    figures = [link.tx.sent, link.rx.received, sock.read(900) == echo.body(2, 900)]
    finish(modem, sock)
    return figures


def forgotten(port):
    """Six sockets are connected and forgotten: the errno of a seventh, what the modem prints of
    the links, and what a new socket echoes once one of them is closed by hand."""
    modem = connected_modem()
    for _ in range(6):
        connected_socket(modem, port)
    gc.collect()
    error = None
    try:
        connected_socket(modem, port)
    except OSError as refusal:
        error = refusal.errno
    rows = repr(modem).split("\n")[4:10]
    modem.links[3].close()
    sock = connected_socket(modem, port)
    sock.write(b"works")
    back = sock.read(5).decode()
    sock.close()
    modem.disconnect()
    return [error, rows, back, [link.state_name() for link in modem.links if link.owned]]
