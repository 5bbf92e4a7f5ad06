from typing import Any

from .socket import Address

class Link:
    n: int
    up: bool
    owned: bool
    peer: Address | None
    opened_at: int
    error: int
    rx: Any
    tx: Any
    def state_name(self) -> str: ...
    def kind(self) -> str: ...
    def close(self) -> None: ...
