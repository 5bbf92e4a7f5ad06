"""What the conformance cases share.

A case is a function `case_<what it shows>` of a file `conformance_<topic>.py`, plain or async. It
uses `socket`, `select` and `asyncio` as MicroPython documents them and returns what came of it.
Every case is run against the interpreter's own `socket` and against Sixlink's; the results must
be equal. So a result holds nothing that may differ between two right answers: how many bytes one
read got, which OSError a broken pipe gives (MicroPython has no name for EPIPE), an address.
"""

import binascii
import errno
import select
import socket

HOST = "127.0.0.1"
IN = select.POLLIN
OUT = select.POLLOUT
ERR = select.POLLERR
HUP = select.POLLHUP
WAIT_MS = 10000
BRIEF_S = 0.05  # for what does not come

ports = {}  # of the peers, by name

_opened = []


def address(peer, kind=socket.SOCK_STREAM):
    return socket.getaddrinfo(HOST, ports[peer], socket.AF_INET, kind)[0][-1]


def keep(sock):
    """Have `sock` closed after the case."""
    _opened.append(sock)
    sock.settimeout(WAIT_MS // 1000)
    return sock


def close_all():
    while _opened:
        _opened.pop().close()


def tcp():
    return keep(socket.socket())


def udp():
    return keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))


def connected():
    sock = tcp()
    sock.connect(address("puppet"))
    return sock


def told(programme):
    """A connection whose peer has been told what to do."""
    sock = connected()
    sock.write(programme + "\n")
    return sock


def connecting(peer):
    """A socket that does not block, on its way to `peer`."""
    sock = tcp()
    sock.setblocking(False)
    assert error_of(sock.connect, address(peer)) == "EINPROGRESS"
    return sock


def error_of(call, *args):
    """The name of what `call` raises; an errno without a name in MicroPython is an OSError."""
    try:
        result = call(*args)
    except OSError as error:
        return errno.errorcode.get(error.errno, "OSError")
    except Exception as error:
        return type(error).__name__
    return "returned %r" % (result,)


def breaks(call, *args):
    """Whether `call` raises an OSError, where each port has one of its own."""
    try:
        call(*args)
    except OSError as error:
        return error.errno != errno.EAGAIN
    return False


def times_out(call, *args):
    """Whether `call` gives up: read and its kin say ETIMEDOUT, recv and its kin EAGAIN on some
    ports."""
    return error_of(call, *args) in ("ETIMEDOUT", "EAGAIN")


def bits(sock, wanted=IN | OUT, ms=WAIT_MS):
    """What poll says about `sock`, as soon as it says something; else 0."""
    poller = select.poll()
    poller.register(sock, wanted)
    ready = poller.poll(ms)
    return ready[0][1] if ready else 0


def gather(read, sock, size):
    """Call `read()` of a socket that does not block until `size` bytes have come or it ends."""
    data = b""
    while len(data) < size and bits(sock, IN):
        part = read()
        if part == b"":
            break
        data += part or b""
    return data


def gather_line(sock):
    """A whole line from a socket that does not block: one call may give a part of it."""
    data = b""
    while not data.endswith(b"\n") and bits(sock, IN):
        part = sock.readline()
        if part == b"":
            break
        data += part or b""
    return data


def fill(sock):
    """Write to a peer that does not read until there is no room: what was taken. A kernel has
    room for a little before poll says so, hence the last look."""
    sock.setblocking(False)
    taken = 0
    quiet = False
    piece = bytes(4096)
    while True:
        count = sock.write(piece)
        if count is None and quiet:
            return taken
        taken += count or 0
        quiet = count is None and not bits(sock, OUT, 200)


def refusal(call, *args):
    """What `call` says when a full socket takes no more. Until then it may be taken at its word:
    a kernel finds a little room now and then although nobody reads."""
    for _ in range(1000):
        result = error_of(call, *args)
        if result == "returned None" or not result.startswith("returned"):
            return result
    return "never refused"


def pattern(count, at=0):
    """What a peer sends: see tools/peers.py."""
    return bytes(number & 255 for number in range(at, at + count))


def digest(data):
    """What a peer says that it has read."""
    return b"%d %08x\n" % (len(data), binascii.crc32(data))
