"""The command set: one module a family, one handler for each command and form."""

from . import (
    access,
    basic,
    bearers,
    clock,
    context,
    identity,
    links,
    names,
    power,
    receiving,
    registration,
    sending,
    serial,
)
from .arguments import check_quotes
from .registry import handler_for

FAMILIES = (
    basic,
    identity,
    serial,
    clock,
    power,
    registration,
    access,
    bearers,
    context,
    names,
    links,
    sending,
    receiving,
)

__all__ = ["FAMILIES", "check_quotes", "handler_for"]
