"""How many workers find room on the nodes of a cluster, and how large."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from ..delivery.outlay import PEAK_BYTES
from ..errors import UsageError


@dataclass(frozen=True, slots=True)
class Node:
    """What a node of a cluster gives.

    Args:
        cpus: whole ones.
        gpus: whole ones.
        memory: bytes; what is not said is not short.
    """

    cpus: int
    gpus: int = 0
    memory: int = sys.maxsize

    def holds(self, cpus: int, *, gpu: bool = False) -> int:
        """How many workers find room, of so many CPUs each and, with `gpu`, a GPU of their own."""
        return min(self.cpus // cpus, self.memory // PEAK_BYTES, self.gpus if gpu else self.cpus)


def fit_workers(nodes: Sequence[Node], wanted: int, *, gpu: bool = False) -> tuple[int, int]:
    """How many workers are placed on a cluster, and how many CPUs each gets: as many as asked for, each with as much as
    still lets all of them find room on some node. A worker never spans nodes: one that asked for more than any has left
    would wait for ever.

    Args:
        nodes: that live.
        wanted: workers, from 1.
        gpu: each gets a GPU of its own.

    Raises:
        UsageError: no node can hold a worker; the message names what the largest has.
    """
    largest = max((node.cpus for node in nodes), default=0)
    room = 0
    for each in range(largest, 0, -1):
        if (room := sum(node.holds(each, gpu=gpu) for node in nodes)) >= wanted:
            return wanted, each
    if room:
        return room, 1
    if not largest:
        raise UsageError("the Ray cluster has no node with a CPU to give: add one, or leave out --on ray")
    if gpu and not any(node.gpus for node in nodes):
        raise UsageError("the Ray cluster has no node with a GPU to give: add one, or leave out --device cuda")
    most = max(node.memory for node in nodes if node.cpus and (node.gpus or not gpu))
    raise UsageError(
        f"a worker takes up to {PEAK_BYTES / 1e9:.1f} GB of memory, and no node of the Ray cluster has more than "
        f"{most / 1e9:.1f} GB to give: add one, or leave out --on ray"
    )
