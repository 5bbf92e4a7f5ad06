"""HTTPS with the stock `requests`, and a certificate that is checked.

Set the clock first: certificates expire. A board whose MicroPython has no `ssl` cannot do it
(PYBV11 as it comes); elsewhere each connection takes 20 kB of heap.
"""

import ssl
import sys

import board
import requests
import settings
import sixlink

with open(settings.CA_FILE, "rb") as file:
    AUTHORITY = file.read()


class Checked(ssl.SSLContext):
    """Believes only what our authority has signed. `requests` asks for a context without any
    check; this one checks all the same."""

    def wrap_socket(self, sock, **options):
        self.verify_mode = ssl.CERT_REQUIRED
        self.load_verify_locations(cadata=AUTHORITY)
        return super().wrap_socket(sock, **options)


def show(url):
    """Raises ValueError, and sends nothing, to a server whose certificate is for another host,
    signed by another authority, or expired."""
    response = requests.get(url, timeout=60)
    print("page:", response.status_code, response.headers["Content-Type"])
    print(response.text[:60])


ssl.SSLContext = Checked
sys.modules["tls"] = ssl  # where `requests` looks for it
modem = board.modem(apn=settings.APN)
modem.connect()
sixlink.install(modem)
show("https://%s:%d/" % (settings.HTTPS_HOST, settings.HTTPS_PORT))
modem.disconnect()
