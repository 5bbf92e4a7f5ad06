"""Asking the modem, end to end: against the virtual modem, and on real MicroPython."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from clients import board_and_modem
from scenario import Echoing
from sixlink.errors import ModemError
from world import World

from tools import servers
from tools.vmodem.profiles import LUAT

ROOT = Path(__file__).parent.parent
HOWTO = ROOT / "docs" / "howto-at.md"
SCENES = Path(__file__).parent / "upy" / "scenes_at.py"

QUESTIONS = {
    "I": [LUAT.firmware],
    "+CGSN": [LUAT.imei],
    "+CIMI": [LUAT.imsi],
    "+ICCID": [f"+ICCID: {LUAT.iccid}"],
    "+CSQ": ["+CSQ: 23,0"],
    "+CREG?": ["+CREG: 1,1"],
    "+CPIN?": ["+CPIN: READY"],
    "+CMEE?": ["+CMEE :1"],
    "+CIPMUX?": ["+CIPMUX: 1"],
    "+CIPRXGET?": ["+CIPRXGET: 1"],
    "+CIFSR": [LUAT.address],
    "+CSTT?": ['+CSTT: "cmnet","",""'],
    "+CDNSCFG?": [f"PrimaryDns: {LUAT.dns[0]}", f"SecondaryDns: {LUAT.dns[1]}"],
    "+CLPORT?": [f"+CLPORT: {n},0,0" for n in range(6)],
    "+CIPCLOSE=?": [],
}


def connected(**options):
    world = World(**options)
    world.network.serve("echo", 7, Echoing)
    world.nic.connect()
    return world


@pytest.mark.parametrize("chunk", [None, (1, 3)], ids=["whole", "torn"])
@pytest.mark.parametrize("interleave", [0.0, 1.0], ids=["quiet", "chatter"])
def test_answers_of_the_virtual_modem(chunk, interleave):
    world = connected(chunk=chunk, interleave=interleave, seed=1)
    for _ in range(3):
        for text, lines in QUESTIONS.items():
            assert world.nic.at(text) == lines, text
    stats = world.nic.stats()
    assert (stats["timeouts"], stats["losses"], stats["resyncs"]) == (0, 0, 0)


def test_facts_of_the_virtual_modem():
    nic = connected(interleave=1.0).nic
    assert (nic.config("imei"), nic.config("imsi")) == (LUAT.imei, LUAT.imsi)
    assert (nic.config("model"), nic.config("firmware")) == (LUAT.model, LUAT.firmware)
    assert (nic.config("iccid"), nic.status("operator")) == (LUAT.iccid, LUAT.operator)
    assert (nic.status("rssi"), nic.status("registration")) == (-67, 1)
    assert nic.time()[:4] == (2024, 1, 6, 6)
    assert nic.ipconfig("dns") == LUAT.dns
    assert nic.ifconfig() == (LUAT.address, "255.255.255.255", "0.0.0.0", LUAT.dns[0])
    for chosen in (("9.9.9.9",), ("1.1.1.1", "8.8.8.8")):
        nic.ipconfig(dns=chosen)
        assert nic.ipconfig("dns") == chosen


@pytest.mark.parametrize("flow", [False, True], ids=["pull", "push"])
@pytest.mark.parametrize("seed", range(4))
def test_six_links_at_work_are_not_disturbed(flow, seed):
    world = connected(interleave=0.3, chunk=(1, 40), seed=seed, flow=flow, nic={"flow": flow})
    socks = [world.nic.socket() for _ in range(6)]
    for sock in socks:
        sock.connect(("echo", 7))
        sock.setblocking(False)
    sent, came = [bytearray() for _ in socks], [bytearray() for _ in socks]
    words = b"\r\nOK\r\n+CSQ: 1,1\r\n+CGSN: 1\r\nERROR\r\n0, CLOSED\r\n"
    questions = [item for item in QUESTIONS.items() if item[0] != "+CIPRXGET?"] * 3
    for turn, (text, lines) in enumerate(questions):
        for n, sock in enumerate(socks):
            data = b"%d %d" % (turn, n) + words * (turn % 5)
            sent[n] += data[: sock.write(data) or 0]
            came[n] += sock.read() or b""
        assert world.nic.at(text) == lines, text
    for n, sock in enumerate(socks):
        sock.settimeout(20)
        while len(came[n]) < len(sent[n]):
            came[n] += sock.recv(2000)
    assert came == sent
    stats = world.nic.stats()
    assert (stats["timeouts"], stats["losses"]) == (0, 0)


def test_states_of_links_are_those_that_the_engine_has():
    world = connected()
    world.nic.socket().connect(("echo", 7))
    told = world.nic.at("+CIPSTATUS")
    assert told[0] == "STATE: IP PROCESSING" and len(told) == 7
    assert told[1].startswith('C: 0,0,"TCP",') and told[1].endswith('"CONNECTED"')
    assert world.nic.at("+CIPSTATUS=0") == ["+CIPSTATUS: " + told[1][3:]]
    assert world.nic.at("+CIPSEND?") == ["+CIPSEND: 0,1460"]


@pytest.mark.parametrize("fault", ["lost_ok", "silent"])
def test_a_lost_answer_costs_a_timeout_and_no_link(fault):
    world = connected()
    sock = world.nic.socket()
    sock.connect(("echo", 7))
    world.modem.inject(fault)
    with pytest.raises(ModemError, match=r"ETIMEDOUT: AT\+CSQ"):
        world.nic.at("+CSQ", timeout=2)
    world.run(5000)
    assert world.nic.at("+CSQ") == ["+CSQ: 23,0"]
    sock.write(b"still here")
    assert sock.read(10) == b"still here"


def test_refusals_of_the_virtual_modem():
    world = connected()
    for text, cme in (("+NONSENSE", -1), ("+CLPORT=9,9,9", 53), ("+CIPSTATUS=7", 53)):
        with pytest.raises(ModemError) as refused:
            world.nic.at(text)
        assert (refused.value.step, refused.value.cme) == ("AT" + text, cme)
    world.modem.inject("sim_removed")
    with pytest.raises(ModemError) as refused:
        world.nic.config("imsi")
    assert refused.value.cme == 10


def test_a_card_that_is_changed_is_asked_again_and_the_modem_is_not():
    world = connected()
    assert (world.nic.config("imei"), world.nic.config("imsi")) == (LUAT.imei, LUAT.imsi)
    world.modem.profile = replace(LUAT, imei="0" * 15, imsi="240080123456789")
    assert (world.nic.config("imei"), world.nic.config("imsi")) == (LUAT.imei, "240080123456789")


# -- real MicroPython -----------------------------------------------------------------------------


def test_the_howto_as_it_stands_there():
    with board_and_modem() as (board, modem):
        scene = board.scene("scenes_at", "howto")
        output, _ = scene.program.communicate(timeout=60)
        modem.stop()
    assert scene.program.returncode == 0, output
    for said in ("['+CSQ: 23,0']", "STATE: IP STATUS", LUAT.imei, LUAT.iccid, LUAT.operator):
        assert said in output
    assert f"['{LUAT.imei}']" in output and "AT+COPS=5" in output
    server, clock, told = eval(output.splitlines()[-1])
    assert server == "9.9.9.9"
    # The modem's clock starts with 2024, eight hours ahead of UTC, and counts what the host's has.
    assert clock == told and clock >= [2023, 12, 31]


def test_code_of_the_howto_is_what_the_scene_runs():
    source = SCENES.read_text().split("def beside")[0]
    blocks = re.findall(r"^```python\n(.*?)^```$", HOWTO.read_text(), re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 5
    for block in blocks:
        assert block in source, block


def test_three_tasks_ask_beside_a_stream():
    with servers.TcpEcho() as echo, board_and_modem() as (board, _):
        came, wrong, asked, timeouts, losses, imei = board.play(
            "scenes_at", "beside_a_stream", servers.HOST, echo.port, 16384
        )
    assert (came, wrong, timeouts, losses, imei) == (16384, [], 0, 0, 15)
    assert asked > 20


def test_a_cancelled_question_leaves_nothing_behind():
    with board_and_modem() as (board, _):
        told = board.play("scenes_at", "cancelled")
    assert len(told) == 17 and all(told), told
