"""What the firmware takes of the heap."""

import gc


def taken():
    overwrite_stack(100)
    exec("pass")  # where the last import stood on the stack, or what it left is not collected
    gc.collect()
    return gc.mem_alloc()


def overwrite_stack(depth):
    """What an import has left there would keep its waste alive, once in a while."""
    a = b = c = d = e = f = 0
    return overwrite_stack(depth - 1) + a + b + c + d + e + f if depth else 0


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
