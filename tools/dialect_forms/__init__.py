"""Every form of every command of the dialect, as docs/dialect.md has it: data for that page."""

from functools import lru_cache

from .context import CONTEXT
from .data import DATA
from .form import FAMILIES, MULTI, SINGLE, Form
from .general import GENERAL
from .links import LINKS
from .others import OTHERS
from .seed import ROWS

CHAPTERS = {
    "Identity, SIM, network, serial line": GENERAL,
    "The IP context": CONTEXT,
    "Links": LINKS,
    "Sending, receiving, transparent mode": DATA,
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
