"""The README's section on boards: how much heap six sockets leave, and how many TLS links fit.

    python -m tools.board_table

prints it. None of these boards has run the firmware yet: what is free is what others have
reported, and what the firmware takes was measured on a 32-bit build of MicroPython.
"""

from __future__ import annotations

from dataclasses import dataclass

GITHUB = "https://github.com/micropython/micropython"
PORTS = f"{GITHUB}/blob/master/ports"

# Bytes of heap on a 32-bit MicroPython (1.27, WebAssembly), by gc.mem_alloc(). The unix port, with
# its pointers of twice the size, takes half as much again: host_tests/test_board_table.py watches
# what it takes.
SOURCE_BYTES = 117_300  # `import sixlink` with all that a connection needs, compiled on the board
IMPORT_BYTES = 95_200  # … from .mpy files
FROZEN_BYTES = 31_000  # that, less the .mpy files: an estimate; their code then stays in flash
SIX_LINKS_BYTES = 30_500  # a modem with six TCP links open

TLS_LINK_BYTES = 20 * 1024  # mbedTLS: 16 KiB in + 4 KiB out (ports/esp32/boards/sdkconfig.base)
HANDSHAKE_BYTES = 15 * 1024  # once, while a handshake lasts (issue 8940 of MicroPython)
LINKS = 6


@dataclass
class Board:
    """`free`: bytes that `gc.mem_free()` tells after a start; `source`: who says so. `tls_heap`:
    where mbedTLS takes its buffers from, or None where the board's MicroPython has no `ssl`."""

    name: str
    free: int
    source: str
    tls_heap: str | None
    is_estimate: bool = False


IDF = "ESP-IDF's heap"  # CONFIG_MBEDTLS_DEFAULT_MEM_ALLOC in ports/esp32/boards/sdkconfig.base
GC = "MicroPython's heap"  # pull request 8622 of MicroPython

BOARDS = (
    Board("ESP32_GENERIC", 134_544, f"[1.27, a program loaded]({GITHUB}/issues/18859)", IDF),
    Board(
        "ESP32_GENERIC_S3",
        267_120,
        "[1.23](https://github.com/PIBSAS/MicroPython_ESP32-S3-WROOM-1-N16R8_with_SmartConfig"
        "/issues/1), PSRAM not found",
        IDF,
        is_estimate=True,
    ),
    Board("ESP32_GENERIC_S3 with PSRAM", 8_319_360, f"[1.21, ProS3]({GITHUB}/issues/12237)", IDF),
    Board("ESP32_GENERIC_C3", 191_872, f"[1.22, LOLIN C3]({GITHUB}/issues/14293)", IDF),
    Board("PYBV11", 93_632, f"[1.6, PYBV10]({GITHUB}/issues/1877)", None, is_estimate=True),
    Board(
        "NUCLEO_F411RE",
        93_000,
        f"as PYBV11: [112 KiB for data and heap]({PORTS}/stm32/boards/stm32f411.ld)",
        None,
        is_estimate=True,
    ),
    Board(
        "NUCLEO_F767ZI",
        300_000,
        f"[344 KiB for data and heap]({PORTS}/stm32/boards/stm32f767.ld)",
        GC,
        is_estimate=True,
    ),
    Board("RPI_PICO", 209_936, f"[1.21]({GITHUB}/issues/12557)", None),
)

TEXT = """\
Six sockets at once on every board: a modem with six open TCP links takes {links} of heap. The
firmware itself takes {source} as source (`mip install`), {imported} as `.mpy` files (`make mpy`)
and about {frozen} frozen into the board's MicroPython; where it makes a difference, the table has
the latter two. A TLS link takes {tls} more for mbedTLS, and {handshake} while it shakes hands. On
an ESP32 that comes out of ESP-IDF's heap, into which MicroPython's grows: both share what is free.

"""

HEAD = """\
| board | free heap | six sockets leave | TLS links that fit | mbedTLS takes from | source |
|---|---|---|---|---|---|"""


def left(board: Board, firmware: int) -> int:
    """Bytes of heap beside `firmware` bytes of code and six open links."""
    return board.free - firmware - SIX_LINKS_BYTES


def tls_links(board: Board, firmware: int) -> int:
    """How many of the six links may be TLS at once."""
    room = left(board, firmware) - HANDSHAKE_BYTES
    return max(0, min(LINKS, room // TLS_LINK_BYTES))


def both(figures: list[str]) -> str:
    """From .mpy files / frozen; once if it makes no difference."""
    return " / ".join(dict.fromkeys(figures))


def row(board: Board) -> str:
    firmwares = (IMPORT_BYTES, FROZEN_BYTES)
    about = "estimate: " if board.is_estimate else ""
    cells = [
        board.name,
        f"{about}{kilobytes(board.free)}",
        both([kilobytes(left(board, firmware)) for firmware in firmwares]),
        both([str(tls_links(board, firmware)) for firmware in firmwares])
        if board.tls_heap
        else "no `ssl`",
        board.tls_heap or "",
        board.source,
    ]
    return f"| {' | '.join(cells)} |"


def kilobytes(count: int) -> str:
    return f"{count // 1000:,} kB"


def text() -> str:
    return TEXT.format(
        links=kilobytes(SIX_LINKS_BYTES),
        source=kilobytes(SOURCE_BYTES),
        imported=kilobytes(IMPORT_BYTES),
        frozen=kilobytes(FROZEN_BYTES),
        tls=kilobytes(TLS_LINK_BYTES),
        handshake=kilobytes(HANDSHAKE_BYTES),
    )


def section() -> str:
    return text() + "\n".join([HEAD, *map(row, BOARDS)]) + "\n"


if __name__ == "__main__":
    print(section(), end="")
