"""Sixlink: a UART modem as a MicroPython network interface.

    import sixlink
    modem = sixlink.Modem(UART(1, 115200, tx=17, rx=16, rxbuf=4096), apn="cmnet")
    modem.connect()
    sixlink.install(modem)

Names load when they are first used, so what is not used costs nothing.
"""

_HOME = {"Modem": "modem", "install": "install", "ModemError": "errors"}


def __getattr__(name):
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(name)
    value = getattr(__import__("sixlink." + home, None, None, (name,)), name)
    globals()[name] = value
    return value
