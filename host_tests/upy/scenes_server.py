"""Scenes with the modem as a server; the test has the clients."""

import asyncio

from micropython import const
from scenes_clients import offline, online

PORT = const(8080)


def echo_server(count):
    """`asyncio.start_server` for `count` clients, each until it hangs up; how many bytes each has
    sent, and how many links are left"""
    modem = online("modem")
    served = []
    done = asyncio.Event()

    async def serve(reader, writer):
        size = 0
        while True:
            data = await reader.read(500)
            if not data:
                break
            size += len(data)
            writer.write(data)
            await writer.drain()
        writer.close()
        await writer.wait_closed()
        served.append(size)
        if len(served) == count:
            done.set()

    async def main():
        server = await asyncio.start_server(serve, "0.0.0.0", PORT)
        print("listening")
        await asyncio.wait_for(done.wait(), 40)
        server.close()
        await server.wait_closed()

    asyncio.run(main())
    offline(modem)
    return [served, sum(link.owned for link in modem.links)]


def blocking_server(count):
    """`accept` in a loop, one client after the other"""
    modem = online("modem")
    import socket

    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(socket.getaddrinfo("0.0.0.0", PORT)[0][-1])
    listener.listen(count)
    print("listening")
    callers = []
    for _ in range(count):
        peer, address = listener.accept()
        callers.append([address[0], peer.readline().decode()])
        peer.sendall(b"goodbye\n")
        peer.close()
    listener.close()
    offline(modem)
    return callers


def no_server():
    """What `asyncio.start_server` says on a modem without AT+CIPSERVER"""
    modem = online("modem")

    async def main():
        await asyncio.start_server(None, "0.0.0.0", PORT)

    try:
        asyncio.run(main())
    except OSError as error:
        return [error.errno, modem.isconnected()]


def web_server(size):
    """`microdot` with two pages and a form, until it is told to stop"""
    modem = online("modem")
    from microdot import Microdot

    app = Microdot()

    @app.get("/")
    async def index(request):
        return "<h1>hello from the modem</h1>", 200, {"Content-Type": "text/html"}

    @app.get("/data")
    async def data(request):
        return bytes(range(256)) * size

    @app.post("/form")
    async def form(request):
        return {"name": request.json["name"], "length": len(request.body)}

    @app.post("/stop")
    async def stop(request):
        request.app.shutdown()
        return "bye"

    async def main():
        serving = asyncio.create_task(app.start_server(port=PORT))
        while modem.driver.engine.server is None:
            await asyncio.sleep_ms(1)
        print("listening")
        await serving
        while any(link.owned for link in modem.links):  # the last answer is still on its way
            await asyncio.sleep_ms(1)

    asyncio.run(main())
    offline(modem)
    return sum(link.owned for link in modem.links)
