"""One screen that says what is going on: what the REPL prints for a modem."""

from .clock import until
from .errors import ModemError


def screen(modem):
    driver = modem.driver
    engine = driver.engine
    bringup = engine.bringup
    model = bringup.model or engine.dialect.name
    step = ", at step: " + bringup.step() if bringup.active else ""
    mode = "pull" if engine.links.pull else "push"
    rows = [
        "<Modem %s, %s%s" % (model, engine.bearer.name(), step),
        "  address %s, signal %d of 31, %d baud, %s"
        % (engine.bearer.address, bringup.rssi, driver.baud, mode),
    ]
    rows += [_link_row(link, driver.now()) for link in modem.links]
    rows.append(
        "  timeouts %d, resyncs %d, losses %d, unknown lines %d, bring-ups %d"
        % (
            engine.timeouts,
            engine.resync.count,
            engine.intake.losses,
            engine.intake.unknown,
            bringup.count,
        )
    )
    if bringup.failure:
        rows.append("  last failure: %s" % ModemError(*bringup.failure))
    return "\n".join(rows) + ">"


def _link_row(link, now):
    if not link.owned and not link.up:
        return "  %d free" % link.n
    if link.peer is None:
        return "  %d %s, nobody's" % (link.n, link.state_name())
    row = (link.n, link.state_name(), link.kind()) + link.peer
    age = -until(link.opened_at, now) // 1000
    row += (link.tx.sent, link.rx.received, age)
    return "  %d %-14s %s %s:%d, sent %d, received %d, %d s" % row
