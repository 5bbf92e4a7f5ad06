"""Run conformance cases: scenes for play.py."""

import asyncio
import gc
import sys

from machine import UART

WAIT_S = 30


def own(topics, ports):
    """On the interpreter's own sockets: {case: result}."""
    return _run(topics, ports), []


def over_modem(topics, ports, baud, flow):
    """On the modem's; besides, the states of links that are left behind."""
    import sixlink

    modem = sixlink.Modem(
        UART(1, baud, rxbuf=4096, flow=UART.RTS | UART.CTS if flow else 0),
        apn="cmnet",
        flow=flow,
        rxbuf=4096,
    )
    modem.connect(timeout=30)
    sixlink.install(modem)
    results = _run(topics, ports)
    left = [link.state_name() for link in modem.links if link.owned]
    modem.disconnect()
    return results, left


def _run(topics, ports):
    import conformance

    conformance.ports.update(ports)
    results = {}
    for topic in topics:
        cases = __import__("conformance_" + topic)
        for name in sorted(dir(cases)):
            if name.startswith("case_"):
                print(topic, name)
                results[topic + "." + name[5:]] = _result(getattr(cases, name))
                conformance.close_all()
                gc.collect()
    return results


def _result(case):
    """As text, since JSON knows no bytes; a case that raises has failed."""
    try:
        result = case()
        if hasattr(result, "send"):  # a coroutine
            asyncio.new_event_loop()
            result = asyncio.run(asyncio.wait_for(result, WAIT_S))
        return repr(result)
    except (Exception, asyncio.CancelledError) as error:
        sys.print_exception(error, sys.stdout)
        return "FAILED: %r" % error
