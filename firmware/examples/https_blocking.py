"""HTTPS with a certificate that is checked. Set the clock first: certificates expire.

A board without `ssl` cannot do it (PYBV11 as it comes); elsewhere a connection takes 20 kB of
heap.
"""

import socket
import ssl

import board
import settings
import sixlink


def verifying_context(name):
    """A context that believes only what the authority in file `name` has signed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_mode = ssl.CERT_REQUIRED
    with open(name, "rb") as file:
        context.load_verify_locations(cadata=file.read())
    return context


def get(host, port, path, context):
    """The status line and the body. Raises ValueError when the certificate is not that of `host`,
    OSError when the authority is another."""
    sock = socket.socket()
    try:
        sock.settimeout(60)
        sock.connect(socket.getaddrinfo(host, port)[0][-1])
        secure = context.wrap_socket(sock, server_hostname=host)
        secure.write("GET %s HTTP/1.0\r\nHost: %s\r\n\r\n" % (path, host))
        status = secure.readline()
        while secure.readline().strip():
            pass  # the headers end with an empty line
        return status, secure.read()
    finally:
        sock.close()


modem = board.modem(apn=settings.APN)
modem.connect()
sixlink.install(modem)
status, body = get(
    settings.HTTPS_HOST, settings.HTTPS_PORT, "/", verifying_context(settings.CA_FILE)
)
print(status.decode().strip(), len(body))
modem.disconnect()
