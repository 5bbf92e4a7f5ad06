"""From a typed line to its answer on the wire, and from a payload to its result."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from .answer import (
    PROMPT,
    SEND_OVERTIME,
    Answer,
    Refusal,
    UnknownCommand,
    Wait,
    on_wire,
)
from .chain import Ask, Chain
from .clock import Action, Timer
from .commands import check_quotes, handler_for
from .faults import EVENTS
from .line import BadLine, Request, clean, from_attention, parse
from .reasons import Reason, cme
from .typed import Typed

if TYPE_CHECKING:
    from .core import VirtualModem

SEAM_US = (500, 20_000)  # an answer torn by `interleave` goes on after a time from this range


class Interpreter:
    """What `Typed` reports is turned into answers here; it is busy from line to last part."""

    def __init__(self, modem: VirtualModem, send_timeout_us: int | None, seed: int) -> None:
        self._modem = modem
        self._send_timeout_us = send_timeout_us
        self._random = random.Random(seed)
        self.typed = Typed(self, modem.profile, modem.counters)
        self.restart()

    def restart(self) -> None:
        """As after power-on; pending answers went with the modem's timers."""
        self.typed.reset()
        self._refuse_all = False
        self._refuse_until_us = 0
        self._send_timer: Timer | None = None
        self._prompt_out_us = 0  # when the line has carried the prompt
        self._on_payload: Callable[[bytes], Answer | Wait] | None = None

    def refuse_all_until(self, until_us: int | None) -> None:
        """Answer ERROR to every line until then; None: until the next restart."""
        if until_us is None:
            self._refuse_all = True
        else:
            self._refuse_until_us = until_us

    # -- command lines -----------------------------------------------------------------------

    def echo(self, data: bytes, payload: bool) -> None:
        if self._modem.settings.echo:
            self._modem.say(data, payload)

    def line_typed(self, line: bytes) -> None:
        modem = self._modem
        text = from_attention(clean(line), modem.profile)
        if not text:
            return
        too_long = len(line) > modem.profile.max_line
        modem.counters["commands"] += 1
        for name in EVENTS:
            if modem.faults.strikes(name):
                modem.inject(name)
        if not modem.faults.strikes("silent"):
            self._answer_later(lambda: self._execute(text, too_long), "lost_ok")

    def _execute(self, text: str, too_long: bool) -> Answer | Wait:
        modem = self._modem
        refuses = self._refuse_all or modem.now_us < self._refuse_until_us
        if refuses or modem.faults.strikes("error"):
            return Answer(("ERROR",))
        if too_long:
            raise BadLine(text)
        asks = [partial(self._obey, request) for request in parse(text, modem.profile)]
        return asks[0]() if len(asks) == 1 else Chain(asks, self._asked)()

    def _obey(self, request: Request) -> Answer | Wait:
        profile = self._modem.profile
        handler = handler_for(request, profile.absent_commands)
        if profile.wants_quotes:
            check_quotes(request)
        return handler(self._modem, request.args)

    # -- payload -----------------------------------------------------------------------------

    def expect_payload(self, length: int | None, then: Callable[[bytes], Answer | Wait]) -> None:
        """The prompt is out; `then(payload)` gives the answer. None: up to Ctrl-Z."""
        self._on_payload = then
        behind_us = self._modem.output.behind_us(self._modem.now_us)
        prompt_us = len(PROMPT) * 10_000_000 // self._modem.baud  # of one that was lost, too
        self._prompt_out_us = self._modem.now_us + max(behind_us, prompt_us)
        if length is not None:
            length = self._as_heard(length)
        self.typed.expect_payload(length)
        if self._send_timeout_us is not None:
            self._send_timer = self._modem.after(self._send_timeout_us, self._payload_overdue)

    def _as_heard(self, length: int) -> int:
        """A full segment cannot be misheard as a longer one."""
        spare = self._modem.profile.segment_max - length
        if spare > 0 and self._modem.faults.strikes("owed_payload"):
            length += self._modem.faults.random.randint(1, spare)
        return length

    def prompt_leaves(self) -> bool:
        return self._modem.now_us < self._prompt_out_us

    def payload_begun(self) -> None:
        if self._modem.faults.strikes("close_mid_send"):
            self._modem.stack.hang_up_sending()

    def payload_typed(self, payload: bytes) -> None:
        then = self._on_payload
        assert then is not None, "a payload without a prompt"
        self._payload_over(lambda: then(payload))

    def payload_cancelled(self, too_long: bool) -> None:
        line = "ERROR" if too_long else self._modem.profile.cancel_answer
        self._payload_over(lambda: Answer((line,) if line else ()))

    def _payload_over(self, ask: Ask) -> None:
        if self._send_timer:
            self._send_timer.cancel()
            self._send_timer = None
        self._answer_later(ask, "lost_result")

    def _payload_overdue(self) -> None:
        self.typed.abandon_payload()
        self._modem.say(on_wire(self._error(SEND_OVERTIME)))

    # -- transparent mode --------------------------------------------------------------------

    def data_typed(self, data: bytes) -> None:
        self._modem.data_mode.typed(data)

    # -- answers -----------------------------------------------------------------------------

    def _answer_later(self, ask: Ask, loss: str) -> None:
        """`loss` is the fault that takes away the answer's last part."""
        self.typed.hold()
        self._modem.after(self._modem.latency_us, lambda: self._answer(ask, loss))

    def _answer(self, ask: Ask, loss: str) -> None:
        answer = self._asked(ask)
        if isinstance(answer, Wait):
            then = answer.then
            self._modem.after(answer.delay_us, lambda: self._answer(then, loss))
        else:
            self._begin(answer, loss)

    def _asked(self, ask: Ask) -> Answer | Wait:
        counters = self._modem.counters
        try:
            return ask()
        except Refusal as refusal:
            counters["refusals"] += 1
            return Answer((*refusal.lines, self._error(refusal.reason)), failed=True)
        except (BadLine, UnknownCommand):
            counters["errors"] += 1
            return Answer(("ERROR",), failed=True)

    def _error(self, reason: Reason) -> str:
        return cme(reason, self._modem.settings.cmee, self._modem.profile.errors)

    def _begin(self, answer: Answer, loss: str) -> None:
        parts = [part for part in answer.parts if not self._lost(part, answer, loss)]
        if self._modem.faults.strikes("interleave"):
            self._chatter()
        self._say(parts, answer.after)

    def _lost(self, part: str | bytes, answer: Answer, loss: str) -> bool:
        if part is PROMPT:
            self._modem.counters["prompts"] += 1
            return self._modem.faults.strikes("lost_prompt")
        return part is answer.parts[-1] and self._modem.faults.strikes(loss)

    def _say(self, parts: list[str | bytes], after: Action | None) -> None:
        """All parts now, unless a seam between two is opened: then the rest comes later."""
        modem = self._modem
        while parts:
            part = parts.pop(0)
            modem.say(on_wire(part), payload=isinstance(part, bytes))
            if parts and modem.faults.strikes("interleave"):
                self._chatter()
                pause_us = self._random.randint(*SEAM_US)
                modem.after(pause_us, lambda: self._say(parts, after))
                return
        if after:
            after()
        self.typed.release()

    def _chatter(self) -> None:
        self._modem.urc(self._random.choice(self._modem.chatter))
