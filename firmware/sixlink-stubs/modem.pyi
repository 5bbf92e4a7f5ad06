from collections.abc import Callable
from typing import Any, Final, Protocol, overload

from .aio import Aio
from .dialect import Dialect
from .driver import Driver
from .link import Link
from .socket import Address, Socket
from .transparent import Transparent

class Uart(Protocol):
    def any(self) -> int: ...
    def readinto(self, buf: Any, n: int, /) -> int | None: ...
    @property
    def write(self) -> Callable[..., Any]: ...  # (buf, offset, n): not known to all ports' stubs

class Sink(Protocol):
    def write(self, buf: bytes, /) -> object: ...

Event = tuple[str] | tuple[str, str] | tuple[str, int] | tuple[str, int, int]

class Interface:
    STAT_IDLE: Final = 0
    STAT_CONNECTING: Final = 1
    STAT_GOT_IP: Final = 3
    STAT_FAILED: Final = -1
    AF_INET: Final = 2
    SOCK_STREAM: Final = 1
    SOCK_DGRAM: Final = 2
    IPPROTO_TCP: Final = 6
    IPPROTO_UDP: Final = 17
    driver: Driver
    links: list[Link]
    keep_going: Callable[[], object] | None

    def __init__(
        self,
        uart: Uart,
        apn: str = "",
        *,
        user: str = "",
        password: str = "",
        pin: str = "",
        baud: int = 0,
        flow: bool = False,
        power: Callable[[int], object] | None = None,
        reset: Callable[[int], object] | None = None,
        dcd: Callable[[], int] | None = None,
        timer: Any = None,
        log: Callable[[str], object] | None = None,
        trace: int = 2048,
        rxbuf: int = 256,
        txbuf: int = 0,
        dialect: str | Dialect | None = None,
        set_baud: Callable[[int], object] | None = None,
        ticks_ms: Callable[[], int] | None = None,
        wait: Callable[[int], object] | None = None,
    ) -> None: ...
    def active(self, on: bool | None = None) -> bool: ...
    def connect(self, timeout: float = 180) -> None: ...
    def disconnect(self) -> None: ...
    def isconnected(self) -> bool: ...
    @overload
    def status(self, what: None = None) -> int: ...
    @overload
    def status(self, what: str) -> int | str | None: ...
    def ifconfig(self, config: None = None) -> tuple[str, str, str, str]: ...
    def ipconfig(self, what: str | None = None, **settings: Any) -> tuple[str, ...] | None: ...
    def config(self, what: str | None = None, **settings: Any) -> Any: ...
    def time(self) -> tuple[int, int, int, int, int, int, int, int]: ...
    def at(self, text: str | bytes, timeout: float = 9) -> list[str]: ...
    def socket(self, af: int = 2, type: int = 1, proto: int = 0) -> Socket: ...
    @staticmethod
    def getaddrinfo(
        host: str, port: int, af: int = 0, type: int = 0, proto: int = 0, flags: int = 0
    ) -> list[tuple[int, int, int, str, Address]]: ...
    def transparent(
        self, host: str, port: int, type: int = 1, timeout: float = 180
    ) -> Transparent: ...
    @property
    def aio(self) -> Aio: ...
    @property
    def last_error(self) -> Exception | None: ...
    @property
    def flow(self) -> bool | None: ...
    def on_event(self, callback: Callable[[Event], object]) -> None: ...
    def stats(self) -> dict[str, Any]: ...
    def trace(self, file: str | Sink | None = None, rows: int = 22) -> None: ...
    def console(self, timeout: float = 9, echo: bool | None = None) -> None: ...

class Modem(Interface):
    @staticmethod
    def help() -> None: ...
