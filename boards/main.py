"""Comes up by itself at power-on. This file is yours: write your program below."""

import gc

gc.threshold(8192)  # before the imports: they would leave the heap full of small holes

import start  # noqa: E402

modem = start.modem()
start.connect(modem)
print(modem)
