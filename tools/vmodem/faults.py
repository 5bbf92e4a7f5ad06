"""Faults: seeded probabilities and one-shot injections, both under the same names.

A name belongs to an *occasion*: the place in the modem that asks `strikes(name)`. An armed
one-shot strikes at the next occasion; a probability may strike at each.
"""

import random
from collections import Counter

# Faults with an occasion of their own.
OCCASIONS = {
    "lost_prompt": "the prompt of a CIPSEND is not sent, though the modem awaits the payload",
    "owed_payload": "the length of a CIPSEND is misheard: more payload is awaited than will come",
    "lost_ok": "the last part of a command's answer is not sent, mostly its OK",
    "lost_result": "what a command leads to later is not sent: SEND OK, CONNECT OK, +CDNSGIP",
    "lost_urc": "a line that no command asked for is not sent",
    "lost_boot": "a restart is not announced: no RDY",
    "drop_byte": "one byte of a block the modem sends is lost",
    "corrupt_byte": "one bit of a block without payload is flipped",
    "close_mid_send": "the peer closes while the payload is being typed",
    "refused_peer": "a peer refuses the connection",
    "silent_peer": "a peer never answers the attempt to connect",
    "silent": "a command line is swallowed: not executed, not answered",
    "error": "a command is not executed and answers ERROR",
    "activation_failed": "CIICR fails with +PDP: DEACT and an error",
    "interleave": "unsolicited lines fall between two parts of an answer, some ms apart",
    "brown_out": "what the modem says turns to noise, then it restarts, half the time without RDY",
}

# Faults that happen to the modem; a probability is thrown once for each command line.
EVENTS = {
    "urc_storm": "a burst of unrelated unsolicited lines",
    "pdp_deact": "the network releases the context",
    "registration_lost": "the modem searches for a network until registration_back",
    "registration_denied": "the network denies registration until registration_back",
    "registration_back": "the network is there again, and willing",
    "radio_stuck": "registration is lost until CFUN switches the radio off, or a restart",
    "slow_network": "for a minute everything the network tells comes 2 to 9 s late",
    "sim_removed": "the SIM is pulled",
    "sim_inserted": "the SIM is put back",
    "reboot": "the modem restarts by itself",
    "baud_changed": "the modem restarts at another fixed rate, and keeps it",
    "autobaud": "the modem restarts, and says nothing before an AT has told it the host's rate",
    "power_down": "the modem switches itself off: only its power key starts it",
    "echo_back": "echo turns itself on",
    "error_spell": "every command answers ERROR for 20 s",
    "error_everything": "every command answers ERROR until the next restart",
    "hang": "the modem is deaf and mute until its reset pin, or its power key held for long",
}

ALL = {**OCCASIONS, **EVENTS}


class Faults:
    """Seeded fault source.

    Each keyword is a name of `ALL` with a probability from 0.0 to 1.0 per occasion.
    Raises ValueError for an unknown name or a probability out of range.
    """

    def __init__(self, seed: int = 0, **probabilities: float) -> None:
        for name, probability in probabilities.items():
            check(name)
            if not 0.0 <= probability <= 1.0:
                raise ValueError(f"{name}={probability!r} is not a probability from 0 to 1")
        self.random = random.Random(seed)
        self.probabilities = {name: p for name, p in probabilities.items() if p}
        self.armed: Counter[str] = Counter()
        self.struck: Counter[str] = Counter()

    def arm(self, name: str, times: int = 1) -> None:
        """Let `name` strike at its next `times` occasions."""
        check(name)
        self.armed[name] += times

    def strikes(self, name: str) -> bool:
        """Does `name` happen on this occasion? Counted in `struck`."""
        if self.armed[name]:
            self.armed[name] -= 1
        elif name not in self.probabilities or self.random.random() >= self.probabilities[name]:
            return False
        self.struck[name] += 1
        return True


def check(name: str) -> None:
    if name not in ALL:
        raise ValueError(f"unknown fault {name!r}, known: {', '.join(sorted(ALL))}")
