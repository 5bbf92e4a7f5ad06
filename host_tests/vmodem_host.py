"""A host at the virtual modem's pins for the tests: it types, time passes, it looks."""

from tools.vmodem import Echo, MemoryNetwork, Sink, VirtualModem

SECOND_US = 1_000_000
UP = ("AT+CSTT", "AT+CIICR", "AT+CIFSR")


class Host:
    """`options` go to the modem; echo is off unless asked for."""

    def __init__(self, **options):
        self.network = options.pop("network", None) or MemoryNetwork()
        options.setdefault("echo", False)
        self.modem = VirtualModem(self.network, **options)
        self.now_us = 0

    def type(self, data, ms=3000):
        """Type `data` at once and give what the modem says within `ms`."""
        self.modem.feed(data, self.now_us)
        return self.rest(ms)

    def rest(self, ms):
        self.now_us += int(ms * 1000)
        return self.modem.take(self.now_us)

    def ask(self, line, ms=3000):
        return self.type(line.encode("latin-1") + b"\r", ms)

    def run(self, *lines):
        """Commands whose answers are of no interest, but must not be errors."""
        for line in lines:
            answer = self.ask(line)
            assert answer and b"ERROR" not in answer, (line, answer)

    def up(self, *before, multi=True):
        """Bring the context up; `before` are settings that IP INITIAL takes."""
        self.run(f"AT+CIPMUX={int(multi)}", *before, *UP)
        return self

    def open(self, link=0, host="echo", port=7, kind="TCP"):
        answer = self.ask(f'AT+CIPSTART={link},"{kind}","{host}",{port}')
        assert answer == b"\r\nOK\r\n\r\n%d, CONNECT OK\r\n" % link, answer

    def open_single(self, host="echo", port=7, kind="TCP"):
        answer = self.ask(f'AT+CIPSTART="{kind}","{host}",{port}')
        assert answer == b"\r\nOK\r\n\r\nCONNECT OK\r\n", answer

    def send(self, link, payload):
        assert self.ask(f"AT+CIPSEND={link},{len(payload)}", 100) == b"\r\n> "
        return self.type(payload, 10)

    @property
    def state(self):
        return self.modem.bearer


def served(**peers):
    """A network with `peers` (host=factory) on every port, an echo and a sink besides."""
    network = MemoryNetwork()
    for host, factory in {"echo": Echo, "sink": Sink, **peers}.items():
        network.serve(host, 0, factory)
    return network


def multi(*before, network=None, **options):
    """A host with the context up, six links, and the standard peers."""
    return Host(network=network or served(), **options).up(*before)


def single(*before, network=None, **options):
    return Host(network=network or served(), **options).up(*before, multi=False)


def every_split(data):
    """The same bytes whole, one by one, and cut in two at every place."""
    yield [data]
    yield [data[i : i + 1] for i in range(len(data))]
    for cut in range(1, len(data)):
        yield [data[:cut], data[cut:]]
