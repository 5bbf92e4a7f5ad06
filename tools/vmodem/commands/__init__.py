"""The command set: one module a family, one handler for each command and form."""

from . import (
    access,
    basic,
    bearers,
    clock,
    context,
    identity,
    keepalive,
    links,
    local,
    names,
    power,
    receiving,
    registration,
    sending,
    serial,
    server,
    status,
    transparent,
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
    status,
    local,
    keepalive,
    server,
    transparent,
    sending,
    receiving,
)

__all__ = ["FAMILIES", "check_quotes", "handler_for"]
