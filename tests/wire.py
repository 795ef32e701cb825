"""A wire on loopback that is cut: what a network does to a connection."""

from __future__ import annotations

import contextlib
import random
import select
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.servers import LOOPBACK, PIECE


@dataclass
class Wire:
    """A TCP proxy. Of each connection it lets through a random number of bytes, then ends it."""

    port: int
    connections: int = 0
    cuts: int = 0
    stalls: int = 0


@contextmanager
def unreliable_wire(
    to: int, *, seed: int, whole: tuple[int, int] = (20_000, 400_000), stalled: float = 0.0
) -> Iterator[Wire]:
    """A proxy to a port of this machine.

    Of each connection's answers between ``whole[0]`` and ``whole[1]`` bytes pass.
    Then it is cut, by an orderly end or a reset, or in the share ``stalled`` of all
    cases nothing more comes while it stays open.
    """
    chance = random.Random(seed)
    listener = socket.create_server((LOOPBACK, 0))
    wire = Wire(listener.getsockname()[1])
    over = threading.Event()

    def carry(client: socket.socket) -> None:
        wire.connections += 1
        left = chance.randint(*whole)
        stall, reset = chance.random() < stalled, chance.random() < 0.5
        with client, socket.create_connection((LOOPBACK, to)) as server:
            while not over.is_set():
                for end in select.select([client, server], [], [], 0.1)[0]:
                    piece = end.recv(PIECE)
                    if not piece:
                        return
                    if end is client:
                        server.sendall(piece)
                        continue
                    client.sendall(piece[:left])
                    left -= min(left, len(piece))
                    if left:
                        continue
                    if stall:
                        wire.stalls += 1
                        while not over.is_set() and not select.select([client], [], [], 0.1)[0]:
                            pass
                        return
                    wire.cuts += 1
                    if reset:
                        client.setsockopt(
                            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                        )
                    return

    def carry_quietly(client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            carry(client)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=carry_quietly, args=(client,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield wire
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
