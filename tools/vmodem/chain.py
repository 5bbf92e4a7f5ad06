"""Several commands on one line, such as `AT+CIFSR;E0`: one answer, one final result.

ITU-T V.250, sections 5.2.1 and 5.3: information lines come in order, OK comes once, and the
first command that fails ends the line. SIM800 AT manual V1.10, section 1.4.4.
"""

from collections import deque
from collections.abc import Callable, Iterable
from functools import partial

from .answer import PROMPT, Answer, Wait
from .clock import Action

Ask = Callable[[], Answer | Wait]


class Chain:
    """Call it for the whole line's answer. `settle` asks and turns refusals into answers."""

    def __init__(self, asks: Iterable[Ask], settle: Callable[[Ask], Answer | Wait]) -> None:
        self._asks = deque(asks)
        self._settle = settle
        self._parts: list[str | bytes] = []
        self._afters: list[Action] = []

    def __call__(self) -> Answer | Wait:
        return self._resume(self._asks.popleft())

    def _resume(self, ask: Ask) -> Answer | Wait:
        return self._go_on(self._settle(ask))

    def _go_on(self, answer: Answer | Wait) -> Answer | Wait:
        while True:
            if isinstance(answer, Wait):
                return Wait(answer.delay_us, partial(self._resume, answer.then))
            if self._ends(answer):
                return self._whole(answer)
            self._keep(answer)
            answer = self._settle(self._asks.popleft())

    def _ends(self, answer: Answer) -> bool:
        return answer.failed or not self._asks or PROMPT in answer.parts

    def _keep(self, answer: Answer) -> None:
        final = answer.parts[-1:] == ("OK",)
        self._parts += answer.parts[:-1] if final else answer.parts
        if answer.after:
            self._afters.append(answer.after)

    def _whole(self, last: Answer) -> Answer:
        afters = [*self._afters, *([last.after] if last.after else [])]

        def after() -> None:
            for action in afters:
                action()

        return Answer((*self._parts, *last.parts), after, last.failed)
