"""HTTP with the stock `requests`: report a reading, show a page, download a file.

`mip install requests` brings it to a board.
"""

import board
import requests
import settings
import sixlink

SITE = "http://%s:%d" % (settings.HTTP_HOST, settings.HTTP_PORT)


def report(reading):
    response = requests.post(SITE + "/readings", json=reading, timeout=30)
    print("reported:", response.status_code)
    response.close()


def show(path):
    response = requests.get(SITE + path, timeout=30)
    print("page:", response.status_code, response.headers["Content-Type"])
    print(response.text[:60])


def download(path, name):
    """A body of any size: 512 bytes of it in memory at a time."""
    response = requests.get(SITE + path, timeout=30)
    piece = bytearray(512)
    size = 0
    with open(name, "wb") as file:
        while n := response.raw.readinto(piece):
            size += file.write(memoryview(piece)[:n])
    response.close()
    print("downloaded:", size)


modem = board.modem(apn=settings.APN)
modem.connect()
sixlink.install(modem)  # `socket` now means the modem, in `requests` as well
report({"temperature": 21.5})
show("/")
download("/bytes/5000", "download.bin")
modem.disconnect()
