"""What tells the supported boards apart: their port of MicroPython, their chip, their code.

`platform` is what `sys.platform` says on the board and `machine` a part of
`sys.implementation._machine`; `arch` is the instruction set that its MicroPython names in
`sys.implementation._mpy` (MicroPython, "MicroPython .mpy files").
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Board:
    name: str
    port: str
    platform: str
    machine: str
    arch: str
    folder: Path

    def is_that(self, platform: str, machine: str) -> bool:
        """Whether a device that says this of itself may be this board."""
        return platform == self.platform and self.machine in f"{machine} "


def _board(name: str, port: str, platform: str, machine: str, arch: str) -> Board:
    return Board(name, port, platform, machine, arch, ROOT / "boards" / name)


# A T-Call runs the firmware of ESP32_GENERIC. The blank ends the name of the chip: what follows
# "ESP32" may be S3 or C3.
BOARDS = {
    board.name: board
    for board in (
        _board("ESP32_GENERIC", "esp32", "esp32", "with ESP32 ", "xtensawin"),
        _board("ESP32_GENERIC_S3", "esp32", "esp32", "with ESP32S3", "xtensawin"),
        _board("ESP32_GENERIC_C3", "esp32", "esp32", "with ESP32C3", "rv32imc"),
        _board("LILYGO_TCALL_SIM800", "esp32", "esp32", "with ESP32 ", "xtensawin"),
        _board("PYBV11", "stm32", "pyboard", "PYBv1.1 with STM32F405RG", "armv7emsp"),
        _board("NUCLEO_F411RE", "stm32", "pyboard", "with STM32F411", "armv7emsp"),
        _board("NUCLEO_F767ZI", "stm32", "pyboard", "with STM32F767", "armv7emdp"),
        _board("RPI_PICO", "rp2", "rp2", "with RP2040", "armv6m"),
    )
}

# Not hardware: MicroPython's unix port on a pty, `python -m tools.pty_board`.
PTY = Board("PTY", "unix", "linux", "linux", "x64", ROOT / "tools" / "pty_board" / "device")


def find(name: str) -> Board | None:
    return PTY if name == PTY.name else BOARDS.get(name)
