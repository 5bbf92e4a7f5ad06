"""Who handles which command."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import TYPE_CHECKING

from ..answer import Answer, Refusal, UnknownCommand, Wait
from ..line import Request

if TYPE_CHECKING:
    from ..core import VirtualModem

Args = tuple[str, ...]
Handler = Callable[["VirtualModem", Args], "Answer | Wait"]

_handlers: dict[tuple[str, str], Handler] = {}
_names: set[str] = set()


def command(name: str, *forms: str) -> Callable[[Handler], Handler]:
    """Register the decorated handler for the forms of `name` (without AT)."""

    def register(handler: Handler) -> Handler:
        _names.add(name)
        for form in forms:
            _handlers[name, form] = handler
        return handler

    return register


def handler_for(request: Request, absent: Container[str] = ()) -> Handler:
    """The request's handler; raises UnknownCommand, or Refusal for a form it does not have.

    `absent` are commands of other families.
    """
    if request.name in absent:
        raise UnknownCommand(request.name)
    handler = _handlers.get((request.name, request.form))
    if handler:
        return handler
    if request.name in _names:
        raise Refusal()
    raise UnknownCommand(request.name)
