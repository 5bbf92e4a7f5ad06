"""Real MicroPython and the virtual modem on one clock that neither of them owns."""

import json

import pytest

from tools.long_life import DEVICE
from tools.long_life.lockstep import START_US, Died, Lockstep, Program
from tools.vmodem import MemoryNetwork, VirtualModem, Wire

START_MS = START_US // 1000


class Run:
    """`source` from its first line to its last; `reports` is what it reported."""

    def __init__(self, tmp_path, source, **options):
        path = tmp_path / "program.py"
        path.write_text("import lockstep\nimport time\n" + source)
        self.reports = []
        self.modem = VirtualModem(MemoryNetwork(), echo=False)
        self._program = Program([str(path)], [DEVICE], "128k", **options)
        self.lockstep = Lockstep(self._program, Wire(self.modem), self._report)
        try:
            self.lockstep.run()
        finally:
            self._program.close()

    def _report(self, text):
        self.reports.append(json.loads(text))


def test_time_passes_in_waits_only(tmp_path):
    source = """
before = time.ticks_ms()
for i in range(10000):
    pass
same = time.ticks_ms() == before
lockstep.wait(3600000)
lockstep.report(before=before, same=same, after=time.ticks_ms())
"""
    [report] = Run(tmp_path, source).reports
    assert report == {"before": START_MS, "same": True, "after": START_MS + 3_600_000}


def test_bytes_end_a_wait_at_their_time(tmp_path):
    source = """
uart = lockstep.Uart(115200)
buf = bytearray(100)
uart.write(b"xxAT\\rxx", 2, 3)
got = b""
while not got.endswith(b"OK\\r\\n"):
    lockstep.wait(1000)
    got += buf[:uart.readinto(buf, 100) or 0]
lockstep.report(got=got.decode(), ms=time.ticks_diff(time.ticks_ms(), %d))
""" % (START_MS & 0x3FFFFFFF)
    [report] = Run(tmp_path, source).reports
    # 3 bytes there, 10 ms of latency, 6 bytes back at 87 µs each.
    assert report == {"got": "\r\nOK\r\n", "ms": 10}


@pytest.mark.parametrize("held_ms, off", [(1500, False), (3500, True)])
def test_power_key(tmp_path, held_ms, off):
    source = f"lockstep.power(0)\nlockstep.wait({held_ms})\nlockstep.power(1)\nlockstep.wait(5)\n"
    assert Run(tmp_path, source).modem.is_off == off


def test_program_that_spins_is_ended(tmp_path):
    with pytest.raises(Died, match="it spins: nothing for 0.5 s"):
        Run(tmp_path, "print('round')\nwhile True:\n    time.ticks_ms()\n", hang_s=0.5)


def test_program_that_fails_tells_why(tmp_path):
    with pytest.raises(Died, match="(?s)exit status 1.*KeyError: nothing"):
        Run(tmp_path, "{}['nothing']\n")


def test_ticks_wrap_as_on_a_board(tmp_path):
    source = """
lockstep.wait(%d)
before = time.ticks_ms()
lockstep.wait(10)
after = time.ticks_ms()
lockstep.report(before=before, after=after, diff=time.ticks_diff(after, before),
    sum=time.ticks_add(before, 10) == after)
""" % ((1 << 30) - START_MS - 4)
    [report] = Run(tmp_path, source).reports
    assert report == {"before": (1 << 30) - 4, "after": 6, "diff": 10, "sum": True}
