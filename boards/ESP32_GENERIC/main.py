"""Connect, and hand `socket` and `ssl` over to the modem."""

import board
import sixlink

modem = board.modem(apn="cmnet")  # your operator's access point name
modem.connect()
sixlink.install(modem)
print(modem)
