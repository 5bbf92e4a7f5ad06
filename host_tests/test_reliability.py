"""docs/reliability.md says what the firmware does today, and the measurement notices harm."""

import errno
import random
import re

import pytest
from accident import ACTIVITIES, BODY, NAMES, NOTHING, REMEDIES, Accident, Archive, Broken

from tools import reliability
from tools.vmodem import CloseEarly, Peer, Sink
from tools.vmodem.faults import ALL

PAGE = reliability.PAGE.read_text()
SAMPLE = random.Random(1).sample(NAMES, 3)  # all of them take minutes


def rows_of(page):
    return [line for line in page.splitlines() if re.match(r"\| `\w+` \|(.*\|){4}", line)]


@pytest.mark.parametrize("fault", SAMPLE)
def test_the_committed_page_is_what_is_measured_today(fault):
    cases = [
        reliability.Case(fault, activity, mode, seed)
        for activity in ACTIVITIES
        for mode in reliability.MODES
        for seed in range(reliability.SEEDS)
    ]
    results = [reliability.measure(case) for case in cases]
    assert [result.story for result in results if result.story] == []
    said = [row for row in rows_of(PAGE) if row.startswith(f"| `{fault}` |")]
    assert said == [reliability.rows(results, mode)[0] for mode in reliability.MODES]


def test_the_rest_of_the_page_is_what_the_command_writes():
    written = reliability.page([])
    assert [line for line in PAGE.splitlines() if line not in rows_of(PAGE)] == (
        written.splitlines()
    )


def test_every_fault_has_its_row_in_both_modes():
    expected = [f"| `{name}` |" for name in NAMES] * 2
    assert [re.match(r"\| `\w+` \|", row)[0] for row in rows_of(PAGE)] == expected
    assert set(ALL) - set(NAMES) == {"registration_back", "sim_inserted"}
    assert set(REMEDIES) < set(NAMES)


def test_every_fault_strikes_somewhere():
    for row in rows_of(PAGE):
        assert row.count(" – ") < len(ACTIVITIES), row


def test_errors_are_those_that_a_socket_may_raise():
    names = set(re.findall(r"\bE[A-Z]+\b", "".join(rows_of(PAGE))))
    assert names <= set(errno.errorcode.values())


# -- the measurement itself ----------------------------------------------------------------------


def accident(activity="download", fault="urc_storm", flow=False):
    return Accident(fault, activity, flow, 0)


@pytest.mark.parametrize("activity", ACTIVITIES)
def test_without_harm_nothing_is_seen(activity):
    outcome = accident(activity).run()
    assert (outcome.seen, outcome.seconds) == (NOTHING, None)


class Liar(Peer):
    """Sends something else than the body."""

    def on_connected(self):
        self.send(bytes(len(BODY)))


@pytest.mark.parametrize("fault", ["urc_storm", "pdp_deact"])
def test_wrong_bytes_are_noticed(fault):
    lied_to = accident("download", fault)
    lied_to.world.network.serve("download", 1, Liar)
    with pytest.raises(Broken, match="what was not sent"):
        lied_to.run()


def test_an_end_too_early_is_noticed():
    cut = accident("idle")
    cut.world.network.serve("idle", 1, CloseEarly)
    with pytest.raises(Broken, match="not all of it"):
        cut.run()


def test_bytes_that_were_not_written_are_noticed(monkeypatch):
    upload = accident("upload")
    monkeypatch.setattr(Archive, "deliver", lambda peer, data: Peer.deliver(peer, data[::-1]))
    with pytest.raises(Broken, match="what was not written"):
        upload.run()


def test_a_call_that_never_returns_is_noticed():
    stuck = accident("idle")
    stuck.world.network.serve("idle", 1, Sink)
    with pytest.raises(Broken, match="for ever"):
        stuck.run()


def test_a_modem_that_never_works_again_is_noticed():
    dead = accident("idle", "hang")
    dead.modem.pins.reset = dead.modem.pins.power = lambda level: None
    with pytest.raises(Broken, match="no service"):
        dead.run()


def test_seconds_count_from_the_end_of_the_cause():
    lost = accident("idle", "registration_lost")
    outcome = lost.run()
    assert outcome.seen == "ECONNRESET"
    struck_us = lost.witness.at_us
    assert outcome.seconds == pytest.approx((lost.world.now_us - struck_us) / 1e6 - 60)


def test_a_broken_case_is_told_with_the_wire(monkeypatch):
    monkeypatch.setattr(Archive, "deliver", lambda peer, data: None)
    case = reliability.Case("urc_storm", "upload", "pull", 3)
    assert reliability.measure(case).story.startswith("Broken('a call that waits for ever')\n")
    assert "AT+CIPRXGET=4,0" in reliability.measure(case).story
