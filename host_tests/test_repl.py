"""What a person at the REPL sees and does, on MicroPython's own REPL over a pty."""

import random
import re

import pytest
from repl import MODEM, PROMPT, Repl, repl_and_modem

from tools import servers
from tools.demo import rig

COLUMNS, ROWS = 80, 24
AT = b"AT> "
OPEN = "sock = modem.socket(); sock.settimeout(10); sock.connect((%r, %d))"

# What a name of `modem` is for stands in the stubs and in the reference.
PUBLIC = set(
    "AF_INET IPPROTO_TCP IPPROTO_UDP SOCK_DGRAM SOCK_STREAM STAT_CONNECTING STAT_FAILED "
    "STAT_GOT_IP STAT_IDLE active aio at config connect console disconnect driver flow "
    "getaddrinfo help ifconfig ipconfig isconnected keep_going last_error links on_event socket "
    "stats status time trace transparent".split()
)


def is_one_screen(text):
    rows = text.rstrip("\n").split("\n")
    return len(rows) <= ROWS and all(len(row) <= COLUMNS for row in rows)


def test_the_modem_prints_as_one_screen(tcp_echo):
    with repl_and_modem() as (repl, _):
        repl.say(OPEN % (servers.HOST, tcp_echo.port))
        repl.say("sock.write(b'x' * 3000); len(sock.read(3000))")
        shown = repl.say("modem")
    assert is_one_screen(shown), shown
    rows = shown.splitlines()
    assert rows[0] == "<Modem AirM2M_780EP_V1007_LTE_AT (luat), IP PROCESSING, good"
    assert rows[1] == "  signal   ||||||||||||.... 23 of 31, -67 dBm, registered at home"
    assert re.match(r"  bearer   10\.78\.245\.128, 460800 baud, pull, 3000 bytes up", rows[2])
    peer = f"TCP {servers.HOST}:{tcp_echo.port}"
    assert re.fullmatch(rf"  0 CONNECTED +{peer} +3000 +3000 +\d s", rows[4])
    assert rows[5:10] == [f"  {n} free" for n in range(1, 6)]
    assert rows[10].startswith("  counters 0 timeouts, 0 resyncs, 0 losses")


def test_help_helps():
    with rig.Board() as board, Repl(board) as repl:
        for line in MODEM:
            repl.say(line)
        shown, alone, of_class = (
            repl.say(line) for line in ("help(modem)", "modem.help()", "help(sixlink.Modem)")
        )
    assert is_one_screen(alone), alone
    assert alone in shown and alone in of_class
    assert "0x" not in shown  # no list of function objects
    named = set(re.findall(r"^  ([a-z_]+)", alone, re.M)) | set(re.findall(r"  (\w+)\(", alone))
    assert PUBLIC - named == {name for name in PUBLIC if name.isupper()} | {
        "active",
        "flow",
        "help",
    }


def test_the_tabulator_shows_only_public_names():
    with rig.Board() as board, Repl(board) as repl:
        for line in MODEM:
            repl.say(line)
        repl.type(b"modem.\t")
        shown = repl.until(b">>> modem.")
        repl.type(b"\x03")
        repl.until(b">>> ")
        listed = eval(repl.say("dir(modem)"))
    assert set(shown.split()[1:-2]) == PUBLIC
    assert {name for name in listed if not name.startswith("_")} == PUBLIC


def test_the_last_exchange_prints_as_one_screen(tcp_echo):
    with repl_and_modem() as (repl, _):
        repl.say(OPEN % (servers.HOST, tcp_echo.port))
        repl.say("sock.write(b'hello'); sock.read(5)")
        shown = repl.say("modem.trace()")
        more = repl.say("modem.trace(rows=1000)")
        cut = repl.say("modem.trace(rows=2)")
    assert is_one_screen(shown), shown
    assert said(more)[-22:] == said(shown)[-22:]
    assert re.search(
        r"^ +-\d\.\d{3} > AT\+CSQ\n +-\d\.\d{3} < \+CSQ: 23,0\n {11}< OK$", more, re.M
    )
    assert re.search(r"^ +-\d\.\d{3} < \[5 bytes\] hello$", shown, re.M)
    assert max(map(len, more.splitlines())) <= COLUMNS
    total = len(more.splitlines())
    assert cut.splitlines()[0].endswith(
        f"{total - 2} rows before these: modem.trace(rows={total})"
    )
    assert said(cut)[1:] == said(more)[-2:]


def said(trace):
    """Its rows without the times, which a trace that is printed later counts from later."""
    return [row[11:] for row in trace.splitlines()]


# -- the console ----------------------------------------------------------------------------------


@pytest.mark.parametrize("raw", [False, True], ids=["terminal", "board"])
@pytest.mark.parametrize("leave", [b"exit\r", b"\x03", b"\x04"], ids=["exit", "Ctrl-C", "Ctrl-D"])
def test_console(tcp_echo, raw, leave):
    with repl_and_modem(raw=raw) as (repl, modem):
        repl.say(OPEN % (servers.HOST, tcp_echo.port))
        repl.say("sock.write(b'hello')")
        assert "exit, Ctrl-C or Ctrl-D" in repl.say(f"modem.console(echo={raw})", AT)
        assert repl.say("+CSQ", AT) == "+CSQ: 23,0\nOK\n"
        assert repl.say("at+cmee?", AT) == "+CMEE :1\nOK\n"
        assert repl.say("AT+CIPSHUT", AT) == "! AT+CIPSHUT would end the session\n"
        refused = "! EINVAL: AT+COPS=5, +CME ERROR: 53 (invalid parameters)\n"
        assert repl.say("+COPS=5", AT) == refused
        assert is_one_screen(repl.say("status", AT))
        assert re.search(
            r"> AT\+COPS=5\n +-\d\.\d{3} < \+CME ERROR: 53$", repl.say("trace", AT), re.M
        )
        repl.type(leave)
        repl.until(b">>> ")
        assert repl.say("sock.read(5)") == "b'hello'\n"
        assert repl.say("modem.at('+CSQ')") == "['+CSQ: 23,0']\n"


def test_keys_of_a_board_s_terminal_are_shown_and_edited():
    with repl_and_modem(raw=True) as (repl, _):
        repl.say("modem.console(echo=True)", AT)
        repl.type(b"+CSX")
        assert repl.until(b"+CSX") == "+CSX"
        repl.type(b"\x7f\x1b[AQ\r\n")
        assert repl.until(AT) == "\b \bQ\n+CSQ: 23,0\nOK\nAT> "
        repl.type(b"nonsense\x15\r")
        assert repl.until(AT) == "nonsense" + "\b \b" * 8 + "\nAT> "
        repl.type(b"\x04")
        repl.until(b">>> ")


def test_what_happens_meanwhile_is_told_in_the_console():
    with repl_and_modem() as (repl, modem):
        repl.say("modem.console()", AT)
        modem.fault("pdp_deact")
        shown = repl.until(b"* bearer up 10.78.245.128\r\n" + AT)
        assert "* bearer lost\n" in shown and "* address: 10.78.245.128\n" in shown
        repl.type(b"exit\r")
        repl.until(b">>> ")
        modem.fault("pdp_deact")
        repl.say("while modem.isconnected(): pass\r")
        assert repl.say("modem.isconnected()") == "False\n"


def test_console_wants_a_modem_that_has_been_looked_for():
    with rig.Board() as board, Repl(board) as repl:
        for line in MODEM:
            repl.say(line)
        assert "OSError: [Errno 107] ENOTCONN" in repl.say("modem.console()")


# -- Ctrl-C ---------------------------------------------------------------------------------------

# On the keyboard only while the modem is waited for: where the signal meets the unix port at work
# on a string, that port keeps its lock of all names, and hangs at the next line that is entered.


def press_ctrl_c_in(repl, line):
    repl.say("modem.keep_going = lambda: print('waits')")
    repl.type(line.encode() + b"\r")
    repl.until(b"waits\r\n")
    repl.type(b"\x03")
    assert "KeyboardInterrupt" in repl.until(PROMPT)
    repl.say("modem.keep_going = None")


def everything_is_usable(repl, address):
    assert repl.say("sock.write(b'still here'); sock.read(10)") == "10\nb'still here'\n"
    repl.say(f"new = modem.socket(); new.connect({address}); new.write(b'new one')")
    assert repl.say("new.read(7); new.close()") == "b'new one'\n"
    assert repl.say("modem.at('+CSQ')") == "['+CSQ: 23,0']\n"


def test_ctrl_c_ends_a_wait_and_nothing_else(tcp_echo, black_hole):
    address = (servers.HOST, tcp_echo.port)
    with repl_and_modem() as (repl, modem):
        repl.say(OPEN % address)
        repl.say("sock.settimeout(None)")
        modem.fault("silent")
        press_ctrl_c_in(repl, "modem.at('+CGMR', timeout=2)")
        everything_is_usable(repl, address)
        press_ctrl_c_in(repl, "sock.read(1)")
        everything_is_usable(repl, address)
        repl.say("other = modem.socket()")
        press_ctrl_c_in(repl, f"other.connect(({servers.HOST!r}, {black_hole}))")
        everything_is_usable(repl, address)
        stats = eval(repl.say("modem.stats()"))
    assert (stats["losses"], stats["timeouts"], stats["unknown_lines"]) == (0, 1, 0)


# At work: a UART stands for the keyboard.
BUSY = (
    ("modem.connect()", 2),
    ("modem.at('+CIPSTATUS')", 9),
    ("modem.status('operator')", 9),
    ("[(sock.write(b'x' * 700), sock.read(700)) for _ in range(40)] and None", 400),
    ("other = modem.socket(); other.connect(%s); other.close()", 9),
    ("modem.isconnected()", 2),
)


@pytest.mark.parametrize("seed", range(5))
def test_after_ctrl_c_at_work_everything_is_usable(tcp_echo, seed):
    address = (servers.HOST, tcp_echo.port)
    dice = random.Random(seed)
    with repl_and_modem() as (repl, _):
        repl.say("from keyboard import Keyboard; uart = Keyboard(1, 460800, rxbuf=4096)")
        repl.say("modem = sixlink.Modem(uart, rxbuf=4096); modem.connect()")
        repl.say(OPEN % address)
        interrupted = 0
        for line, looks in dice.sample(BUSY, len(BUSY)):
            repl.say(f"uart.left = {dice.randint(1, looks)}")
            shown = repl.say(line.replace("%s", repr(address)))
            interrupted += "KeyboardInterrupt" in shown
        repl.say("uart.left = 0")
        assert interrupted >= len(BUSY) // 2
        repl.say("sock.settimeout(0.3)")
        repl.say("while sock.recv(4096): pass\r")
        repl.say("sock.settimeout(10)")
        everything_is_usable(repl, address)
        stats = eval(repl.say("modem.stats()"))
    assert (stats["losses"], stats["timeouts"], stats["unknown_lines"]) == (0, 0, 0), stats
