"""A mail server that takes everything and costs next to nothing: it counts, and keeps no mail.

    python -m tests.benchmarks.mailing.sink NUMBER ...

Writes its port on a line, and a line whenever it has taken so many messages; serves until its input
ends; then it writes, as JSON, how many messages each recipient got.
"""

import asyncio
import json
import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import Protocol, cast

import uvloop
from typing_extensions import override

_END = b"\r\n.\r\n"


class Taker(Protocol):
    """Hears of each message: whom it was for, and all of it as it came over the wire."""

    def take(self, recipients: list[str], content: bytes) -> None: ...


@dataclass(slots=True)
class Taken:
    """What came; reaching a number of `told` is told."""

    told: frozenset[int]
    each: Counter[str] = field(default_factory=Counter)
    number: int = 0

    def take(self, recipients: list[str], content: bytes) -> None:
        self.each.update(recipients)
        self.number += 1
        if self.number in self.told:
            say(str(self.number))


class Session(asyncio.Protocol):
    """One connection; commands may come in one packet (RFC 2920)."""

    def __init__(self, taken: Taker) -> None:
        self._taken = taken
        self._unread = b""
        self._recipients: list[str] = []
        self._in_content = False

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is of no such class
        self._transport.write(b"220 sink ESMTP\r\n")

    @override
    def data_received(self, data: bytes) -> None:
        self._unread += data
        answers = []
        while (answer := self._next()) is not None:
            answers.append(answer)
        if answers:
            self._transport.write(b"".join(answers))

    def _next(self) -> bytes | None:
        """The answer to the next command, or to the content; None: it is not all there."""
        if self._in_content:
            return self._content()
        line, end, rest = self._unread.partition(b"\r\n")
        if not end:
            return None
        self._unread = rest
        return self._command(line)

    def _content(self) -> bytes | None:
        content, end, rest = self._unread.partition(_END)
        if not end:
            return None
        self._unread, self._in_content = rest, False
        self._taken.take(self._recipients, content)
        return b"250 2.0.0 Ok: queued as 4BXW7p2cGhz\r\n"

    def _command(self, line: bytes) -> bytes:
        verb = line[:4].upper()
        if verb == b"EHLO":
            return b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 10000000\r\n"
        if verb == b"MAIL":
            self._recipients = []
        elif verb == b"RCPT":
            self._recipients.append(line[line.index(b"<") + 1 : line.index(b">")].decode())
        elif verb == b"DATA":
            self._in_content = True
            return b"354 go on\r\n"
        elif verb == b"QUIT":
            return b"221 2.0.0 Bye\r\n"
        return b"250 2.1.0 Ok\r\n"


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def serve(told: frozenset[int]) -> None:
    taken = Taken(told)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Session(taken), "127.0.0.1", 0)
    say(str(server.sockets[0].getsockname()[1]))
    await asyncio.to_thread(sys.stdin.read)
    server.close()
    say(json.dumps(taken.each))


if __name__ == "__main__":
    uvloop.run(serve(frozenset(map(int, sys.argv[1:]))))
