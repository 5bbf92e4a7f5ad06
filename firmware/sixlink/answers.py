"""Which lines belong to the command in flight: its replies, and what ends it."""

from micropython import const

from .fields import is_address, is_digits

# As in their home files; a test holds the numbers together.
_EV_UNKNOWN = const(0)
_EV_OK = const(1)
_EV_ERROR = const(2)
_EV_SHUT = const(3)
_EV_STATUS = const(5)
_EV_LINK = const(32)
_EV_SENT = const(35)
_EV_SEND_FAILED = const(36)
_EV_CLOSED = const(38)
_EV_ONLINE = const(41)
_SHAPE_NONE = const(0)
_SHAPE_ADDRESS = const(1)
_SHAPE_TEXT = const(3)
_SHAPE_OWN = const(4)
_BODY = const(3)
_AWAIT_RESULT = const(4)

_SHUT_MS = const(5000)  # SHUT OK may still come behind an OK; two samples in LUAT have only that


def is_reply(engine, command, event, buf, at, end):
    """Whether the line `buf[at:end]`, which means `event`, is a reply to `command`."""
    if engine.phase != _AWAIT_RESULT:
        return False
    if command.prefix is not None:
        return buf.startswith(command.prefix, at)
    shape = command.shape
    if shape == _SHAPE_OWN:
        return command.owner.hears(event, buf, at, end)
    if shape == _SHAPE_NONE or event:
        return False
    if shape == _SHAPE_ADDRESS:
        return is_address(buf, at, end)
    return shape == _SHAPE_TEXT or is_digits(buf, at, end)


def is_final(engine, command, event):
    """Whether `event` ends `command`; what it told is left in there."""
    if engine.phase == _BODY or engine.tx_at < engine.tx_end:
        return False  # a late OK must not cut short what is being typed
    if not _is_believed(engine, command):
        return False
    final = command.final
    if event == _EV_ERROR:
        command.cme = engine.dialect.value
        if engine.phase == _AWAIT_RESULT and command.body is not None:
            command.reported = 0  # after the body: not a matter of room
        return True
    if event >= _EV_LINK and engine.dialect.link != command.link:
        return False
    if event == _EV_SENT and final == _EV_SENT:
        command.reported = engine.dialect.value
    if event == _EV_SEND_FAILED and final == _EV_SENT:
        command.reported = 0
        return True
    if event == _EV_CLOSED and final == _EV_ONLINE:
        return True
    if event == _EV_OK and final == _EV_SHUT:
        if not engine.bringup.is_first_go():
            command.reported = 0
        engine.hasten(_SHUT_MS, engine.intake.heard_at)
    if event == _EV_UNKNOWN or event == _EV_STATUS:  # only the last of six ends AT+CIPSTATUS
        return False
    return event == final


def _is_believed(engine, command):
    """After a framing loss only those who mend it are, and a read whose header was good."""
    if not engine.lost or engine.bringup.active:
        return True
    return command.owner is engine.resync or command.reported >= 0
