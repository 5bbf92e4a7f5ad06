"""A modem of some family, with what differs between firmwares of it drawn by lot.

Where two sources print one thing differently both are real: each is a field of the profile, and
each firmware below has its own mixture of them.
"""

from dataclasses import replace

from tools.vmodem import PROFILES

FAMILIES = (("sim800", 0.4), ("air724", 0.1), ("luat", 0.5))  # and how often each is drawn
OTHERWISE = 0.3  # how often something is not as the profile has it

DEACT = ("+PDP: DEACT", "+PDP DEACT", "+PDP:DEACT")

# What other firmwares do: field of the profile, values.
ANYWHERE = {
    "accept_prefix": ("DATA ACCEPT:", "DATA ACCEPT: "),
    "ack_separator": (",", ", "),
    "already_connect": ("OK", "ERROR"),
    "close_after_send_fail": (False, True),
    "cmee": (0, 1, 2),
    "deact": DEACT,
    "deact_in_data": DEACT,
    "link_line_prefix": ("C: ", "C:"),
    "link_separator": (", ", ","),
    "rxget_of_gone_link": ("refused", "error", "empty"),
    "rxget_prefix": ("+CIPRXGET: ", "+CIPRXGET:"),
    "state_prefix": ("STATE: ", "STATE:"),
    "status_gap_us": (0, 20_000, 100_000),
    "stays_processing": (False, True),
    "udp_closed_state": ("UDP CLOSED", "TCP CLOSED"),
}
OF_LUAT = {
    **ANYWHERE,
    "append_crlf": (False, True),
    "bare_connect_ok": (False, True),
    "padded_addresses": (False, True),
    "shut_answer": ("SHUT OK", "OK"),
}
OPTIONS = {"sim800": ANYWHERE, "air724": OF_LUAT, "luat": OF_LUAT}


def drawn(rng, family=None):
    """A profile of `family`, or of one that is drawn too."""
    names, weights = zip(*FAMILIES, strict=True)
    (name,) = rng.choices(names, weights)
    name = family or name
    changes = {
        field: rng.choice(values)
        for field, values in OPTIONS[name].items()
        if rng.random() < OTHERWISE
    }
    return replace(PROFILES[name], **changes)
