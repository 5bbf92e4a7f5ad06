class ModemError(OSError):
    errno: int
    step: str
    cme: int
    hint: str
    family: str
    def __init__(
        self, code: int, step: str, cme: int = -1, hint: str = "", family: str = ""
    ) -> None: ...
