"""What the firmware takes of the heap."""

import gc


def taken():
    exec("pass")  # where the last import stood on the stack, or what it left is not collected
    gc.collect()
    return gc.mem_alloc()


def heap(port):
    """Bytes that the modules take which a connection needs, and those that a modem with six open
    links takes beside them"""
    before = taken()
    import sixlink.errors  # noqa: F401
    import sixlink.luat  # noqa: F401
    import sixlink.modem  # noqa: F401

    imported = taken() - before
    from scenes_socket import connected_modem, connected_socket

    before = taken()
    modem = connected_modem()
    sockets = [connected_socket(modem, port) for _ in range(6)]
    opened = taken() - before
    for sock in sockets:
        sock.close()
    modem.disconnect()
    return [imported, opened]
