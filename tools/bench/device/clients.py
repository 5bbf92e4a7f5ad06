# mypy: ignore-errors
"""How many AT+CIPSEND the calls of stock clients become, printed as JSON."""

import json

import sixlink
from scenes import connected
from stand_in import StandIn, pushed

_BODY = b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"


def publish():
    """`umqtt.simple` writes a publish with QoS 0 in four pieces, and then asks for messages."""
    wire = StandIn()
    modem, (sock,) = connected(wire, 1)
    sock.write(b"\x30\x11")
    sock.write(b"\x00\x0d")
    sock.write(b"board/reading")
    sock.write(b"21")
    sock.setblocking(False)
    size = 19
    while modem.links[0].tx.sent < size:
        sock.read(1)
        wire.wait(1)
    return wire.sends


def get():
    """Stock `requests.get`."""
    wire = StandIn()
    modem, _ = connected(wire, 0, flow=True)
    wire.page = pushed(0, len(_BODY))[: -len(_BODY)] + _BODY + b"\r\n0, CLOSED\r\n"
    sixlink.install(modem)
    import requests

    response = requests.get("http://10.0.0.1/")
    if response.content != b"ok":
        raise ValueError(response.content)
    return wire.sends


print(json.dumps({"publish": publish(), "get": get()}))
