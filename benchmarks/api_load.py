"""A client of an HTTP server that sends at a fixed rate, or as fast as replies come, and prints what each reply took.

    python benchmarks/api_load.py --port 8000 --path /scrape --body '{"url": "https://example.com/{n}"}' --rate 200 --seconds 5

`{n}` becomes another number in each request. At a fixed rate each request has its moment. What it waits for a free connection
counts: a server that stands still for a second shows. Prints a JSON object: requests, seconds, refused, ms (sorted).
"""

import argparse
import asyncio
import json
import random
import time
from typing import Any


class Client(asyncio.Protocol):
    """One connection that is kept; one request at a time."""

    def __init__(self) -> None:
        self.buffer, self.reply = b"", asyncio.get_running_loop().create_future()
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.reply.done():
            self.reply.set_exception(ConnectionError("the server hung up"))

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, mark, body = self.buffer.partition(b"\r\n\r\n")
        if mark and len(body) >= _length(head):
            self.buffer = b""
            self.reply.set_result(int(head.split(b" ", 2)[1]))

    async def ask(self, request: bytes) -> int:
        """The status of the reply."""
        self.reply = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return int(await self.reply)


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def request(args: argparse.Namespace, number: int) -> bytes:
    """One request as bytes."""
    body: bytes = args.body.replace("{n}", str(number)).encode()
    path, key = args.path.replace("{n}", str(number)), f"Authorization: Bearer {args.key}\r\n" if args.key else ""
    kind = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if args.body else ""
    return f"{'POST' if args.body else 'GET'} {path} HTTP/1.1\r\nHost: localhost\r\n{key}{kind}\r\n".encode() + body


async def run(args: argparse.Namespace) -> dict[str, Any]:
    """Send, and measure."""
    loop = asyncio.get_running_loop()
    free: asyncio.Queue[Client] = asyncio.Queue()
    for _ in range(args.connections):
        free.put_nowait((await loop.create_connection(Client, "127.0.0.1", args.port))[1])
    took: list[float] = []
    refused = 0
    seed = random.getrandbits(40) * 1000

    async def one(number: int, due: float) -> None:
        nonlocal refused
        client = await free.get()
        status = await client.ask(request(args, seed + number))
        took.append((time.monotonic() - due) * 1000)
        refused += status >= 400
        free.put_nowait(client)

    begun = time.monotonic()
    if args.rate:
        tasks = []
        for number in range(int(args.rate * args.seconds)):
            due = begun + number / args.rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            tasks.append(asyncio.create_task(one(number, due)))
        await asyncio.gather(*tasks)
    else:

        async def keep_asking(first: int) -> None:
            number = first
            while time.monotonic() < begun + args.seconds:
                await one(number, time.monotonic())
                number += args.connections

        await asyncio.gather(*(keep_asking(first) for first in range(args.connections)))
    return {"requests": len(took), "seconds": time.monotonic() - begun, "refused": refused, "ms": sorted(took)}


def main() -> None:
    """Read the options, run, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--path", default="/")
    parser.add_argument("--body", default="", help="JSON; without it the method is GET")
    parser.add_argument("--key", default="", help="an API key")
    parser.add_argument("--rate", type=float, default=0, help="requests a second; 0 = as fast as replies come")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=5)
    print(json.dumps(asyncio.run(run(parser.parse_args()))))


if __name__ == "__main__":
    main()
