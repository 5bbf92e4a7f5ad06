from .socket import Address

class Inbox:
    received: int

class Outbox:
    sent: int

class Link:
    n: int
    up: bool
    owned: bool
    peer: Address | None
    opened_at: int
    error: int
    rx: Inbox
    tx: Outbox
    def state_name(self) -> str: ...
    def kind(self) -> str: ...
    def close(self) -> None: ...
