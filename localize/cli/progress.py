"""How far a command is: the share of its work that is done, and a line every minute where no bar can be drawn."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence

_SURE = 0.05
"""Share of the work from which an estimate of the time left is shown."""
EVERY_S = 60.0
"""Between two lines where there is no terminal."""


class Estimate:
    """Estimate the progress and the time left of a command from the shares of its stages.

    A stage that is skipped, or comes whole from the store, counts neither as done nor as to do: it says nothing of
    how long the others take.

    A stage that does not say how far it is counts by the time since it began: two thirds are done when it has taken as
    long as expected.

    Args:
        stages: names with the seconds that they usually take, in order.
        clock: gives seconds.
    """

    def __init__(self, stages: Sequence[tuple[str, float]], clock: Callable[[], float] = time.monotonic) -> None:
        self._ahead = list(stages)
        self._clock = clock
        self._began = clock()
        self._silent = True
        self.stage = ""
        self._worked = 0.0
        self._now = 0.0
        self._done = 0.0

    def begin(self, stage: str) -> None:
        """A stage starts; expected stages before it count as skipped. An unexpected stage changes nothing."""
        names = [name for name, _ in self._ahead]
        self._now = self._done = 0.0
        self._began, self._silent, self.stage = self._clock(), True, stage
        if stage in names:
            at = names.index(stage)
            self._now = self._ahead[at][1]
            del self._ahead[: at + 1]

    def advance(self, done: int, total: int) -> None:
        """Part of the stage is done; `total` is 0 where it does not say how much there is."""
        self._silent = not total
        self._done = min(1.0, done / max(1, total))

    def end(self, *, worked: bool) -> None:
        """The stage ended; `worked` where it made something, rather than found everything in the store."""
        self._worked += self._now if worked else 0.0
        self._now = self._done = 0.0
        self._silent = True

    @property
    def expects(self) -> bool:
        """Whether any stages are expected."""
        return bool(self._ahead or self._now or self._worked)

    @property
    def share(self) -> float:
        """Of the work, how much is done, 0 to 1."""
        done = self._worked + self._now * self._part
        total = self._worked + self._now + sum(share for _, share in self._ahead)
        return done / total if total else 0.0

    @property
    def _part(self) -> float:
        """Of the present stage, how much is done."""
        if not self._silent or not self._now:
            return self._done
        return 1 - math.exp(-(self._clock() - self._began) / self._now)

    def left_s(self, elapsed_s: float) -> float | None:
        """Estimated seconds left; None where too little is done to tell."""
        share = self.share
        return elapsed_s * (1 - share) / share if share >= _SURE else None


class Minutes:
    """Says how far a command is every minute, from a thread of its own: a stage may take longer than that.

    Args:
        describe: gives the line; "" for none yet.
        say: is given it.
        every_s: between two lines.
    """

    def __init__(self, describe: Callable[[], str], say: Callable[[str], None], every_s: float = EVERY_S) -> None:
        self._describe, self._say, self._every_s = describe, say, every_s
        self._ended = threading.Event()
        threading.Thread(target=self._tell, daemon=True).start()

    def close(self) -> None:
        """Say nothing more."""
        self._ended.set()

    def _tell(self) -> None:
        while not self._ended.wait(self._every_s):
            if line := self._describe():
                self._say(line)
