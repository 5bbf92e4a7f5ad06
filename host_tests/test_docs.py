"""Each block of code in the pages of docs/ runs, as it stands there, on real MicroPython."""

import hashlib
import http.server
import re
import textwrap
from pathlib import Path

import client_servers
import pytest
import yaml
from clients import board_and_modem
from repl import PROMPT, Repl
from test_readme import placed
from test_repl import PUBLIC

from tools import servers
from tools.demo import rig
from tools.docs import links, reference

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
UPY = Path(__file__).parent / "upy"
EXAMPLES = sorted((ROOT / "firmware" / "examples").glob("*.py"))
SECONDS = 60
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

# Where the code of a page is run; the pages about a topic of the examples quote those.
RUN_BY = {
    "howto-at.md": [UPY / "scenes_at.py"],
    "howto-debugging.md": [UPY / "scenes_flight.py"],
    "howto-low-power.md": [UPY / "scenes_docs.py"],
    "howto-ota.md": [UPY / "scenes_docs.py"],
    "howto-wifi.md": [UPY / "scenes_docs.py"],
    "wiring.md": [UPY / "scenes_docs.py"],
}
BY_ITSELF = {"index.md", "howto-repl.md", "adding-a-modem.md"}  # below, and test_toy_dialect.py


def blocks(page, *languages):
    return [code for kind, code in BLOCK.findall(page.read_text()) if kind in languages]


def test_every_page_with_code_is_known_and_its_languages_too():
    languages = {kind for page in DOCS.glob("*.md") for kind, _ in BLOCK.findall(page.read_text())}
    assert languages <= {"python", "pycon", ""}
    for page in DOCS.glob("*.md"):
        if blocks(page, "python", "pycon"):
            known = page.name in RUN_BY or page.name in BY_ITSELF
            assert known or page.name.startswith("howto-"), page.name


@pytest.mark.parametrize("page", RUN_BY)
def test_code_of_a_page_stands_where_it_is_run(page):
    sources = [dense(path.read_text()) for path in RUN_BY[page]]
    found = blocks(DOCS / page, "python")
    assert found
    for block in found:
        shapes = [textwrap.indent(textwrap.dedent(block), " " * width) for width in (0, 4, 8)]
        assert any(f"\n{dense(shape)}" in source for shape in shapes for source in sources), block


def dense(code):
    """Without empty lines: there are more of them between functions that stand for themselves."""
    return re.sub(r"\n\s*\n+", "\n", code)


def play(scene, *args, options=()):
    with board_and_modem(*options) as (board, modem):
        return board.play("scenes_docs", scene, *args)


def said(scene, *args):
    """What a scene prints, without its result, which comes last."""
    with board_and_modem() as (board, modem):
        output, _ = board.scene("scenes_docs", scene, *args).program.communicate(timeout=SECONDS)
    lines = output.splitlines()
    return lines[:-1], lines[-1]


# -- the quick start ------------------------------------------------------------------------------


def test_the_first_program_runs_as_written(tmp_path):
    [code] = blocks(DOCS / "index.md", "python")
    program = tmp_path / "main.py"
    program.write_text(code)
    with client_servers.http_server() as web, rig.Board() as board:
        options = placed("example.com:80", web.port)
        with rig.ModemProcess(board, baud=115200, options=options):
            lines = board.start(program).communicate(timeout=SECONDS)[0].splitlines()
    assert lines[0] == "modem found at 115200 baud"
    assert any(line.startswith("<Modem ") and "IP STATUS" in line for line in lines)
    assert lines[-1].startswith("200 ")


# -- how-tos --------------------------------------------------------------------------------------


class Breaking(http.server.BaseHTTPRequestHandler):
    """A file of 20,000 bytes, of which each connection carries no more than 7,000."""

    content = client_servers.body(20_000)
    portion = 7_000
    ranges = True
    asked = 0

    def do_GET(self):
        type(self).asked += 1
        start = int(self.headers["Range"][6:-1]) if self.ranges else 0
        if start >= len(self.content):
            self.send_response(416)
            self.end_headers()
            return
        self.send_response(206 if self.ranges else 200)
        self.send_header("Content-Length", str(len(self.content) - start))
        self.end_headers()
        self.wfile.write(self.content[start : start + self.portion])

    def log_message(self, *_):
        pass


def update(handler, digest=None):
    """(what it raised, size of the new file, size of its part, bytes that the modem carried)"""
    digest = digest or hashlib.sha256(handler.content).hexdigest()
    with client_servers.serving(http.server.HTTPServer((servers.HOST, 0), handler)) as web:
        return play("ota", f"http://{servers.HOST}:{web.server_port}/app.py", "app.py", digest)


@pytest.fixture
def flash(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_an_update_goes_on_where_the_link_broke(flash):
    handler = type("Handler", (Breaking,), {})
    raised, size, part, carried = update(handler)
    assert (raised, size, part, handler.asked) == ("", 20_000, 0, 3)
    assert (flash / "app.py").read_bytes() == Breaking.content
    assert carried < 22_000


def test_an_update_from_a_server_without_ranges_begins_anew(flash):
    handler = type("Handler", (Breaking,), {"ranges": False, "portion": 30_000})
    (flash / "app.py.part").write_bytes(b"what an earlier try left")
    assert update(handler)[:3] == ["", 20_000, 0]


@pytest.mark.parametrize("settings", [{"portion": 1_000}, {"content": b"other" * 4_000}])
def test_an_update_that_is_not_what_was_asked_for_leaves_the_old_one(flash, settings):
    (flash / "app.py").write_bytes(b"the old one")
    digest = hashlib.sha256(Breaking.content).hexdigest()
    raised, size, part, _ = update(type("Handler", (Breaking,), settings), digest)
    assert raised == "not what was asked for: app.py"
    assert (size, part) == (len(b"the old one"), 0)


def test_reports_between_sleeps():
    with client_servers.http_server() as web:
        told = play("off_between_reports", f"http://{servers.HOST}:{web.port}")
    assert told == [900_000, [True, 0, False], 300_000, [False, 0, False]]


def test_sleep_of_modem_and_board(tcp_echo):
    lines, losses = said("asleep", servers.HOST, tcp_echo.port)
    assert lines == ["['+CSCLK: 1']", r"b'ready\n'"]
    assert losses == "0"


def test_wifi_and_modem(tcp_echo):
    with servers.TcpEcho() as far:
        addresses = (servers.HOST, tcp_echo.port, servers.HOST, far.port)
        lines, carried = said("side_by_side", *addresses)
    assert lines == [r"[b'here\n', b'there\n']"]
    assert carried == "[0, 4, 4, 8, 14, 19]"


def test_wiring():
    assert play("wired", options=("--flow",)) == [[0, 1], True, 0]


# -- the REPL -------------------------------------------------------------------------------------


def entered(transcript):
    """(mark, line, what the page shows for it) of each line that is typed."""
    parts = re.split(r"^(>>> |AT> )(.*)\n", transcript, flags=re.MULTILINE)[1:]
    return list(zip(parts[::3], parts[1::3], parts[2::3], strict=True))


def alike(shown):
    """Without what is of the moment: numbers, the width of gaps, a traceback but for its end."""
    shown = re.sub(r"Traceback .*\n(  .*\n)+", "", shown)
    shown = re.sub(r"\d+", "1", shown)
    return re.sub(r" +", " ", shown).strip()


def test_the_transcripts_are_what_the_repl_shows(tcp_echo):
    typed = [line for block in blocks(DOCS / "howto-repl.md", "pycon") for line in entered(block)]
    assert len(typed) > 8
    options = placed("echo.example.com:7", tcp_echo.port)
    with board_and_modem(*options) as (board, modem), Repl(board) as repl:
        for line in (
            "import board; modem = board.modem()",
            "modem.connect()",
            "sock = modem.socket(); sock.connect(('echo.example.com', 7))",
            "sock.write(b'hello' * 300); len(sock.read(1500))",
        ):
            assert "Traceback" not in repl.say(line)
        for mark, line, expected in typed:
            after = (
                b"AT> "
                if line == "modem.console()" or (mark == "AT> " and line != "exit")
                else PROMPT
            )
            assert alike(repl.say(line, after)) == alike(expected), line


# -- the site -------------------------------------------------------------------------------------


def test_the_reference_is_what_the_firmware_says_today():
    page = reference.PAGE.read_text()
    assert page == reference.page(), "stale: python -m tools.docs.reference"


def test_the_reference_has_every_public_name_and_its_words():
    page = reference.PAGE.read_text()
    _, _, modem = page.partition("\n## Modem\n")
    modem, _, _ = modem.partition("\n## Sockets\n")
    for name in PUBLIC:
        assert f"### {name}\n" in modem or f"- `{name}:" in modem, name
    assert (
        "### trace\n\n`modem.trace(file: str | Sink | None = None, rows: int = 22)`\n\nPrint"
        in page
    )


def test_every_page_is_in_the_navigation():
    nav = yaml.safe_load((ROOT / "mkdocs.yml").read_text())["nav"]
    named = [
        name for part in nav for pages in part.values() for page in pages for name in page.values()
    ]
    assert len(named) == len(set(named))
    assert set(named) - {"performance.md"} == {page.name for page in DOCS.glob("*.md")} - {
        "performance.md"
    }


def anchors(page):
    """Those of its headings, as GitHub and mkdocs make them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    bare = [re.sub(r"[^\w\s-]", "", heading.lower()).strip() for heading in headings]
    return {re.sub(r"[\s]+", "-", heading) for heading in bare}


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda path: path.stem)
def test_links_of_a_page_lead_somewhere(page):
    for match in links.LINK.finditer(page.read_text()):
        target = (DOCS / match[1]).resolve()
        assert target.exists(), match[0]
        if match[2]:
            assert match[2][1:] in anchors(target), match[0]


def test_a_link_out_of_the_pages_leads_to_a_page_about_the_file():
    text = "[x](../boards/README.md) [y](faq.md#a) [z](https://x.org) [v](../tools/vmodem/)"
    assert links.led(text, "") == (
        "[x](files/boards/README.md) [y](faq.md#a) [z](https://x.org) [v](files/tools/vmodem.md)"
    )
    assert links.led("[b](../docs/faq.md#a)", "files/boards") == "[b](../../faq.md#a)"
    assert links.led("[b](ESP32_GENERIC/README.md)", "files/boards") == (
        "[b](ESP32_GENERIC/README.md)"
    )
    assert [str(path) for path in links.outside(text, "")] == ["boards/README.md", "tools/vmodem"]


def test_a_page_about_a_file_or_a_folder():
    example = links.shown(Path("firmware/examples/settings.py"))
    assert "# settings.py\n" in example and 'APN = "cmnet"' in example
    folder = links.shown(Path("firmware/sixlink"))
    assert "| `console.py` | An AT terminal at the REPL: `modem.console` |" in folder
    assert links.shown(Path("boards/README.md")) == (ROOT / "boards" / "README.md").read_text()
