"""Run conformance cases: scenes for play.py."""

import asyncio
import gc
import sys

WAIT_S = 30


def own(topics, ports):
    """On the interpreter's own sockets: {case: result}."""
    return _run(topics, ports), []


def over_modem(topics, ports, flow):
    """On the modem's; besides, the state each link is left in."""
    import scenes_socket
    import sixlink

    modem = scenes_socket.connected_modem(flow)
    sixlink.install(modem)
    results = _run(topics, ports)
    modem.disconnect()
    return results, [link.state_name for link in modem.links if link.owned]


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
