"""The command set: one module a family, one handler for each command and form."""

from . import basic, context, links, receiving, registration, sending
from .registry import handler_for

FAMILIES = (basic, registration, context, links, sending, receiving)

__all__ = ["FAMILIES", "handler_for"]
