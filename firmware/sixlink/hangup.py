"""Whether bytes of a stream read like a line of the modem that ends it.

Pure functions that look at `buf[at:end]` in place, for as much of a line as has come.
"""

from micropython import const

PLAIN = const(0)
BEGUN = const(1)  # perhaps the beginning of such a line
WHOLE = const(2)  # such a line, and perhaps more

_SPACE = const(32)
_ZERO = const(48)
_NINE = const(57)
_COLON = const(58)
_TILDE = const(126)

_CR_LF = b"\r\n"


def kind_of(buf, at, end, hangups):
    """PLAIN, BEGUN or WHOLE. `hangups` are the words of such lines; behind a colon a number
    follows."""
    if not agree(buf, at, end, _CR_LF):
        return PLAIN
    for words in hangups:
        if agree(buf, at + 2, end, words):
            return _kind_of_rest(buf, at + 2 + len(words), end, words[-1] == _COLON)
    return PLAIN


def farewell(buf, at, end, hangups):
    """Where the first such line begins behind which there are only lines; `end` if none does."""
    while at < end:
        if kind_of(buf, at, end, hangups) == WHOLE:
            if _is_talk(buf, buf.find(_CR_LF, at + 2, end) + 2, end):
                return at
        at += 1
    return end


def _is_talk(buf, at, end):
    """Whether these are lines as a modem says them, the last of them perhaps in part."""
    while at < end:
        if not agree(buf, at, end, _CR_LF):
            return False
        at += 2
        while at < end and _SPACE <= buf[at] <= _TILDE:
            at += 1
        if not agree(buf, at, end, _CR_LF):
            return False
        at += 2
    return True


def agree(buf, at, end, word):
    """Whether `buf[at:end]` and `word` are the same for as long as both go on."""
    n = min(end - at, len(word))
    i = 0
    while i < n and buf[at + i] == word[i]:
        i += 1
    return i >= n


def _kind_of_rest(buf, at, end, numbered):
    """What a line is, by the bytes behind its words: CR LF, and a number of one or two digits
    before it if the words want one."""
    first = at
    while numbered and at < end and _ZERO <= buf[at] <= _NINE:
        at += 1
    if at >= end and at - first <= 2:
        return BEGUN
    if not numbered <= at - first <= 2 or not agree(buf, at, end, _CR_LF):
        return PLAIN
    return WHOLE if end - at >= 2 else BEGUN
