from .socket import Address

class Link:
    n: int
    up: bool
    owned: bool
    peer: Address | None
    opened_at: int
    error: int
    @property
    def state_name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def sent(self) -> int: ...
    @property
    def received(self) -> int: ...
    def close(self) -> None: ...
