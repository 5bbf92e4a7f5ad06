"""Commands of these modems that neither side speaks, and why."""

# names, reason
OTHERS = (
    (
        ("AT+CIPSSL", "AT+SSLCFG", "AT+SSLSETCERT", "AT+SSLOPT", "AT+FSCREATE", "AT+FSWRITE"),
        "TLS runs on the microcontroller, over an ordinary link: the modem sees no plain text and "
        "no key, and six links can have it",
    ),
    (
        ("AT+MCONFIG", "AT+MIPSTART", "AT+MCONNECT", "AT+MSUB", "AT+MPUB", "AT+MDISCONNECT"),
        "MQTT clients run on the microcontroller, over a socket",
    ),
    (
        ("AT^HEARTCONFIG", "AT^HEARTBEAT", "AT^HEARTBEATHEX", "AT^HEARTINQUIRE"),
        "the peer would get bytes that no socket has written, and `AT+CIPACK` might count them",
    ),
    (
        ("AT+CPNETAPN", "AT+ROUTEIP", "AT+AUTOAPN", "AT+TCPUSERPARAM"),
        "for a modem that is a computer's network card (RNDIS), and for a second APN",
    ),
)
