"""`make deploy` with the real mpremote, onto MicroPython's unix port on a pty."""

import contextlib
import os
import re
import subprocess
import sys
import threading
import tty
from pathlib import Path

import pytest
import serial

from tools.demo import rig
from tools.deploy import bundle, deploy, device, identity, onboard, repl, settings
from tools.deploy.boards import BOARDS, PTY
from tools.deploy.bundle import File
from tools.deploy.errors import DeployError
from tools.pty_board import PtyBoard

ROOT = Path(__file__).parent.parent
OLD_MAIN = "who = 'the old version'\n"


class Watcher:
    """What the person at the terminal is told. `on_copy(file, done, of)` may interfere."""

    def __init__(self, on_copy=None):
        self.lines = []
        self.done = self.of = 0
        self._on_copy = on_copy

    def say(self, line):
        self.lines.append(line)

    def copying(self, file, done, of):
        assert done > self.done
        self.done, self.of = done, of
        if self._on_copy:
            self._on_copy(file, done, of)


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "config.py"
    path.write_text('APN = "internet"\n')
    return path


@pytest.fixture
def image(tmp_path):
    return tmp_path / "flash"


@pytest.fixture
def board():
    with PtyBoard() as board:
        yield board


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(device, "_SILENCE_S", 0.3)


def mpremote(board, *words, timeout=60):
    program = subprocess.run(
        [sys.executable, "-m", "mpremote", "connect", board.port, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout,
    )
    assert program.returncode == 0, program.stdout
    return program.stdout.strip()


def ask(board, expression):
    return mpremote(board, "exec", f"import os, sys; print({expression})")


def put(board, name, text):
    mpremote(board, "exec", f"f = open({name!r}, 'w'); f.write({text!r}); f.close()")


def install_old(board):
    """An earlier version, with a main.py of its user."""
    mpremote(board, "exec", "import os; os.mkdir('/lib'); os.mkdir('/lib/sixlink')")
    put(board, "/lib/sixlink/__init__.py", "version = 'old'\n")
    put(board, "/board.py", "pins = 'old'\n")
    put(board, "/main.py", OLD_MAIN)


def is_wholly_old(board):
    assert ask(board, "sorted(os.listdir('/'))") == "['board.py', 'lib', 'main.py', 'shims']"
    assert ask(board, "os.listdir('/lib/sixlink')") == "['__init__.py']"
    mpremote(board, "exec", "import sixlink, board; assert sixlink.version == board.pins == 'old'")
    return ask(board, "open('/main.py').read() == " + repr(OLD_MAIN)) == "True"


def refusal(board, config, name="PTY", show=None):
    """The sentence with which deploy ends."""
    port = board if isinstance(board, str) else board.port
    with pytest.raises(DeployError) as caught:
        deploy.deploy(port, name, config, show or Watcher())
    assert "\n" not in str(caught.value) and str(caught.value).endswith(".")
    return str(caught.value)


# -- what works ----------------------------------------------------------------------------------


def test_install_import_run_reset_and_install_again(config):
    """By the commands that make runs; the virtual modem is on the board's UART."""
    command = [sys.executable, "-m", "tools.deploy", "--board", "PTY", "--config", config]
    with rig.Board() as pty, rig.ModemProcess(pty), PtyBoard(uart=pty.uart) as board:
        command += ["--port", board.port]
        first = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
        assert (first.returncode, first.stderr) == (0, "")
        assert first.stdout.splitlines()[-1].startswith("Done")
        assert connected(board)
        files = ask(board, "sorted(os.listdir('/lib/sixlink'))")
        assert files == str([f"{path.stem}.mpy" for path in sources()])
        with serial.Serial(board.port) as line:
            line.write(b"\x04")  # a soft reset, at the REPL
        assert connected(board)
        again = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
        assert (again.returncode, again.stderr) == (0, "")
        assert "main.py is on the board already" in again.stdout
        assert connected(board)
        assert ask(board, "sorted(os.listdir('/'))") == str(
            ["board.py", "config.py", "lib", "main.py", "shims", "start.py"]
        )


def sources():
    return sorted((ROOT / "firmware" / "sixlink").glob("*.py"))


def connected(board):
    """Wait until main.py has brought the modem up."""
    return answers(board, "modem.isconnected(), modem.config('apn')", "(True, 'internet')")


def answers(board, expression, value):
    """Ask, until main.py is through and the REPL gives this value of its names."""
    answer = f"\r\n{value}\r\n>>> ".encode()
    with serial.Serial(board.port, timeout=0.5) as line:
        for _ in range(60):
            line.write(f"\r{expression}\r".encode())
            if line.read_until(answer).endswith(answer):
                return True
    return False


def test_repl_shows_the_status_and_hands_over(config):
    with rig.Board() as pty, rig.ModemProcess(pty), PtyBoard(uart=pty.uart) as board:
        deploy.deploy(board.port, "PTY", config, Watcher())
        assert connected(board)
        keyboard, terminal = os.openpty()
        tty.setraw(terminal)
        program = subprocess.Popen(
            [sys.executable, "-m", "tools.deploy.repl", "--port", board.port],
            cwd=ROOT,
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            start_new_session=True,
        )
        said = read_until(keyboard, b"Use Ctrl-]")
        assert b"<Modem AirM2M" in said and b"Ctrl-] leaves" in said
        os.write(keyboard, b"6 * 7\r")
        read_until(keyboard, b"42")
        os.write(keyboard, b"\x1d")
        assert program.wait(10) == 0
        os.close(keyboard)
        os.close(terminal)


def test_repl_of_a_board_without_a_modem_or_with_a_program_that_runs(board, monkeypatch):
    assert repl.status(board.port) == ""
    monkeypatch.setattr(repl, "_ANSWER_S", 0.3)
    put(board, "/main.py", "while True: pass\n")
    with serial.Serial(board.port) as line:
        line.write(b"\x04")
        line.read_until(b"soft reboot\r\n")
    assert repl.status(board.port) is None


def read_until(file, text):
    said = b""
    while text not in said:
        said += os.read(file, 1024)
    return said


def test_only_what_is_new_is_left_after_an_update(board, config):
    install_old(board)
    show = Watcher()
    deploy.deploy(board.port, "PTY", config, show)
    assert show.done == show.of > 50_000
    assert "'__init__.py'" not in ask(board, "os.listdir('/lib/sixlink')")
    assert ask(board, "open('/main.py').read()") == OLD_MAIN.strip()


def test_where_the_files_are_in_flash_as_on_a_stm32(config):
    with PtyBoard(root="/flash") as board:
        deploy.deploy(board.port, "PTY", config, Watcher())
        assert ask(board, "sorted(os.listdir('/'))") == "['flash', 'shims']"
        there = ask(board, "sorted(os.listdir('/flash')), __import__('sixlink').__file__")
        files = ["board.py", "config.py", "lib", "main.py", "start.py"]
        assert there == f"{files} /flash/lib/sixlink/__init__.mpy"
        deploy.deploy(board.port, "PTY", config, Watcher())
        mpremote(board, "exec", "import os; os.rename('/flash/lib/sixlink', '/flash/sixlink')")
        assert "would hide this one: delete it (mpremote rm -r :sixlink)" in refusal(board, config)


def test_a_main_that_is_empty_is_nobodys(board, config):
    put(board, "/main.py", "# main.py -- put your code here!\n")
    deploy.deploy(board.port, "PTY", config, Watcher())
    assert "start.connect(modem)" in ask(board, "open('/main.py').read()")


def test_a_config_that_is_on_the_board_is_enough(board, config, tmp_path):
    deploy.deploy(board.port, "PTY", config, Watcher())
    deploy.deploy(board.port, "PTY", tmp_path / "none.py", Watcher())
    assert ask(board, "open('/config.py').read()") == 'APN = "internet"'


def test_mip_installs_the_sources(board):
    package = ROOT / "firmware" / "package.json"
    assert mpremote(board, "mip", "install", str(package)).endswith("Done")
    assert ask(board, "len(os.listdir('/lib/sixlink'))") == str(len(sources()))
    assert ask(board, "__import__('sixlink').Modem.__name__") == "Modem"


# -- the wrong thing at the port -----------------------------------------------------------------


def test_unknown_board_names_those_there_are(config):
    said = refusal("/dev/nowhere", config, "ESP8266")
    assert "no board 'ESP8266'" in said and all(name in said for name in BOARDS)
    assert refusal("/dev/nowhere", config, "").startswith("Name the board: BOARD= one of ESP32")


def test_missing_port_names_those_there_are(config, monkeypatch):
    assert refusal("/dev/nowhere", config).startswith("There is no serial port /dev/nowhere; ")
    assert refusal("", config).startswith("Name the board's serial port, PORT=; there is ")
    found = type("Port", (), {"device": "/dev/ttyACM7"})
    monkeypatch.setattr(device.list_ports, "comports", lambda: [found])
    assert refusal("/dev/nowhere", config).endswith("; there is /dev/ttyACM7.")


def test_what_is_no_serial_port(config, tmp_path):
    (tmp_path / "file").touch()
    assert "is no serial port" in refusal(str(tmp_path / "file"), config)
    assert "is no serial port" in refusal("/dev/null", config)


def test_a_port_of_somebody_else(config, tmp_path, monkeypatch):
    monkeypatch.setattr(device.os, "access", lambda path, mode: False)
    (tmp_path / "port").touch()
    assert "dialout" in refusal(str(tmp_path / "port"), config)


def test_a_busy_port(board, config):
    with serial.Serial(board.port, exclusive=True):
        assert "is in use: close the other program" in refusal(board, config)


@contextlib.contextmanager
def something_else(answer):
    """A device that is no board: `answer(bytes)` is what it says to what it hears."""
    master, slave = os.openpty()
    tty.setraw(slave)

    def run():
        with contextlib.suppress(OSError):
            while heard := os.read(master, 1024):
                if heard == b"quit":
                    return
                os.write(master, answer(heard))

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield os.ttyname(slave)
    finally:
        os.write(slave, b"quit")
        thread.join()
        os.close(master)
        os.close(slave)


@pytest.mark.parametrize(
    "answer",
    [
        lambda heard: b"",
        lambda heard: heard,
        lambda heard: b"\r\nERROR\r\n",
        lambda heard: bytes(range(256)),
    ],
    ids=["silent", "echo", "a modem", "noise"],
)
def test_a_device_that_is_not_micropython(answer, config, impatient):
    with something_else(answer) as port:
        said = refusal(port, config)
    assert "does not answer as MicroPython does" in said and "not the modem's" in said


# -- a board that cannot take it -----------------------------------------------------------------


def test_another_board_than_was_asked_for(board, config):
    install_old(board)
    said = refusal(board, config, "ESP32_GENERIC")
    assert "no ESP32_GENERIC: it may be the wrong PORT" in said
    assert answers(board, "who", "'the old version'")
    assert is_wholly_old(board)


# A `sys` that says something else: the import system looks for modules that are loaded first.
PRETEND = """\
import sys
real = sys.implementation
class Implementation:
    name, version, _machine, _mpy = real.name, real.version, real._machine, real._mpy
class Sys:
    implementation, platform = Implementation, sys.platform
Implementation.{} = {}
sys.modules["sys"] = Sys
"""


@pytest.mark.parametrize(
    "field, value, words",
    [
        ("version", "(1, 18, 0)", "MicroPython 1.18.0, whose .mpy files are of version 6: flash"),
        ("_mpy", "0x2805", "reads .mpy files of version 5, and ours are 6: update mpy-cross"),
        ("name", "'circuitpython'", "It runs circuitpython"),
    ],
)
def test_firmware_that_cannot_read_our_files(board, config, field, value, words):
    install_old(board)
    put(board, "/boot.py", PRETEND.format(field, value))
    assert words in refusal(board, config)
    mpremote(board, "exec", "import os; os.remove('/boot.py')")
    assert is_wholly_old(board)


def chip(platform, machine):
    return identity.Identity("micropython", (1, 27, 0), machine, platform, 6, "", 4096, 1 << 20)


MACHINES = {
    "ESP32_GENERIC": ("esp32", "Generic ESP32 module with ESP32"),
    "ESP32_GENERIC_S3": ("esp32", "Generic ESP32S3 module with ESP32S3"),
    "ESP32_GENERIC_C3": ("esp32", "ESP32C3 module with ESP32C3"),
    "PYBV11": ("pyboard", "PYBv1.1 with STM32F405RG"),
    "NUCLEO_F411RE": ("pyboard", "NUCLEO-F411RE with STM32F411xE"),
    "NUCLEO_F767ZI": ("pyboard", "NUCLEO-F767ZI with STM32F767"),
    "RPI_PICO": ("rp2", "Raspberry Pi Pico with RP2040"),
}


@pytest.mark.parametrize("name", MACHINES)
def test_boards_are_told_apart(name):
    it = chip(*MACHINES[name])
    fits = {board.name for board in BOARDS.values() if board.is_that(it.platform, it.machine)}
    assert fits - {"LILYGO_TCALL_SIM800"} == {name}
    for other in set(BOARDS) - fits:
        with pytest.raises(DeployError, match=f"no {other}: BOARD={name}"):
            identity.check(it, BOARDS[other], 6)


def test_sixlink_elsewhere_that_would_hide_the_new_one(board, config):
    mpremote(board, "exec", "import os; os.mkdir('/sixlink')")
    put(board, "/sixlink/__init__.py", "")
    assert (
        "another Sixlink that would hide this one: delete it (mpremote rm -r :sixlink)"
        in refusal(board, config)
    )
    assert ask(board, "os.listdir('/')") == "['shims', 'sixlink']"


def test_frozen_sixlink_that_would_hide_the_new_one():
    it = identity.Identity(
        "micropython", (1, 27, 0), PTY.machine, PTY.platform, 6, "sixlink/__init__.py", 4096, 1
    )
    with pytest.raises(DeployError, match="it is frozen, so flash a MicroPython without it"):
        identity.check(it, PTY, 6)


# -- no room -------------------------------------------------------------------------------------


def test_a_file_system_that_is_too_small(config):
    with PtyBoard(flash_kb=256) as board:
        install_old(board)
        said = refusal(board, config)
        assert re.search(
            r"has \d+ kB free, and .* \d+ kB are needed: delete files, or freeze", said
        )
        assert is_wholly_old(board)


LIES = """\
import os
class Os:
    statvfs = lambda path: (4096, 4096, 9999, 9999, 9999, 0, 0, 0, 0, 255)
for name in dir(os):
    if not hasattr(Os, name):
        setattr(Os, name, getattr(os, name))
import sys
sys.modules["os"] = Os
"""


def test_a_file_system_that_fills_up_on_the_way(config):
    with PtyBoard(flash_kb=256) as board:
        install_old(board)
        put(board, "/boot.py", LIES)
        said = refusal(board, config)
        assert answers(board, "who", "'the old version'")
        assert said.startswith("The board's file system is full (could not copy /lib/sixlink/")
        mpremote(board, "exec", "import os; os.remove('/boot.py')")
        assert is_wholly_old(board)


# -- the cable -----------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.0, 0.37, 1.0], ids=["at once", "mid-copy", "last byte"])
def test_cable_pulled_while_copying(image, config, share, impatient):
    with PtyBoard(image) as board:
        install_old(board)

        def pull(file, done, of):
            if done >= share * of:
                board.pull_the_cable()

        said = refusal(board, config, show=Watcher(pull))
        assert "has gone (could not copy" in said and "what was on the board still is" in said
    with PtyBoard(image) as board:
        assert ask(board, "__import__('sixlink').version") == "old"
        deploy.deploy(board.port, "PTY", config, Watcher())
        assert ask(board, "__import__('sixlink').Modem.__name__") == "Modem"
        assert onboard.NEW[1:] not in ask(board, "os.listdir('/')")


def test_a_byte_changed_on_the_way(board, config, monkeypatch):
    """It would hang the board that loads it."""
    install_old(board)
    plain = device.Device.write

    def noisy(self, file, path, progress):
        if file.target.endswith("/engine.mpy"):
            damaged = file.data[:700] + b"?" + file.data[701:]
            file = File(file.target, damaged)
        plain(self, file, path, progress)

    monkeypatch.setattr(device.Device, "write", noisy)
    assert "is not what was sent" in refusal(board, config)
    assert is_wholly_old(board)


def test_ctrl_c_while_copying(board, config):
    install_old(board)

    def press(file, done, of):
        if done > of // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deploy.deploy(board.port, "PTY", config, Watcher(press))
    assert answers(board, "who", "'the old version'")
    deploy.deploy(board.port, "PTY", config, Watcher())
    assert ask(board, "__import__('sixlink').Modem.__name__") == "Modem"


@pytest.mark.parametrize("call", ["swap()", "clear()"])
def test_cable_pulled_while_changing_over(image, config, call, impatient, monkeypatch):
    """The board itself goes on: what it was told to do is done in one go."""
    with PtyBoard(image) as board:
        install_old(board)
        plain = device.Device.call

        def pulled(self, text):
            if text == call:
                board.pull_the_cable()
            return plain(self, text)

        monkeypatch.setattr(device.Device, "call", pulled)
        assert "has gone" in refusal(board, config)
        monkeypatch.undo()
    with PtyBoard(image) as board:
        mpremote(board, "exec", "import sixlink, board")
        deploy.deploy(board.port, "PTY", config, Watcher())
        assert ask(board, "__import__('sixlink').Modem.__name__") == "Modem"


# -- a version that does not start ---------------------------------------------------------------


@pytest.mark.parametrize(
    "fault, words",
    [
        ("raise ValueError('broken')", "stops with ValueError: broken: this is a fault of ours"),
        ("bytearray(1 << 40)", "has too little RAM: freeze it"),
    ],
)
def test_a_version_that_does_not_start_is_taken_back(board, config, monkeypatch, fault, words):
    install_old(board)
    files = bundle.firmware()
    broken = [File("/lib/sixlink/modem.py", fault.encode())]
    kept = [file for file in files if not file.target.endswith("/modem.mpy")]
    monkeypatch.setattr(bundle, "firmware", lambda: kept + broken)
    said = refusal(board, config)
    assert words in said and said.endswith("; the old one is back.")
    assert is_wholly_old(board)


# -- config.py -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, words",
    [
        ("", "names no APN: write"),
        ("apn = 'internet'\n", "names no APN: write"),
        ("APN = ''\n", "the APN is empty: write"),
        ("APN = ' '\n", "the APN is empty: write"),
        ("APN = 7\n", "APN = 7 is no text: write"),
        ("APN = 'a\"b'\n", "has a character that no AT command carries"),
        ("APN = 'a\\rb'\n", "has a character that no AT command carries"),
        ("APN = \n", ", line 1 is not Python: mend it"),
        ((ROOT / "boards" / "config.py").read_text(), "the APN is empty: write"),
    ],
)
def test_config_without_an_apn(config, text, words):
    """Before the port is touched."""
    config.write_text(text)
    said = refusal("/dev/nowhere", config)
    assert words in said and str(config) in said


@pytest.mark.parametrize("text", ["APN = None\n", "APN = 'a'\n", "import os\nAPN = os.name\n"])
def test_config_with_one(config, text):
    config.write_text(text)
    settings.check(config)


def test_config_that_is_nowhere(board, tmp_path):
    said = refusal(board, tmp_path / "none.py")
    assert f"There is no {tmp_path / 'none.py'}: copy boards/config.py there" in said
    assert ask(board, "os.listdir('/')") == "['shims']"


# -- the command ---------------------------------------------------------------------------------


def test_a_refusal_is_one_line_and_no_traceback(config):
    for module in ("tools.deploy", "tools.deploy.repl"):
        words = ["--board", "PTY", "--config", config] if module == "tools.deploy" else []
        program = subprocess.run(
            [sys.executable, "-m", module, "--port", "/dev/nowhere", *words],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert program.returncode == 1
        assert program.stderr.count("\n") == 1 and "no serial port /dev/nowhere" in program.stderr
