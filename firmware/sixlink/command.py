"""An AT command is data: what is typed, how its answer looks, how it ends, how long it may take.

Events are what a dialect makes of one line of modem output. They are plain numbers, so a command
names the event that ends it well, and the engine needs no knowledge of the words.
"""

from micropython import const

# How a command ended.
_PENDING = const(0)
_OK = const(1)
_ERROR = const(2)  # ERROR or +CME ERROR; its number is in `cme`
_TIMEOUT = const(3)  # no answer in time: nobody knows whether it took effect
_NO_PROMPT = const(4)  # a send whose prompt did not come: the modem may wait for payload
_LOST = const(5)  # a framing loss made its answer unbelievable

# Events that belong to no link.
_EV_UNKNOWN = const(0)
_EV_OK = const(1)
_EV_ERROR = const(2)
_EV_SHUT = const(3)  # SHUT OK
_EV_STATE = const(4)  # STATE: <bearer state>
_EV_STATUS = const(5)  # C: <link>,… of AT+CIPSTATUS
_EV_BOOT = const(6)  # the modem has started: all it knew is gone
_EV_DEACT = const(7)  # the PDP context is gone
_EV_CHECK = const(8)  # something in the network changed: ask AT+CIPSTATUS
_EV_SIM = const(9)
_EV_REGISTRATION = const(10)
_EV_DNS = const(11)
_EV_OFF = const(12)  # the modem powers down
_EV_NOTICE = const(13)  # known and harmless
_EV_PUSHED = const(14)  # header of a pushed payload
_EV_PULLED = const(15)  # header of a payload that was asked for
_EV_DAMAGED = const(16)  # looks like a payload header but cannot be read
_EV_ECHO = const(17)
_EV_SERVER = const(18)  # SERVER OK, SERVER CLOSE
_EV_CALLER = const(19)  # a peer has connected to our server

# Events of one link; the dialect says which.
_EV_LINK = const(32)  # the first of them
_EV_CONNECTED = const(32)
_EV_REFUSED = const(33)
_EV_ALREADY = const(34)
_EV_SENT = const(35)
_EV_SEND_FAILED = const(36)
_EV_CLOSE_OK = const(37)
_EV_CLOSED = const(38)
_EV_ARRIVED = const(39)  # data waits to be pulled
_EV_LEFT = const(40)  # answer to: how much data waits
_EV_ONLINE = const(41)  # from here on all bytes are data

# Shapes of a bare reply, one without a prefix.
_SHAPE_NONE = const(0)
_SHAPE_ADDRESS = const(1)  # AT+CIFSR
_SHAPE_DIGITS = const(2)  # AT+CGSN, AT+CIMI
_SHAPE_TEXT = const(3)  # ATI: any line that is nothing else
_SHAPE_OWN = const(4)  # none of these: `owner.hears(event, buf, at, end)` is true for its lines


class Command:
    """One AT command.

    `owner.reply(command, buf, at, end)` is called for each reply line and returns true when that
    line ends the command; `owner.done(command, now)` when it is over. Both may be called twice
    for one event (an interrupt in between) and must then do the same as once.
    """

    def __init__(self, owner, text=b"", timeout_ms=9000, prefix=None, final=_EV_OK, shape=0):
        self.owner = owner
        self.text = text
        self.length = len(text)  # of `text`, which may be a larger buffer
        self.timeout_ms = timeout_ms
        self.prefix = prefix
        self.final = final  # the event that ends it; UNKNOWN: only a reply can
        self.shape = shape
        self.link = -1  # the link it concerns, -1 for none
        self.body = None  # the link whose data is typed behind the prompt
        self.size = 0  # bytes of that data
        self.padding = False  # its body is CRs typed without a prompt
        self.secret = False  # what is behind its `=` is not for a trace
        self.tag = 0  # the owner's note: what it was for
        self.outcome = _PENDING
        self.cme = -1
        self.reported = -1  # what the final line said: bytes accepted

    def again(self, text, length, final=_EV_OK, timeout_ms=9000, prefix=None, body=None, size=0):
        """Make it ready for another turn, with nothing left over from the last one."""
        self.text, self.length = text, length
        self.final, self.timeout_ms = final, timeout_ms
        self.prefix, self.body, self.size = prefix, body, size
        self.cme, self.reported = -1, -1
        self.outcome = _PENDING  # last: from here on it is whole
        return self
