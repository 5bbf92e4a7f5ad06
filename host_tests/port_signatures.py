"""What the ports of MicroPython accept where a board makes its UART, its pins and its bus.

`fits` holds a recorded call against the type stubs of a port and, for a UART, against the names
that the port's own code knows, which are fewer on a STM32 (it takes no pins and no txbuf) and, in
1.24, more than its documentation had.
"""

import ast
import inspect
from pathlib import Path

STUBS = Path(__file__).parent.parent / ".venv" / "stubs"

# MicroPython 1.24 to 1.29, ports/*/machine_uart.c: the named arguments of UART() and init().
COMMON = {"baudrate", "bits", "parity", "stop", "timeout", "timeout_char", "rxbuf", "flow"}
UART_NAMES = {
    "esp32": COMMON | {"tx", "rx", "rts", "cts", "txbuf", "invert"},
    "stm32": COMMON,
    "rp2": COMMON | {"tx", "rx", "rts", "cts", "txbuf", "invert"},
}
MISSING_IN_STUBS_1_24 = {"flow", "rts", "cts"}

# Pins that a UART of the chip can have: RP2040 Datasheet, "GPIO functions"; an ESP32 has a matrix.
RP2_UART0 = {"tx": {0, 12, 16, 28}, "rx": {1, 13, 17, 29}, "cts": {2, 14, 18}, "rts": {3, 15, 19}}


def complaints(port, stubs, call):
    """Why `call` (class, method, args, named) does not fit; nothing if it does."""
    kind, method, args, named = call
    found = []
    if kind == "UART":
        unknown = set(named) - UART_NAMES[port]
        found += [f"{port}: UART.{method} takes no {name}" for name in sorted(unknown)]
        if stubs.endswith("1.24"):
            named = {name: value for name, value in named.items() if name in _documented(named)}
    overloads = signatures(stubs, kind, method)
    if not any(_binds(overload, args, named) for overload in overloads):
        found.append(f"{stubs}: no {kind}.{method} takes {args} {named}")
    return found


def signatures(stubs, kind, method):
    """Every overload of `kind.method` in the stubs of `machine`, but for those that take all."""
    tree = ast.parse((STUBS / stubs / "machine.pyi").read_text())
    [found] = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == kind]
    return [
        _signature(node.args)
        for node in found.body
        if isinstance(node, ast.FunctionDef) and node.name == method and not node.args.kwarg
    ]


def _documented(named):
    return set(named) - MISSING_IN_STUBS_1_24


def _signature(arguments):
    kinds = inspect.Parameter
    positional = arguments.posonlyargs + arguments.args
    without_default = len(positional) - len(arguments.defaults)
    parameters = []
    for n, argument in enumerate(positional):
        only = n < len(arguments.posonlyargs)
        kind = kinds.POSITIONAL_ONLY if only else kinds.POSITIONAL_OR_KEYWORD
        default = kinds.empty if n < without_default else None
        parameters.append(kinds(argument.arg, kind, default=default))
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        default = kinds.empty if default is None else None
        parameters.append(kinds(argument.arg, kinds.KEYWORD_ONLY, default=default))
    return inspect.Signature(parameters)


def _binds(signature, args, named):
    try:
        signature.bind("self", *args, **named)
    except TypeError:
        return False
    return True
