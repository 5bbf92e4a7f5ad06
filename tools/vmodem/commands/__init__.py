"""The command set: one module a family, one handler for each command and form."""

from . import (
    basic,
    context,
    keepalive,
    links,
    local,
    receiving,
    registration,
    sending,
    server,
    status,
    transparent,
)
from .registry import handler_for

FAMILIES = (
    basic,
    registration,
    context,
    links,
    status,
    local,
    keepalive,
    server,
    transparent,
    sending,
    receiving,
)

__all__ = ["FAMILIES", "handler_for"]
