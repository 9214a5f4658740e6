"""Translate scenes with a model that chats, wherever it runs: ask, check every line, ask again, believe what holds.

A chat model forgets lines, counts wrongly, breaks off. So lines without a usable answer are asked again in ever smaller
batches, at last alone, without the scene and without JSON; what still has none is named in an error. No line is ever
replaced by its source or left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from ..data import Candidate, SceneLine
from ..errors import EngineFailed, UsageError
from .answer_checks import answer_fault, is_borrowed
from .output_guards import size
from .scene_prompts import WORDINGS, NoAnswer, Prompts, Request, excerpt, read_answer, unquoted

if TYPE_CHECKING:
    from ..models import Models

SCORES = {"plain": -0.1, "short": -0.25, "long": -0.3}
"""What a wording is worth as log-probability a word, which a chat model does not tell: the plain one is left for
another where that saves the planner 0.15 to 0.2 s (`isochrony/planner.py: MEANING`)."""
BATCH = 8
"""Lines asked together: the more, the likelier a small model loses count."""
TELLING_WORDS = 3
"""Two different lines of so many words are not translated by the same words."""
TEMPERATURE, SEED = 0, 7
LANGUAGES = (
    "ar bg bn ca cs da de el en es et eu fa fi fil fr gl he hi hr hu id is it ja ko lt lv mk ms nb nl nn no pl pt "
    "ro ru sk sl sq sr sv sw ta te th tr uk ur vi zh"
).split()
"""Offered in every direction: what large models are trained on. How well one knows each, only its answers tell."""
REGISTERS = "formal informal tu usted vosotros ustedes vous du ihr sie lei voce voi você".split()

Complete = Callable[[Request], str]
"""Gives a model's answer; raises `NoAnswer` where asking for less may help, `EngineFailed` where nothing will."""


class ChatTranslator:
    """What every engine with a chat model shares; an engine adds its name, its fingerprint and `_complete`.

    Args:
        models: names the home, which may hold prompts.

    Raises:
        UsageError: a prompt in the home cannot be used.
    """

    name: ClassVar[str]
    lines_at_once: ClassVar[int] = BATCH
    pairs = frozenset((a, b) for a in LANGUAGES for b in LANGUAGES if a != b)
    wishes = frozenset(f"register:{name}" for name in REGISTERS)

    def __init__(self, models: Models) -> None:
        self._prompts = Prompts.read(models.home)
        self._heard = False

    @property
    def _options(self) -> str:
        """The part of a fingerprint that is the same wherever a model runs."""
        return f"prompts {self._prompts.digest}, temperature {TEMPERATURE}, seed {SEED}, revision 1"

    def _complete(self, request: Request) -> str:
        raise NotImplementedError

    def translate(
        self,
        sentences: Sequence[str],
        source: str,
        target: str,
        *,
        n_best: int = 4,
        length: str = "",
        register: str = "",
        region: str = "",
    ) -> tuple[tuple[Candidate, ...], ...]:
        """As `translate_scene`, of sentences without a scene.

        Raises:
            UsageError: the pair or a wish is not offered; several lengths come without being wished.
            EngineFailed: see there.
        """
        wanted = [f"{kind}:{value}" for kind, value in (("length", length), ("register", register)) if value]
        if unknown := set(wanted) - self.wishes:
            raise UsageError(f"{self.name} has no {min(unknown)}")
        lines = tuple(SceneLine(text, register=register) for text in sentences)
        return self.translate_scene(lines, source, target, n_best=n_best, region=region)

    def translate_scene(
        self, lines: Sequence[SceneLine], source: str, target: str, *, n_best: int = 4, region: str = ""
    ) -> tuple[tuple[Candidate, ...], ...]:
        """Up to three wordings of each line, the plain one first; what has no letters is passed through.

        Raises:
            UsageError: the pair is not offered.
            EngineFailed: nothing answers, or lines have no usable answer. The message names them; their texts are in
                the details, unless the model never gave a usable answer at all.
        """
        if (source, target) not in self.pairs:
            raise UsageError(f"{self.name} does not translate {source}->{target}")
        dialogue = _Dialogue(self._prompts, self._complete, source, target, region, lines)
        asked = [at for at, line in enumerate(lines) if any(map(str.isalpha, line.text))]
        for start in range(0, len(asked), BATCH):
            dialogue.settle(asked[start : start + BATCH])
            self._heard |= bool(dialogue.found)
            if dialogue.failed and not self._heard:
                break
        if dialogue.failed:
            raise self._failure(lines, dialogue.failed)
        passed = ((Candidate(" ".join(line.text.split()), 0.0),) if line.text.strip() else () for line in lines)
        return tuple(dialogue.found.get(at, own)[:n_best] for at, own in enumerate(passed))

    def _failure(self, lines: Sequence[SceneLine], failed: Mapping[int, str]) -> EngineFailed:
        reasons = tuple(
            f"{lines[at].segment or 'a line'} {excerpt(lines[at].text)}: {why}" for at, why in failed.items()
        )
        details = {"texts": tuple(lines[at].text for at in failed), "reasons": reasons} if self._heard else {}
        never = "" if self._heard else f"{self.name} has given no usable answer yet: "
        return EngineFailed(f"{never}no usable translation of {'; '.join(reasons)}", engine=self.name, **details)


@dataclass(slots=True)
class _Dialogue:
    """What a model was asked for some lines, and by the index of a line what came of it: candidates, or why there are
    none.
    """

    prompts: Prompts
    complete: Complete
    source: str
    target: str
    region: str
    lines: Sequence[SceneLine]
    found: dict[int, tuple[Candidate, ...]] = field(default_factory=dict)
    failed: dict[int, str] = field(default_factory=dict)

    def settle(self, batch: Sequence[int]) -> None:
        """Find an answer for every line of a batch, by ever smaller batches."""
        left = self._ask_scene(batch)
        if len(batch) == 1:
            for at in left:
                self._ask_alone(at)
            return
        middle = (len(left) + 1) // 2
        for half in (left[:middle], left[middle:]):
            if half:
                self.settle(half)

    def _ask_scene(self, batch: Sequence[int]) -> list[int]:
        """Ask for a batch; gives the lines that have no usable answer."""
        ids = {at: str(number) for number, at in enumerate(batch, start=1)}
        wanted = [self.lines[at] for at in batch]
        request = self.prompts.scene_request(wanted, self.source, self.target, self.region)
        try:
            said = read_answer(self.complete(request), tuple(ids.values()))
        except NoAnswer:
            return list(batch)
        shared = self._said_of_several({at: said[ids[at]]["plain"] for at in batch})
        left = [at for at in batch if at in shared or self._is_faulty(at, said[ids[at]]["plain"], wanted)]
        for at in batch:
            if at not in left:
                self._accept(at, said[ids[at]])
        return left

    def _is_faulty(self, at: int, text: str, wanted: Sequence[SceneLine]) -> bool:
        line = self.lines[at]
        around = [said for _, said in (*line.before, *line.after)]
        around += [other.text for other in wanted if other.text != line.text]
        terms = [target for _, target in line.terms]
        fault = answer_fault(line.text, text, self.source, self.target)
        return bool(fault) or is_borrowed(line.text, terms, around, text)

    def _said_of_several(self, said: Mapping[int, str]) -> set[int]:
        """Different lines that were all answered by the same words."""
        lines: dict[str, set[int]] = {}
        for at, text in said.items():
            if size(self.lines[at].text) >= TELLING_WORDS:
                lines.setdefault(" ".join(text.casefold().split()), set()).add(at)
        several = [own for own in lines.values() if len({self.lines[at].text.casefold() for at in own}) > 1]
        return {at for own in several for at in own}

    def _ask_alone(self, at: int) -> None:
        """The last try: a line alone, without scene and JSON."""
        text = self.lines[at].text
        try:
            said = unquoted(self.complete(self.prompts.line_request(text, self.source, self.target, self.region)))
        except NoAnswer as error:
            self.failed[at] = str(error)
            return
        if fault := answer_fault(text, said, self.source, self.target):
            self.failed[at] = fault
        else:
            self._accept(at, {"plain": said})

    def _accept(self, at: int, said: Mapping[str, str]) -> None:
        """Keep the wordings that hold, each once."""
        texts: dict[str, Candidate] = {}
        for kind in WORDINGS:
            text = " ".join(said.get(kind, "").split())
            if text and not answer_fault(self.lines[at].text, text, self.source, self.target):
                texts.setdefault(text, Candidate(text, SCORES[kind]))
        self.found[at] = tuple(texts.values())
