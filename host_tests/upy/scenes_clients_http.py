"""HTTP by stock clients: the frozen `requests`, and `chumicro-requests` from PyPI."""

import json
import sys

from scenes_clients import HOST, offline, online, outcome, turn_until

PIECE = 1000


def url(port, path):
    return "http://%s:%d%s" % (HOST, port, path)


def summary(body):
    """A body too large to print: its length, first and last byte, and a sum over all."""
    return [len(body), body[0], body[-1], sum(body)]


# -- requests -------------------------------------------------------------------------------------


def page(address, **options):
    import requests

    response = requests.get(address, timeout=10, **options)
    return [response.status_code, response.headers["Content-Type"], response.text]


def get(over, port):
    modem = online(over)
    result = page(url(port, "/hello"), headers={"X-One": "1", "X-Two": "2"})
    offline(modem)
    return result


def post(over, port):
    modem = online(over)
    import requests

    sent = {"reading": 21.5, "unit": "C"}
    answers = [requests.post(url(port, "/echo"), json=sent).json() == sent]
    answers.append(requests.put(url(port, "/echo"), data=b"\x00\xff\r\nOK\r\n").content.hex())
    parts = iter([b"in ", b"several ", b"parts"])
    answers.append(requests.post(url(port, "/echo"), data=parts).text)
    offline(modem)
    return answers


def redirect(over, port):
    modem = online(over)
    import requests

    response = requests.get(url(port, "/moved"))
    result = [response.status_code, response.text]
    offline(modem)
    return result


def download(over, port, size):
    modem = online(over)
    import requests

    result = summary(requests.get(url(port, "/bytes/%d" % size)).content)
    offline(modem)
    return result


def stream(over, port, size):
    """A body larger than it needs to fit in memory, in pieces of 1000 bytes."""
    modem = online(over)
    import requests

    response = requests.get(url(port, "/bytes/%d" % size), stream=True)
    piece = bytearray(PIECE)
    length = total = pieces = 0
    while n := response.raw.readinto(piece):
        length += n
        total += sum(memoryview(piece)[:n])
        pieces += 1
    response.close()
    offline(modem)
    return [length, total, pieces]


def give_up(over, port, size):
    """Of a flood of `size` bytes read the first 32 kB, and go; afterwards all is as before."""
    modem = online(over)
    import requests

    response = requests.get(url(port, "/bytes/%d" % size), stream=True)
    piece = bytearray(PIECE)
    for _ in range(32):
        response.raw.readinto(piece)
    response.close()
    answer = requests.get(url(port, "/hello")).text
    offline(modem)
    return [sum(piece), answer]


def https(over, port, authority):
    """`requests` takes its context from `tls` and asks for no check of the certificate; what it
    gets instead checks all the same."""
    import ssl

    with open(authority, "rb") as file:
        known = file.read()

    class Checked(ssl.SSLContext):
        def wrap_socket(self, sock, **options):
            self.verify_mode = ssl.CERT_REQUIRED
            self.load_verify_locations(cadata=known)
            return super().wrap_socket(sock, **options)

    ssl.SSLContext = Checked
    sys.modules["tls"] = ssl
    modem = online(over)
    result = outcome(page, "https://localhost:%d/hello" % port)
    offline(modem)
    return result


# -- chumicro-requests ----------------------------------------------------------------------------


def chumicro_client(**options):
    from chumicro_requests import HttpClient
    from chumicro_sockets.sockets_factory import connector_factory

    return HttpClient(transport_factory=connector_factory(), **options)


def finished(client, handle):
    """The response of a chumicro request; raises what it failed with."""
    turn_until(lambda: handle.done, client)
    return handle.result


def chumicro(over, port, size):
    """GET, POST of JSON, a redirect and a large body, all by one client."""
    modem = online(over)
    client = chumicro_client(max_body_bytes=size)
    hello = finished(client, client.get(url(port, "/hello")))
    answers = [hello.status_code, hello.headers["content-type"], hello.text]
    sent = {"reading": 21.5, "unit": "C"}
    back = finished(client, client.post(url(port, "/echo"), json=sent)).body
    answers.append(json.loads(back) == sent)
    answers.append(finished(client, client.get(url(port, "/moved"))).text)
    body = finished(client, client.get(url(port, "/bytes/%d" % size), timeout_ms=20000)).body
    offline(modem)
    return answers + [summary(body)]


def chumicro_stream(over, port, size):
    modem = online(over)
    client = chumicro_client()
    handle = client.get(url(port, "/bytes/%d" % size), stream=True, timeout_ms=20000)
    piece = bytearray(PIECE)
    figures = [0, 0]

    def drained():
        n = handle.read_body_into(piece)
        figures[0] += n
        figures[1] += sum(memoryview(piece)[:n])
        return handle.done and not n

    turn_until(drained, client)
    status = handle.result.status_code
    offline(modem)
    return [status] + figures


# -- servers that misbehave -----------------------------------------------------------------------


def with_requests(address):
    import requests

    response = requests.get(address, timeout=0.6)
    return [response.status_code, response.content.decode()]


def with_chumicro(address):
    client = chumicro_client()
    response = finished(client, client.get(address, timeout_ms=1000))
    return [response.status_code, response.text]


def bad_servers(over, client, ports):
    """What becomes of a request to each of these ports (0: to a name that does not exist), and
    which links are in use after it."""
    modem = online(over)
    request = with_requests if client == "requests" else with_chumicro
    addresses = [url(port, "/") if port else "http://no-such-name.invalid/" for port in ports]
    outcomes = [outcome(request, address) for address in addresses]
    offline(modem)
    return outcomes
