"""Scenes in which the application asks the modem itself."""

import asyncio
import errno

import board
import machine
from micropython import const

_PORTION = const(512)


def howto():
    """docs/howto-at.md, as it stands there; then the board's clock."""
    modem = board.modem()
    modem.connect()

    print(modem.at("+CSQ"))
    for line in modem.at("+CIPSTATUS"):
        print(line)

    try:
        modem.at("+COPS=5", timeout=3)
    except OSError as error:
        print(error, error.cme)

    print(modem.config("imei"), modem.config("model"), modem.config("firmware"))
    print(modem.config("imsi"), modem.config("iccid"))  # of the SIM card
    print(modem.status("operator"), modem.status("rssi"), modem.status("registration"))

    machine.RTC().datetime(modem.time())

    print(modem.ipconfig("dns"))
    modem.ipconfig(dns=("9.9.9.9", "1.1.1.1"))

    asyncio.run(howto_asyncio(modem))
    return [modem.ifconfig()[3], machine.RTC().datetime()[:3], modem.time()[:3]]


async def howto_asyncio(modem):
    async with modem.aio:
        print(await modem.aio.at("+CGSN"))


def beside_a_stream(host, port, size):
    """Bytes that came back from an echo server, and answers that were not as they should be,
    while three tasks ask all the time."""
    modem = board.modem()
    wrong = []
    asked = []

    async def ask(text, good):
        while asked is not None:
            lines = await modem.aio.at(text)
            asked.append(text)
            if lines != good:
                wrong.append(lines)

    async def main():
        async with modem.aio:
            imei = await modem.aio.at("+CGSN")
            dns = await modem.aio.at("+CDNSCFG?")
            asking = [
                asyncio.create_task(ask("+CGSN", imei)),
                asyncio.create_task(ask("+CDNSCFG?", dns)),
                asyncio.create_task(ask("+CMEE?", ["+CMEE :1"])),
            ]
            reader, writer = await modem.aio.open_connection(host, port)
            came = 0
            for start in range(0, size, _PORTION):
                data = bytes((start // _PORTION + i) & 255 for i in range(_PORTION))
                writer.write(data)
                await writer.drain()
                came += await reader.readexactly(_PORTION) == data and _PORTION
            writer.close()
            for task in asking:
                task.cancel()
            return came

    came = asyncio.run(main())
    stats = modem.stats()
    return [came, wrong, len(asked), stats["timeouts"], stats["losses"], len(imei_of(modem))]


def imei_of(modem):
    """After all of it, and without asyncio."""
    modem.connect()
    return modem.config("imei")


def cancelled():
    """How a command ends that is cancelled while it waits for its turn or for its answer, how
    many are left in the queue, and whether the next one has its own answer; how a bad one ends."""
    modem = board.modem()
    told = []

    async def main():
        async with modem.aio:
            for ms in (0, 1, 3, 5, 8, 13, 21):
                tasks = [asyncio.create_task(modem.aio.at("+CSQ")) for _ in range(6)]
                await asyncio.sleep_ms(ms)
                for task in tasks:
                    task.cancel()
                await asyncio.sleep_ms(0)
                told.append(len(modem.driver.engine.queue) <= 1)
                told.append(await modem.aio.at("+CMEE?") == ["+CMEE :1"])
            try:
                await modem.aio.at("+CIPSHUT")
            except ValueError as error:
                told.append("+CIPSHUT" in str(error))
            try:
                await modem.aio.at("+NONSENSE")
            except OSError as error:
                told.append(error.errno == errno.EIO and error.step == "AT+NONSENSE")
            told.append(modem.isconnected())

    asyncio.run(main())
    return told
