"""The README's first program, as it stands there, on real MicroPython."""

import http.server
import re
import threading
from contextlib import contextmanager
from pathlib import Path

from real import Board

from tools.demo import rig

README = Path(__file__).parent.parent / "README.md"
SECONDS = 60


class Page(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        self.do_HEAD()
        self.wfile.write(b"hello")

    def do_HEAD(self):
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()

    def log_message(self, *_):
        pass


@contextmanager
def web_server():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def first_program():
    return re.search(r"```python\n(.*?)```", README.read_text(), re.DOTALL).group(1)


def test_first_program_runs_as_written(tmp_path):
    program = tmp_path / "main.py"
    program.write_text(first_program())
    with web_server() as port, Board() as board:
        places = ("--place", f"example.com:80=127.0.0.1:{port}")
        with rig.ModemProcess(board, baud=115200, options=places):
            said = board.start(program).communicate(timeout=SECONDS)[0].splitlines()
    assert said[0] == "modem found at 115200 baud"
    assert "200" in said
    assert "b'HTTP/1.0 200 OK\\r\\n'" in said
    assert said[-9].startswith("<Modem AirM2M") and "IP PROCESSING" in said[-9]
    assert sum(line.endswith("free") for line in said[-8:]) >= 4
