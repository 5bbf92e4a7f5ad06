"""The mistakes: each one a plausible slip, and each one must be found.

A row: its name, what it breaks, the file of firmware/sixlink, the right text and the wrong one.
"""

from __future__ import annotations

from .plant import Mutant

CATALOGUE = (
    # -- bytes and datagrams ---------------------------------------------------------------------
    Mutant(
        "byte-lost-when-full",
        "The byte that finds the receive ring just full is lost.",
        "inbox.py",
        "            n = self.size - ring.any()\n",
        "            n = self.size - ring.any() + 1\n",
    ),
    Mutant(
        "room-counted-one-too-large",
        "One byte more than fits is asked for.",
        "inbox.py",
        "return self.size - self.ring.any()",
        "return self.size - self.ring.any() + 1",
    ),
    Mutant(
        "byte-lost-at-a-seam",
        "A line torn between two reads loses the byte before the tear.",
        "framer.py",
        "        held = self.held\n        if held + end - at",
        "        held = max(0, self.held - 1)\n        if held + end - at",
    ),
    Mutant(
        "short-write-counted-whole",
        "The count that a write returns is what it was given, not what it took.",
        "writer.py",
        "        if link.tx.size - link.tx.ring.any() < size:\n"
        "            return 0\n"
        "        # It is taken in a single call: no lock is needed.\n"
        "        size = link.tx.ring.write(buf, at, size)\n",
        "        link.tx.ring.write(buf, at, size)\n",
    ),
    Mutant(
        "segment-too-long",
        "A segment may be longer than the 1460 bytes that AT+CIPSEND takes.",
        "outbox.py",
        "_SEGMENT = const(1460)",
        "_SEGMENT = const(1536)",
    ),
    Mutant(
        "datagrams-merged",
        "Datagrams that wait are sent as one.",
        "outbox.py",
        "_, self._segment = ring.readinto(_length), _length[0] << 8 | _length[1]",
        "self._segment = min(ring.any(), _SEGMENT)",
    ),
    Mutant(
        "datagram-tail-kept",
        "What a short read left of a datagram is taken for the next one.",
        "inbox.py",
        "self._reading, self._tail, n = -1, self._taken - n, ring.readinto(buf, n)",
        "self._reading, self._tail, n = -1, 0, ring.readinto(buf, n)",
    ),
    # -- sending ---------------------------------------------------------------------------------
    Mutant(
        "payload-resent",
        "What may have been lost with its SEND OK is sent once more.",
        "engine.py",
        "        command.owner.done(command, now)\n",
        "        if command.body is not None and command.outcome in (_TIMEOUT, _LOST):\n"
        "            command.body.tx.write(self.slice, 0, min(command.size, _SLICE), now)\n"
        "        command.owner.done(command, now)\n",
    ),
    Mutant(
        "prompt-accepted-when-none-is-owed",
        "The prompt of the last send is taken for that of the next one, which owes its own.",
        "engine.py",
        "        self.prompted = False\n        self.untyped = command.size",
        "        self.untyped = command.size",
    ),
    Mutant(
        "prompt-never-overdue",
        "A prompt is waited for without a limit.",
        "engine.py",
        "if not command.outcome and until(self.deadline, now) <= 0:",
        "if self.phase != _AWAIT_PROMPT and until(self.deadline, now) <= 0:",
    ),
    Mutant(
        "no-padding",
        "A modem whose prompt was lost never gets the payload it is owed.",
        "engine.py",
        "self.resync.begin(now, self._owed(command))",
        "self.resync.begin(now, 0)",
    ),
    Mutant(
        "loss-not-told",
        "What the application wrote is dropped with its link and nobody is told.",
        "link.py",
        "                self.error = self.error or errno.ECONNRESET\n",
        "                pass\n",
    ),
    Mutant(
        "closed-before-sent",
        "A closed socket's link does not wait until what was written has left.",
        "agenda.py",
        "if link.up and not link.error and until(self.drain_by, now) > 0:",
        "if False:",
    ),
    # -- receiving -------------------------------------------------------------------------------
    Mutant(
        "wake-up-cleared-when-answered",
        "The wake-up is cleared when the read is answered, not when it is issued.",
        "agenda.py",
        "        self.sweep_at = after(now, _SWEEP_MS)\n        if command.outcome == _OK and",
        "        self.sweep_at, link.pending = after(now, _SWEEP_MS), False\n"
        "        if command.outcome == _OK and",
    ),
    Mutant(
        "wake-up-lost-before-ok",
        "The wake-up is cleared again by the OK: one that came just before is lost.",
        "agenda.py",
        "        if command.outcome == _OK and command.reported >= 0:\n",
        "        if command.outcome == _OK and command.reported >= 0:\n"
        "            link.pending = self._table.dialect.left > 0\n",
    ),
    Mutant(
        "room-not-told",
        "Reading frees room, but the modem is not asked for more until something else happens.",
        "link.py",
        "        if self.pending:\n            self.alert = self._table.alert = True\n",
        "        pass\n",
    ),
    Mutant(
        "end-before-data",
        "The end of the stream is told before what the modem still holds has been read.",
        "link.py",
        "            if not self.pending:\n                self.drained()\n",
        "            self.drained()\n",
    ),
    Mutant(
        "payload-never-overdue",
        "A payload that stops coming is waited for without a limit.",
        "intake.py",
        "if self.framer.payload and not self.stalled and overdue:",
        "if self.framer.payload and self.stalled and overdue:",
    ),
    # -- bytes that got lost on the way ----------------------------------------------------------
    Mutant(
        "loss-forgiven",
        "A payload that lost bytes does not fail its link.",
        "losses.py",
        "        if link is not None:\n"
        "            link.fail(errno.ECONNRESET)\n"
        "        self._sink = None\n",
        "        self._sink = None\n",
    ),
    Mutant(
        "tail-not-checked",
        "Whatever follows a payload is taken for its CR LF.",
        "framer.py",
        "if self.buf[self.at] != (_CR if self.tail == 2 else _LF):",
        "if False:",
    ),
    Mutant(
        "lines-believed-after-loss",
        "After a framing loss what reads like a line about a link is believed.",
        "intake.py",
        "        if engine.lost:\n            return\n        link = ",
        "        link = ",
    ),
    Mutant(
        "payload-believed-after-loss",
        "After a framing loss pushed payload is delivered.",
        "intake.py",
        "            link.fail(errno.ECONNRESET)\n            takes = False\n",
        "            pass\n",
    ),
    # -- links and their users -------------------------------------------------------------------
    Mutant(
        "closed-forgotten",
        "The URC CLOSED has no effect.",
        "link.py",
        "        elif event == _EV_CLOSED:\n            self._closed_by_peer()\n",
        "        elif event == _EV_CLOSED:\n            pass\n",
    ),
    Mutant(
        "closed-forgotten-while-sending",
        "A CLOSED during a send is not followed up.",
        "intake.py",
        "            link.leaving = engine.links.suspicious = True\n",
        "            link.leaving = True\n",
    ),
    Mutant(
        "late-closed-believed",
        "The late CLOSED of a link's last user ends its next one.",
        "linkstate.py",
        "_CONNECTING << 4 | _GONE: _CONNECTING,",
        "_CONNECTING << 4 | _GONE: _REMOTE_CLOSING,",
    ),
    Mutant(
        "generation-not-checked",
        "A socket goes on with a link that has been given to another.",
        "socket.py",
        "            if link.ended != self._generation:\n"
        "                raise OSError(errno.ECONNRESET)\n"
        "            self._link = link = self._links.past()  # ours had come to its end\n"
        "            self._generation = link.generation\n",
        "            pass\n",
    ),
    Mutant(
        "link-leaked-on-connect-fail",
        "CONNECT FAIL does not end the attempt: link and socket wait on.",
        "link.py",
        "        elif event == _EV_REFUSED or event == _EV_CLOSE_OK:\n",
        "        elif event == _EV_CLOSE_OK:\n",
    ),
    Mutant(
        "link-leaked-on-close-error",
        "ERROR to AT+CIPCLOSE leaves the link in use.",
        "agenda.py",
        "elif what == _DO_CLOSE and command.outcome <= _ERROR:",
        "elif what == _DO_CLOSE and command.outcome < _ERROR:",
    ),
    Mutant(
        "claim-served-twice",
        "Who waited for a link stays on the list when it has got one.",
        "table.py",
        "            self._give(link, claim, udp, host, port, now, own)\n"
        "            self.withdraw(claim)\n",
        "            self._give(link, claim, udp, host, port, now, own)\n",
    ),
    Mutant(
        "chore-not-popped",
        "A link that was closed stays on the list of those to be closed.",
        "driver.py",
        "                self.chores[-1].close()\n                self.chores.pop()\n",
        "                self.chores[-1].close()\n",
    ),
    Mutant(
        "turns-not-taken",
        "The first link that wants to say something always goes first.",
        "table.py",
        "        for _ in self.all:\n            link = self.all[self._turn]\n",
        "        for link in self.all:\n",
    ),
    # -- time and the lock -----------------------------------------------------------------------
    Mutant(
        "clock-does-not-wrap",
        "Times are compared as if the millisecond count never wrapped.",
        "clock.py",
        "return ((then - now + _HALF) & _MASK) - _HALF",
        "return then - now",
    ),
    Mutant(
        "tick-inside-a-turn",
        "A tick that finds the lock taken works on.",
        "driver.py",
        "        if self.busy:\n            return False\n",
        "",
    ),
)
