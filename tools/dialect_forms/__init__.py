"""Every form of every command of the dialect, as docs/dialect.md has it: data for that page."""

from functools import lru_cache

from .context import CONTEXT
from .form import FAMILIES, MULTI, SINGLE, Form
from .identity import IDENTITY
from .links import LINKS
from .network import NETWORK
from .others import OTHERS
from .receiving import RECEIVING
from .seed import ROWS
from .sending import SENDING
from .serial import SERIAL
from .transparent import TRANSPARENT

CHAPTERS = {
    "Attention, identity, answers": IDENTITY,
    "SIM, network, power": NETWORK,
    "Serial line, clock, sleep": SERIAL,
    "The IP context": CONTEXT,
    "Links": LINKS,
    "Sending": SENDING,
    "Receiving": RECEIVING,
    "Transparent mode": TRANSPARENT,
}
FORMS = tuple(form for forms in CHAPTERS.values() for form in forms)


@lru_cache(maxsize=4096)
def form_of(line: str, mode: str) -> Form | None:
    """The form of a typed line, without its line end, in a modem in that mode."""
    return next((form for form in FORMS if form.fits(line, mode)), None)


__all__ = [
    "CHAPTERS",
    "FAMILIES",
    "FORMS",
    "MULTI",
    "OTHERS",
    "ROWS",
    "SINGLE",
    "Form",
    "form_of",
]
