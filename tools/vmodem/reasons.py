"""Why a command is refused, and the number and text each family gives for it."""

from collections.abc import Mapping
from enum import Enum, auto


class Reason(Enum):
    PLAIN = auto()  # ERROR, whatever AT+CMEE says
    NOT_ALLOWED = auto()
    NOT_SUPPORTED = auto()
    SIM_NOT_INSERTED = auto()
    SIM_PIN_REQUIRED = auto()
    SIM_PUK_REQUIRED = auto()
    SIM_LOST = auto()
    SIM_BUSY = auto()
    INCORRECT_PASSWORD = auto()
    BAD_PARAMETER = auto()
    TOO_FEW_PARAMETERS = auto()
    TOO_MANY_PARAMETERS = auto()
    OUT_OF_RANGE = auto()
    WRONG_TYPE = auto()
    EMPTY_PARAMETER = auto()
    RADIO_OFF = auto()
    NO_GPRS = auto()
    NOT_ATTACHED = auto()
    NO_CONTEXT = auto()
    DNS_FAILED = auto()
    SOCKET_FAILED = auto()
    STACK_BUSY = auto()
    BUFFER_FULL = auto()
    SEND_OVERTIME = auto()
    OTHER_ERROR = auto()


_R = Reason
Errors = Mapping[Reason, tuple[int, str]]

# 3GPP TS 27.007, section 9.2.
_COMMON: dict[Reason, tuple[int, str]] = {
    _R.NOT_ALLOWED: (3, "operation not allowed"),
    _R.NOT_SUPPORTED: (4, "operation not supported"),
    _R.SIM_NOT_INSERTED: (10, "SIM not inserted"),
    _R.SIM_PIN_REQUIRED: (11, "SIM PIN required"),
    _R.SIM_PUK_REQUIRED: (12, "SIM PUK required"),
    _R.SIM_BUSY: (14, "SIM busy"),
    _R.INCORRECT_PASSWORD: (16, "incorrect password"),
}

_BAD = (53, "invalid parameters")
_NO = _COMMON[_R.NOT_ALLOWED]

# Luat AT manual, CME_ERROR; the modems say 3 and 65535 where a finer code would exist.
LUAT: Errors = {
    **_COMMON,
    _R.SIM_LOST: _COMMON[_R.SIM_NOT_INSERTED],
    _R.BAD_PARAMETER: _BAD,
    _R.TOO_FEW_PARAMETERS: _BAD,
    _R.TOO_MANY_PARAMETERS: _BAD,
    _R.OUT_OF_RANGE: _BAD,
    _R.WRONG_TYPE: _BAD,
    _R.EMPTY_PARAMETER: _BAD,
    _R.RADIO_OFF: _NO,
    _R.NO_GPRS: _NO,
    _R.NOT_ATTACHED: _NO,
    _R.NO_CONTEXT: (65535, "other error"),
    _R.DNS_FAILED: (65535, "other error"),
    _R.SOCKET_FAILED: (65535, "other error"),
    _R.STACK_BUSY: _NO,
    _R.BUFFER_FULL: (914, "buffer over size"),
    _R.SEND_OVERTIME: (915, "sending overtime"),
    _R.OTHER_ERROR: (65535, "other error"),
}

# SIM800 AT manual V1.10, section 19.1 (summary of CME ERROR codes).
SIM800: Errors = {
    **_COMMON,
    _R.SIM_LOST: (13, "SIM failure"),
    _R.BAD_PARAMETER: (765, "Invalid input value"),
    _R.TOO_FEW_PARAMETERS: (791, "Param count not enough"),
    _R.TOO_MANY_PARAMETERS: (792, "Param count beyond"),
    _R.OUT_OF_RANGE: (793, "Param value range beyond"),
    _R.WRONG_TYPE: (794, "Param type not match"),
    _R.EMPTY_PARAMETER: (796, "Get a null param"),
    _R.RADIO_OFF: (797, "CFUN state is 0 or 4"),
    _R.NO_GPRS: (107, "GPRS services not allowed"),
    _R.NOT_ATTACHED: (180, "gprs is not attached"),
    _R.NO_CONTEXT: (177, "The connection to network is failed"),
    _R.DNS_FAILED: (160, "DNS resolve failed"),
    _R.SOCKET_FAILED: (161, "Socket open failed"),
    _R.STACK_BUSY: (181, "tcpip stack is busy"),
    _R.BUFFER_FULL: _NO,
    _R.SEND_OVERTIME: _NO,
    _R.OTHER_ERROR: (100, "unknown"),
}


def cme(reason: Reason, cmee: int, errors: Errors) -> str:
    """The final result of a refusal under AT+CMEE=`cmee`."""
    if cmee == 0 or reason is Reason.PLAIN:
        return "ERROR"
    code, text = errors[reason]
    return f"+CME ERROR: {code if cmee == 1 else text}"
