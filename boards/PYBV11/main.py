"""Connect, and hand `socket` and `ssl` over to the modem."""

import gc

gc.threshold(8192)  # before the imports: they would leave the heap full of small holes

import board  # noqa: E402
import sixlink  # noqa: E402

modem = board.modem(apn="cmnet")  # your operator's access point name
modem.connect()
sixlink.install(modem)
print(modem)
