"""HTTPS over `modem.aio`, and a certificate that is checked. Set the clock first."""

import asyncio
import ssl

import board
import settings


def verifying_context(name):
    """A context that believes only what the authority in file `name` has signed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_mode = ssl.CERT_REQUIRED
    with open(name, "rb") as file:
        context.load_verify_locations(cadata=file.read())
    return context


async def get(host, port, path, context):
    """The status line and the body. Raises ValueError, and sends nothing, to a server whose
    certificate is for another host, signed by another authority, or expired."""
    reader, writer = await modem.aio.open_connection(host, port, ssl=context)
    try:
        writer.write("GET %s HTTP/1.0\r\nHost: %s\r\n\r\n" % (path, host))
        await writer.drain()
        status = await reader.readline()
        while (await reader.readline()).strip():
            pass  # the headers end with an empty line
        return status, await reader.read()
    finally:
        await writer.wait_closed()


async def main():
    context = verifying_context(settings.CA_FILE)
    async with modem.aio:
        request = get(settings.HTTPS_HOST, settings.HTTPS_PORT, "/", context)
        status, body = await asyncio.wait_for(request, 60)
    print(status.decode().strip(), len(body))


modem = board.modem(apn=settings.APN)
asyncio.run(main())
