"""Rings against a model, and the tables of links and of the bearer under any events."""

import errno
from collections import deque

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sixlink.bearer import Bearer
from sixlink.inbox import Inbox
from sixlink.linkstate import NAMES, NEXT
from sixlink.luat import Luat
from sixlink.outbox import Outbox
from sixlink.table import Links

bounded = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=60,
    stateful_step_count=40,
    suppress_health_check=list(HealthCheck),
)
SIZE = 64


class Source:
    """As much of a framer as `Inbox.store` looks at."""

    def __init__(self, data):
        self.buf, self.at, self.payload = data, 0, len(data)


class InboxMachine(RuleBasedStateMachine):
    udp = False

    def __init__(self):
        super().__init__()
        self.inbox = Inbox()
        self.inbox.open(self.udp, SIZE)
        self.model = deque() if self.udp else bytearray()
        self.dropped = 0

    @rule(data=st.binary(min_size=1, max_size=80), cut=st.integers(1, 80))
    def comes_in(self, data, cut):
        """One payload in two portions; what finds no room in a stream stays outside."""
        fits = self.inbox.room() >= len(data) + 2
        source = Source(data)
        self.inbox.begin(len(data))
        for portion in (min(cut, len(data)), len(data)):
            wanted = portion - source.at
            if wanted > 0:
                self.inbox.store(source, wanted)
        if not self.udp:
            self.model += data[: source.at]
        elif fits:
            self.model.append(data)
        else:
            self.dropped += 1
        assert source.at + source.payload == len(data)

    @rule(size=st.integers(1, 90))
    def is_read(self, size):
        buf = bytearray(size)
        n = self.inbox.take(buf, size)
        assert bytes(buf[:n]) == self.next_of_model(size)
        if not self.udp:
            del self.model[:n]
        elif self.model:
            self.model.popleft()

    @rule(size=st.integers(1, 90))
    def is_peeked_at(self, size):
        assert self.inbox.peek(size) == self.next_of_model(size)

    def next_of_model(self, size):
        if self.udp:
            return self.model[0][:size] if self.model else b""
        return bytes(self.model[:size])

    @invariant()
    def as_the_model_has_it(self):
        inbox = self.inbox
        used = sum(len(data) + 2 for data in self.model) if self.udp else len(self.model)
        assert inbox.room() == SIZE - used and inbox.dropped == self.dropped
        assert bool(inbox.waiting()) == bool(self.model)
        if self.model:
            assert inbox.waiting() >= len(self.model[0] if self.udp else self.model)


class DatagramInboxMachine(InboxMachine):
    udp = True

    @rule(data=st.binary(min_size=1, max_size=SIZE - 2))
    def is_held(self, data):
        """Until its end is known nobody sees it, though its room is taken."""
        if self.inbox.room() >= len(data) + 2:
            self.inbox.begin(len(data), True)
            self.inbox.store(Source(data), len(data))
            assert bool(self.inbox.waiting()) == bool(self.model)
            assert self.inbox.peek(SIZE) == self.next_of_model(SIZE)
            self.inbox.held = False
            self.model.append(data)


class OutboxMachine(RuleBasedStateMachine):
    udp = False

    def __init__(self):
        super().__init__()
        self.outbox = Outbox()
        self.outbox.open(self.udp, SIZE)
        self.written = deque() if self.udp else bytearray()
        self.sent = 0

    @rule(data=st.binary(min_size=1, max_size=80), at=st.integers(0, 3))
    def is_written(self, data, at):
        room = SIZE - self.outbox.any()
        taken = self.outbox.write(b"abc"[:at] + data, at, len(data), 0)
        if self.udp:
            assert taken == (len(data) if len(data) + 2 <= room else 0)
            self.written.extend([data] if taken else [])
        else:
            assert taken == min(len(data), room)
            self.written += data[:taken]

    @rule(refused=st.booleans())
    def leaves(self, refused):
        """A segment is announced; one that the modem refuses is announced again, unchanged."""
        outbox = self.outbox
        outbox.hurry = True
        if not outbox.is_due(0):
            assert not self.written
            return
        size = outbox.segment()
        if refused:
            outbox.hold(0)
            assert not outbox.is_due(199) and outbox.is_due(200)
            outbox.held_until = -1
            assert outbox.segment() == size
        buf = bytearray(size)
        assert outbox.ring.readinto(buf, size) == size
        outbox.accepted(size)
        self.sent += size
        assert bytes(buf) == (self.written.popleft() if self.udp else self.written[:size])
        if not self.udp:
            del self.written[:size]

    @invariant()
    def counts_agree(self):
        used = sum(len(data) + 2 for data in self.written) if self.udp else len(self.written)
        assert self.outbox.any() == used and self.outbox.sent == self.sent


class DatagramOutboxMachine(OutboxMachine):
    udp = True


class Claim:
    """Stands for a socket."""

    link = None

    def adopt(self, link, generation):
        self.link, self.generation = link, generation


class LinksMachine(RuleBasedStateMachine):
    """Users, a modem that says anything, commands that end in any way."""

    def __init__(self):
        super().__init__()
        bearer = Bearer()
        for event in (9, 0, 1, 2, 3):  # SHUT OK … an address
            bearer.event(event)
        self.links = Links(Luat(), bearer)
        self.now = 0
        self.command = None
        self.generations = [0] * 6

    numbers = st.integers(0, 5)

    @rule(udp=st.booleans())
    def a_user_comes(self, udp):
        claim = Claim()
        try:
            self.links.open(claim, udp, "host", 80, self.now)
        except OSError as error:
            assert error.args[0] == errno.ENOBUFS
            return
        if claim.link is not None:
            assert claim.link.generation == claim.generation and claim.link.owned

    @rule(n=numbers)
    def a_user_goes(self, n):
        if self.links.all[n].owned:
            self.links.all[n].close()

    @rule(n=numbers, data=st.binary(min_size=1, max_size=30))
    def a_user_writes(self, n, data):
        link = self.links.all[n]
        if link.state == 2 and link.owned:
            link.tx.write(data, 0, len(data), self.now)
            link.alert = True

    @rule(n=numbers, event=st.integers(32, 40), value=st.integers(-1, 3))
    def the_modem_says(self, n, event, value):
        self.links.all[n].on_event(event, value, self.now)

    @rule(n=numbers, state=st.integers(0, len(NAMES) - 2))
    def the_modem_reports(self, n, state):
        self.links.all[n].on_status(state, self.now)

    @rule(n=numbers, size=st.integers(1, 1460))
    def a_payload_is_announced(self, n, size):
        link = self.links.all[n]
        assert link.begin(size) == (2 <= link.state <= 3)

    @rule(ms=st.integers(0, 90_000))
    def a_command_begins(self, ms):
        self.now = (self.now + ms) & 0x1FFFFFFF
        if self.command is None:
            self.command = self.links.next(self.now)

    @rule(outcome=st.integers(1, 5), reported=st.integers(-1, 40))
    def a_command_ends(self, outcome, reported):
        command, self.command = self.command, None
        if command is not None:
            command.outcome, command.reported = outcome, reported
            command.owner.done(command, self.now)

    @rule()
    def all_is_lost(self):
        if self.command is None:
            self.links.vanish(errno.ECONNRESET)

    @invariant()
    def the_table_is_whole(self):
        for n, link in enumerate(self.links.all):
            assert 0 <= link.state < len(NAMES)
            assert link.generation >= self.generations[n]
            self.generations[n] = link.generation
            assert not link.is_free() or link.state << 4 in NEXT, link.state_name()
            assert link.up or link.state != 2, "connected over nothing"
            assert not link.opening or (link.state == 1 and link.owned)
        assert len(self.links.claims) <= 6


def machine(kind):
    kind.TestCase.settings = bounded
    return kind.TestCase


TestInbox = machine(InboxMachine)
TestDatagramInbox = machine(DatagramInboxMachine)
TestOutbox = machine(OutboxMachine)
TestDatagramOutbox = machine(DatagramOutboxMachine)
TestLinks = machine(LinksMachine)


@given(st.lists(st.integers(0, 11)), st.sampled_from((0, 1)))
@bounded
def test_the_bearer_stays_in_its_table(events, mux):
    bearer = Bearer()
    for event in events:
        bearer.address = "10.0.0.1"
        bearer.event(event, mux)
        assert bearer.is_up or event not in (9, 10, 11) or bearer.address is None
        assert bearer.is_up or not bearer.can_start(mux)
        assert bearer.name() not in (("CONNECTING", "CONNECT OK") if mux else ("IP PROCESSING",))
