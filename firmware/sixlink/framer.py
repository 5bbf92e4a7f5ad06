"""Bytes in, events out: LINE, PROMPT, PAYLOAD, LOSS, or NOTHING yet.

The framer owns every byte that came from the UART until it has been taken. Rules:

1. Nothing is skipped but CR, LF and spaces at the start of a line.
2. Payload is counted. While `payload` bytes are owed nothing in them is looked at.
3. Behind a payload stand CR LF: the modem's own, or those that open its next line. Anything else
   means that bytes were lost on the way: LOSS.
4. A line ends with LF, but for `+IPD,<size>:`, behind whose colon the payload begins.
5. `>` at the start of a line is a prompt only while `prompting` is set.
6. An event stays until `take()` is called, so that a handler which was interrupted by Ctrl-C sees
   it again. For the same reason every step commits itself in one last line.

A line that lies whole in the receive buffer is read there; a torn one is gathered in a buffer of
its own. No byte allocates.
"""

from micropython import const

_NOTHING = const(0)
_LINE = const(1)
_PROMPT = const(2)
_PAYLOAD = const(3)
_LOSS = const(4)

# The longest line of the dialect is the echo of an AT+CIPSTART with a name of 128 bytes.
_LONGEST_LINE = const(256)

_CR = const(13)
_LF = const(10)
_SPACE = const(32)
_PROMPT_SIGN = const(62)
_COLON = const(58)
_HEADER = b"+IPD,"
_CR_LF = b"\r\n"
_LF_BYTE = b"\n"
_BLANK = b"\r\n "


class Framer:
    def __init__(self, size):
        self.size = size
        self.buf = bytearray(size)  # what the UART delivers, processed in place
        self.at = 0  # next byte to look at
        self.end = 0  # behind the last byte received
        self.got = 0  # bytes in `buf` that are not between those two yet
        self.payload = 0  # payload bytes still to come
        self.tail = 0  # bytes of the CR LF behind it still to come
        self.prompting = False  # a prompt is owed
        self.headed = False  # `+IPD,<size>:` ends at its colon: the payload begins at once
        self.kind = _NOTHING  # the event that waits to be taken
        self.line = self.buf  # the line of a LINE event: line[start:stop]
        self.start = 0
        self.stop = 0
        self._torn = bytearray(_LONGEST_LINE + 1)
        self.held = 0  # bytes of a torn line gathered so far
        self._after = 0  # where reading goes on once the event is taken

    def expect(self, size):
        """The line just read announced `size` payload bytes: take it and count them."""
        self.at, self.held = self._after, 0
        self.payload, self.tail, self.kind = size, 2, _NOTHING

    def pour(self, uart, waiting, ring):
        """Bring `waiting` bytes to `ring`, all of them payload: those at hand, then the UART's.
        Returns how many did not come. A frame of more locals would take heap."""
        got = self.end - self.at
        if got:
            self.payload, self.at = self.payload - ring.write(self.buf, self.at, got), self.end
            waiting -= got
        while waiting:
            self.got = got = uart.readinto(self.buf, waiting if waiting < self.size else self.size)
            if not got:
                break
            self.payload, self.got = self.payload - ring.write(self.buf, 0, got), 0
            waiting -= got
        return waiting

    def abandon(self):
        """Stop counting: the rest of the payload will not come."""
        self.payload, self.tail = 0, 0

    def forget(self):
        """Drop a line that has begun."""
        self.held = 0

    def take(self):
        """The event has been dealt with."""
        self.at, self.held, self.kind = self._after, 0, _NOTHING

    def next(self):
        """The event that comes next in the bytes at hand."""
        if self.kind:
            return self.kind
        at = self.at
        end = self.end
        if at >= end:
            return _NOTHING
        if self.payload:
            return _PAYLOAD
        if self.prompting or self.held or self.headed:
            return self._next()
        # The common case in one go: a whole line, perhaps behind a payload.
        buf = self.buf
        if self.tail == 2 and end - at > 2 and buf.startswith(_CR_LF, at):
            at += 2
        elif self.tail:
            return self._next()
        while at < end and buf[at] <= _SPACE and buf[at] in _BLANK:
            at += 1
        mark = buf.find(_LF_BYTE, at, end)
        if mark < 2 or buf[mark - 1] != _CR or buf[mark - 2] <= _SPACE:
            return self._next()
        self.line, self.start, self.stop = buf, at, mark - 1
        self._after, self.tail, self.kind = mark + 1, 0, _LINE
        return _LINE

    def _next(self):
        if self.tail and not self._skip_tail():
            return self.kind
        return self._skip_blank() and self._line_or_prompt()

    def _skip_tail(self):
        while self.tail:
            if self.at >= self.end:
                return False
            if self.buf[self.at] != (_CR if self.tail == 2 else _LF):
                self._after, self.kind = self.at, _LOSS
                return False
            self.at, self.tail = self.at + 1, self.tail - 1
        return True

    def _skip_blank(self):
        if not self.held:
            buf = self.buf
            at = self.at
            end = self.end
            while at < end and (buf[at] == _CR or buf[at] == _LF or buf[at] == _SPACE):
                at += 1
            self.at = at
        return self.at < self.end

    def _line_or_prompt(self):
        if self.prompting and not self.held and self.buf[self.at] == _PROMPT_SIGN:
            self._after, self.kind = self.at + 1, _PROMPT
            return _PROMPT
        if self.headed and self._has_header():  # gathered as a whole, then Ctrl-C came
            return self._end_line(self._torn, 0, self.held, self.at - 1)
        mark = self._end_of_line()
        if mark < 0:
            return self._gather(self.end)
        stop = mark + (self.buf[mark] == _COLON)
        if self.held:
            return self._gather(stop) or self._end_line(self._torn, 0, self.held, mark)
        return self._end_line(self.buf, self.at, stop, mark)

    def _end_of_line(self):
        """Where the byte stands that ends the line, -1 if it has not come."""
        if self.headed:
            held = self.held
            begin = self._torn[:held] + self.buf[self.at : self.at + len(_HEADER)]
            if begin.startswith(_HEADER):
                return self.buf.find(b":", self.at, self.end)
        return self.buf.find(b"\n", self.at, self.end)

    def is_torn(self):
        """Whether a line has begun and waits for its end."""
        return self.held and not self.kind and not self.payload

    def _has_header(self):
        held = self.held
        return held and self._torn[held - 1] == _COLON and self._torn.startswith(_HEADER)

    def end_unterminated(self):
        """The line whose CR LF does not come becomes an event as it is."""
        self.line, self.start, self.stop = self._torn, 0, self.held
        self._after, self.kind = self.at, _LINE

    def torn(self):
        """What there is of that line: a buffer, and how many bytes of it."""
        return self._torn, self.held

    def _gather(self, end):
        """Append the bytes up to `end` to the torn line; LOSS when it has grown too long."""
        buf = self.buf
        torn = self._torn
        at = self.at
        held = self.held
        if held + end - at > _LONGEST_LINE:
            self._after, self.kind = end, _LOSS
            return _LOSS
        while at < end:
            torn[held] = buf[at]
            held += 1
            at += 1
        torn[held] = _LF  # a prefix test stops here
        self.held, self.at = held, end
        return _NOTHING

    def _end_line(self, line, start, stop, newline):
        while stop > start and (line[stop - 1] == _CR or line[stop - 1] == _SPACE):
            stop -= 1
        self.line, self.start, self.stop = line, start, stop
        self._after, self.kind = newline + 1, _LINE
        return _LINE
