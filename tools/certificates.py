"""Certificates for servers on loopback, made on the spot: nothing secret lies in the repository.

    authority = Authority()
    context = authority.server_context("127.0.0.1")   # of a server, for Python's ssl
    authority.pem                                     # what a client has to trust

The keys are elliptic (P-256): they cost a microcontroller a tenth of what RSA does.
"""

from __future__ import annotations

import datetime
import ssl

import trustme


class Authority:
    """A certificate authority of its own. `pem`: its certificate, `der` the same in binary, which
    is what small MicroPython builds read."""

    def __init__(self) -> None:
        self._ca = trustme.CA()
        self.pem = self._ca.cert_pem.bytes()
        self.der = ssl.PEM_cert_to_DER_cert(self.pem.decode())

    def server_context(self, *names: str, expired: bool = False) -> ssl.SSLContext:
        """The context of a TLS server that is `names` (host names or addresses). `expired`: its
        certificate was good for a day, a year ago."""
        begin = _today() - datetime.timedelta(days=366) if expired else None
        end = begin + datetime.timedelta(days=1) if begin else None
        certificate = self._ca.issue_cert(*names, not_before=begin, not_after=end)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        return context


def _today() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)
