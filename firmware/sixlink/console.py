"""An AT terminal at the REPL: `modem.console`.

Rules:

1. Whoever waits for a key drives the modem, so the links live. Keys are looked for 20 times a
   second; a command that is being asked waits for nobody's keys.
2. Each line goes through `at`, with all that it refuses.
3. Ctrl-C ends it at any moment and leaves everything as it was before, a command that has been
   typed included: its answer comes and is dropped.
"""

import errno
import select
import sys

from micropython import const

from .at import ask
from .watch import Watch

_POLL_IN = const(1)
_LOOK_MS = const(50)
_LONGEST = const(256)  # as in `at`

# What keys send (ASCII).
_CTRL_C = const(3)
_CTRL_D = const(4)
_BACKSPACE = const(8)
_LF = const(10)
_CR = const(13)
_CTRL_U = const(21)
_ESC = const(27)
_DELETE = const(127)

_HELLO = "AT console; the links go on. help says what it takes, exit, Ctrl-C or Ctrl-D leaves."
_HELP = """\
  +CSQ, AT+CSQ, I    any AT command but those that would end the session
  status             one screen, as print(modem)
  trace              what last crossed the UART
  exit               back to Python
  * ...              what happened to the modem meanwhile"""
_PROMPT = "AT> "
_TELL_THEMSELVES = ("linux", "darwin", "win32")  # where the terminal shows what is typed


class Console:
    """`timeout` and `echo` as `Modem.console` has them. `keys` is a binary stream that
    `select.poll` knows, `show` is called with text."""

    def __init__(self, modem, timeout=9, echo=None, keys=None, show=None):
        self._modem = modem
        self._timeout = timeout
        self._echo = sys.platform not in _TELL_THEMSELVES if echo is None else echo
        self._keys = keys or getattr(sys.stdin, "buffer", sys.stdin)
        self._show = show or _print
        self._poller = select.poll()
        self._poller.register(keys or sys.stdin, _POLL_IN)
        self._line = ""
        self._last = 0  # the key before
        self._skip = 0  # keys to come that belong to an arrow
        self._asking = False
        self._words = {
            "status": lambda: self._say(repr(modem)),
            "trace": modem.trace,
            "help": lambda: self._say(_HELP),
        }

    def run(self):
        """Until the user leaves."""
        driver = self._modem.driver
        if not driver.engine.bringup.count:
            raise OSError(errno.ENOTCONN)
        driver.wait_for(self._has_key, 0)  # from inside a callback this raises EALREADY
        kept = driver.watch, driver.log
        try:
            self._listen()
            self._say(_HELLO)
            self._show(_PROMPT)
            while self._turn():
                pass
        except KeyboardInterrupt:
            self._show("\n")
        finally:
            driver.watch, driver.log = kept

    def _turn(self):
        """Wait for keys and take them; false once the user wants to leave."""
        self._modem.driver.wait_for(self._has_key, _LOOK_MS)
        while self._has_key():
            key = self._keys.read(1)
            if not self._take(ord(key) if key else _CTRL_D):
                return False
        return True

    def _has_key(self):
        return bool(self._poller.poll(0))

    # -- the line that is typed ----------------------------------------------------------------

    def _take(self, key):
        """False if it is a key that leaves, or ends a line that does."""
        last, self._last = self._last, key
        if self._skip:
            self._skip -= 1
        elif key == _CTRL_C or key == _CTRL_D:
            self._show("\n")
            return False
        elif key == _ESC:
            self._skip = 2  # of an arrow: `ESC [ A`
        elif key == _CR or (key == _LF and last != _CR):
            return self._enter()
        elif key == _BACKSPACE or key == _DELETE:
            self._rub_out(1)
        elif key == _CTRL_U:
            self._rub_out(len(self._line))
        elif 32 <= key < 127 and len(self._line) <= _LONGEST:
            self._line += chr(key)
            self._echoed(chr(key))
        return True

    def _rub_out(self, n):
        n = min(n, len(self._line))
        self._line = self._line[: len(self._line) - n]
        self._echoed("\b \b" * n)

    def _echoed(self, text):
        if self._echo:
            self._show(text)

    def _enter(self):
        line, self._line = self._line.strip(), ""
        self._echoed("\n")
        if line == "exit":
            return False
        if line:
            self._answer(line)
        self._show(_PROMPT)
        return True

    def _answer(self, line):
        word = self._words.get(line)
        self._asking = True
        try:
            if word is not None:
                word()
                return
            for text in ask(self._modem, line, self._timeout):
                self._say(text)
            self._say("OK")
        except (OSError, ValueError) as error:
            self._say("! %s" % error)
        finally:
            self._asking = False

    # -- what happens meanwhile ----------------------------------------------------------------

    def _listen(self):
        """Tell what happens from now on, beside those whom the application has told to listen."""
        driver = self._modem.driver
        others = driver.watch
        told = () if driver.log is None else ("note",)  # the application's log has these

        def tell(event):
            if heard and event[0] not in told:
                self._tell(event)

        heard = []
        watch = Watch(self._modem, tell)
        watch.look()  # what it finds now is no news
        heard.append(True)

        def look():
            if others is not None:
                others()
            watch.look()

        driver.watch = look

    def _tell(self, event):
        words = " ".join(str(part) for part in event[event[0] == "note" :])
        self._show("\r* %s\n" % words)
        if not self._asking:
            self._show(_PROMPT + self._line)

    def _say(self, text):
        self._show(text + "\n")


def _print(text):
    print(text, end="")
