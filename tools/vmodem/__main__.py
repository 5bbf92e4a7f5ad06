"""`python -m tools.vmodem`: a virtual modem on a pty, with the real network behind it."""

from __future__ import annotations

import argparse
import asyncio
import selectors
import signal
import sys
from contextlib import ExitStack
from pathlib import Path

from . import stats
from .core import VirtualModem
from .face import Pty, SerialFace
from .families import PROFILES
from .faults import ALL, Faults, check
from .real import AsyncNetwork, monotonic_us
from .trace import Trace


def main(argv: list[str] | None = None) -> None:
    options = parser().parse_args(argv)
    if sys.version_info >= (3, 11):
        with asyncio.Runner(loop_factory=precise_loop) as runner:
            runner.run(run(options))
    else:
        asyncio.run(run(options))


def precise_loop() -> asyncio.AbstractEventLoop:
    """An event loop that wakes up when it was asked to. With epoll it would round every wait up to
    a millisecond, and there are six in one AT+CIPSEND: its command, its payload, two answers and
    the latency before each."""
    return asyncio.SelectorEventLoop(selectors.SelectSelector())


def parser() -> argparse.ArgumentParser:
    width = max(map(len, ALL))
    names = "\n".join(f"  {name:{width}} {meaning}" for name, meaning in sorted(ALL.items()))
    result = argparse.ArgumentParser(
        prog="python -m tools.vmodem",
        description="A virtual cellular modem. Its links are real sockets of this machine.",
        epilog="faults:\n" + names + "\n\nA fault's name typed on a terminal makes it happen once;"
        "\n'power 0', 'power 1', 'reset 0', 'reset 1' set the level of a pin: both rest at 1."
        "\n'dtr 1' and 'dtr 0' switch DTR off and on: it is active low."
        "\nSIGUSR1 writes --stats now; SIGINT, SIGTERM and SIGHUP write it and end.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_line_options(result)
    _add_modem_options(result)
    _add_record_options(result)
    return result


def _add_line_options(result: argparse.ArgumentParser) -> None:
    line = result.add_argument_group("serial line")
    face = line.add_mutually_exclusive_group(required=True)
    face.add_argument("--pty", action="store_true", help="make a pty and print its path")
    face.add_argument(
        "--fd", type=int, metavar="N", help="speak on the inherited file descriptor N"
    )
    line.add_argument("--link", type=Path, metavar="PATH", help="symbolic link to the pty")
    line.add_argument(
        "--flow",
        action="store_true",
        help="RTS/CTS is on: a host that does not read stops the modem (default: bytes are lost)",
    )
    line.add_argument(
        "--baud", type=_positive, default=115200, help="rate in bit/s (default 115200)"
    )


def _add_modem_options(result: argparse.ArgumentParser) -> None:
    modem = result.add_argument_group("modem")
    modem.add_argument(
        "--profile", choices=sorted(PROFILES), default="luat", help="modem family (default luat)"
    )
    modem.add_argument(
        "--latency",
        type=_milliseconds,
        default=10_000,
        metavar="MS",
        help="ms from the end of a command line to its answer (default 10)",
    )
    modem.add_argument("--pin", metavar="DIGITS", help="PIN the SIM asks for (default: none)")
    modem.add_argument(
        "--cold", action="store_true", help="begin with the power-on sequence (default: running)"
    )
    modem.add_argument(
        "--place",
        type=_place,
        action="append",
        default=[],
        metavar="HOST:PORT=HOST:PORT",
        help="links to the first address lead to the second: example.com:80=127.0.0.1:8080; may "
        "be repeated",
    )
    modem.add_argument(
        "--server",
        type=_server,
        action="append",
        default=[],
        metavar="PORT=PORT",
        help="AT+CIPSERVER on the first port listens at the second on 127.0.0.1, 0 for any free "
        "one (--stats tells it); may be repeated (default: the same port)",
    )
    modem.add_argument("--seed", type=int, default=0, help="of everything random (default 0)")
    modem.add_argument(
        "--fault",
        type=_fault,
        action="append",
        default=[],
        metavar="NAME=P",
        help="probability from 0 to 1 that the fault happens on an occasion; may be repeated",
    )


def _add_record_options(result: argparse.ArgumentParser) -> None:
    record = result.add_argument_group("record")
    record.add_argument(
        "--stats", type=Path, metavar="FILE", help="write connections and counters as JSON"
    )
    record.add_argument(
        "--trace", metavar="FILE", help="write the trace to FILE, '-' is the standard output"
    )
    record.add_argument(
        "--quiet", action="store_true", help="no trace on the standard output unless asked for"
    )


def _place(text: str) -> tuple[tuple[str, int], tuple[str, int]]:
    try:
        name, place = (side.rsplit(":", 1) for side in text.split("="))
        return (name[0], int(name[1])), (place[0], int(place[1]))
    except (ValueError, IndexError) as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT=HOST:PORT") from error


def _server(text: str) -> tuple[int, int]:
    try:
        port, own = map(int, text.split("="))
        return port, own
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not PORT=PORT") from error


def _positive(text: str) -> int:
    if int(text) <= 0:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return int(text)


def _milliseconds(text: str) -> int:
    if float(text) < 0:
        raise argparse.ArgumentTypeError(f"{text} ms is in the past")
    return round(float(text) * 1000)


def _fault(text: str) -> tuple[str, float]:
    name, _, probability = text.partition("=")
    try:
        check(name)
        return name, Faults(0, **{name: float(probability)}).probabilities.get(name, 0.0)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=P: {error}") from error


async def run(options: argparse.Namespace) -> None:
    """Serve until a signal ends it or the descriptor's far end is closed."""
    network = AsyncNetwork(places=dict(options.place), servers=dict(options.server))
    modem = VirtualModem(
        network,
        profile=options.profile,
        baud=options.baud,
        latency_us=options.latency,
        seed=options.seed,
        faults=Faults(options.seed, **dict(options.fault)),
        pin=options.pin,
        flow=options.flow,
        booted=not options.cold,
    )
    keyboard = sys.stdin.isatty()  # asked first: a terminal that has gone says no
    with ExitStack() as stack:
        descriptor = options.fd
        if options.pty:
            pty = Pty(options.link)
            stack.callback(pty.close)
            descriptor = pty.descriptor
            print(pty.path, flush=True)
        face = SerialFace(modem, descriptor, _traces(options, stack))
        network.wake = face.pump
        stack.callback(network.close_all)
        if options.stats:
            stack.callback(stats.write, modem, options.stats)
        _handle_signals(face, modem, options.stats)
        if keyboard:
            _listen_to_keyboard(face, modem)
        face.start()
        await face.ended.wait()


def _traces(options: argparse.Namespace, stack: ExitStack) -> list[Trace]:
    start_us = monotonic_us()
    traces = []
    if options.trace == "-" or not options.quiet:
        traces.append(Trace(sys.stdout, start_us))
    if options.trace and options.trace != "-":
        out = stack.enter_context(open(options.trace, "w", encoding="utf-8"))
        traces.append(Trace(out, start_us))
    return traces


def _handle_signals(face: SerialFace, modem: VirtualModem, path: Path | None) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, face.stop)
    if path:
        loop.add_signal_handler(signal.SIGUSR1, stats.write, modem, path)


def _listen_to_keyboard(face: SerialFace, modem: VirtualModem) -> None:
    def typed() -> None:
        try:
            line = sys.stdin.readline()
        except OSError:
            line = ""
        if not line:  # the terminal is gone, or was told Ctrl-D
            asyncio.get_running_loop().remove_reader(sys.stdin)
            face.stop()
            return
        try:
            _obey(line.split(), modem)
        except ValueError as error:
            print(error, file=sys.stderr)
            return
        face.pump()

    asyncio.get_running_loop().add_reader(sys.stdin, typed)


def _obey(words: list[str], modem: VirtualModem) -> None:
    """A fault, or a pin and its level. Raises ValueError for what is neither."""
    modem.tick(monotonic_us())  # what is typed happens now
    match words:
        case ["power" | "reset" | "dtr" as pin, "0" | "1" as level]:
            getattr(modem.pins, pin)(int(level))
        case _:
            modem.inject(" ".join(words))


if __name__ == "__main__":
    main()
