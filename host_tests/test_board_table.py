"""The README's table of boards, and the figures it is made of."""

from pathlib import Path

import pytest
from real import virtual_modem

from tools import board_table

README = Path(__file__).parent.parent / "README.md"
NAMES = [board.name for board in board_table.BOARDS]

# Bytes on the unix port, from source, when the figures of tools/board_table.py were measured. If
# the firmware has grown away from them, measure both again.
IMPORT_BYTES = 139_800
SIX_LINKS_BYTES = 45_100


def test_the_readme_has_what_the_tool_prints():
    _, _, rest = README.read_text().partition("\n## Boards\n\n")
    section, _, _ = rest.partition("\n## ")
    assert section == board_table.section()


def test_the_firmware_takes_what_the_table_says(tcp_echo):
    with virtual_modem() as (board, _):
        imported, opened = board.play("scenes_memory", "heap", tcp_echo.port)
    assert imported == pytest.approx(IMPORT_BYTES, rel=0.1)
    assert opened == pytest.approx(SIX_LINKS_BYTES, rel=0.1)


def test_every_board_with_a_folder_has_a_row():
    folders = {path.name for path in (README.parent / "boards").iterdir() if path.is_dir()}
    an_esp32 = {"LILYGO_TCALL_SIM800"}
    assert folders - an_esp32 <= set(NAMES)


@pytest.mark.parametrize("board", board_table.BOARDS, ids=NAMES)
def test_a_row_adds_up(board):
    for firmware in (board_table.IMPORT_BYTES, board_table.FROZEN_BYTES):
        used = firmware + board_table.SIX_LINKS_BYTES
        room = board.free - used - board_table.HANDSHAKE_BYTES
        links = board_table.tls_links(board, firmware)
        assert links == 0 or links * board_table.TLS_LINK_BYTES <= room
        assert links == 6 or (links + 1) * board_table.TLS_LINK_BYTES > room
    assert "](https://github.com/" in board.source
