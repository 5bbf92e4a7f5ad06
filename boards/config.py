"""What a board needs to know of your SIM card. Copy this file, fill it in, keep it to yourself.

`make deploy` takes it from the top of this repository, or from where CONFIG= says.
"""

APN = ""  # your operator's access point name; None for the one that the network gives
USER = ""  # what goes with the APN, if anything
PASSWORD = ""
PIN = ""  # of the SIM card, if it asks for one
FLOW = False  # True: RTS and CTS are wired too, see the board's README.md
