"""What a chat model is asked for the lines of a scene: the prompts, the scene, the JSON wanted, and how that is read.

The prompts are the files `prompts/scene.txt` and `prompts/line.txt` beside this one. Files of these names in the folder
`prompts` of the home take their place. They may say $source, $target and $audience.
"""

from __future__ import annotations

import hashlib
import json
import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..data import SceneLine
from ..errors import UsageError
from ..language.tags import language_name
from ..runtime import reading
from .answer_checks import REFUSAL

WORDINGS = ("plain", "short", "long")
PROMPT_LIMIT = 64 << 10
_UNSEEN = str.maketrans("", "", "\u00ad\u200b\u200e\u200f\ufeff")
"""Soft hyphens and marks without width that some models write between words; other controls are refused."""


class NoAnswer(Exception):  # noqa: N818 - it is no error yet: the lines are asked again
    """A request had no usable answer; the text says why."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a model is asked.

    Args:
        system: the instruction.
        user: what it is about; never an instruction.
        schema: of the JSON wanted; None for plain text.
        most_tokens: of the answer.
    """

    system: str
    user: str
    schema: Mapping[str, Any] | None
    most_tokens: int


@dataclass(frozen=True, slots=True)
class Prompts:
    """The two instructions: for a scene, and for a line alone."""

    scene: string.Template
    line: string.Template

    @classmethod
    def read(cls, home: Path) -> Prompts:
        """The user's own where the home has them, else those that come with the toolkit.

        Raises:
            UsageError: a file cannot be read, or says a $word that is not known.
        """
        return cls(_template("scene.txt", home), _template("line.txt", home))

    @property
    def digest(self) -> str:
        """Changes with any letter of them."""
        text = f"{self.scene.template}\0{self.line.template}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def scene_request(self, wanted: Sequence[SceneLine], source: str, target: str, region: str) -> Request:
        """Three wordings of each line, as an object by its number from "1"."""
        wording = {
            "type": "object",
            "properties": {kind: {"type": "string"} for kind in WORDINGS},
            "required": list(WORDINGS),
            "additionalProperties": False,
        }
        ids = [str(number) for number in range(1, len(wanted) + 1)]
        schema = {
            "type": "object",
            "properties": dict.fromkeys(ids, wording),
            "required": ids,
            "additionalProperties": False,
        }
        user = json.dumps({"scene": scene_of(wanted)}, ensure_ascii=False)
        system = self.scene.substitute(_words(source, target, region))
        return Request(system, user, schema, 512 + sum(3 * (len(line.text) + 16) for line in wanted))

    def line_request(self, text: str, source: str, target: str, region: str) -> Request:
        """One wording of one line, as plain text."""
        system = self.line.substitute(_words(source, target, region))
        return Request(system, json.dumps(text, ensure_ascii=False), None, 256 + 4 * len(text))


def _words(source: str, target: str, region: str) -> dict[str, str]:
    """What the prompts may say."""
    home = language_name(f"{target}-{region}").partition(" [")[0] if region else ""
    return {
        "source": language_name(source).partition(" [")[0],
        "target": language_name(target).partition(" [")[0],
        "audience": f"The audience speaks {home}." if home else "",
    }


def _template(name: str, home: Path) -> string.Template:
    own = home / "prompts" / name
    path = own if own.is_file() else Path(__file__).with_name("prompts") / name
    try:
        template = string.Template(reading.read_text(path, PROMPT_LIMIT))
        template.substitute(source="", target="", audience="")
    except (OSError, ValueError) as error:
        raise UsageError(f"the prompt {path} cannot be read: {error}") from error
    except KeyError as error:
        raise UsageError(f"the prompt {path} says ${error.args[0]}: it may say $source, $target, $audience") from error
    return template


def scene_of(wanted: Sequence[SceneLine]) -> list[dict[str, Any]]:
    """The scene of some lines in order of time: those wanted numbered from 1, what is said around them once each."""
    shown: list[dict[str, Any]] = []
    said: list[tuple[str, str]] = []

    def tell(lines: Sequence[tuple[str, str]]) -> None:
        shown.extend({"speaker": speaker, "text": text} for speaker, text in lines)
        said.extend(lines)

    last: SceneLine | None = None
    for number, line in enumerate(wanted, start=1):
        if last is None or not _follows(line, last):
            tell(last.after if last else ())
            known = next(k for k in range(len(line.before), -1, -1) if said[len(said) - k :] == list(line.before[:k]))
            tell(line.before[known:])
        entry: dict[str, Any] = {"id": str(number), "speaker": line.speaker, "text": line.text}
        entry |= {"syllables": line.syllables} if line.syllables else {}
        entry |= {"register": line.register} if line.register else {}
        entry |= {"terms": dict(line.terms)} if line.terms else {}
        shown.append(entry)
        said.append((line.speaker, line.text))
        last = line
    tell(last.after if last else ())
    return shown


def _follows(line: SceneLine, last: SceneLine) -> bool:
    """Whether a line comes next after another, by what is around both.

    Not by its own text: it may be asked in other words than its neighbours are told.
    """
    earlier, later = line.before[:-1], last.after[1:]
    same = earlier == last.before[len(last.before) - len(earlier) :] and later == line.after[: len(later)]
    return bool(line.before) and bool(last.after) and line.before[-1][0] == last.speaker and same


def read_answer(text: str, ids: Sequence[str]) -> dict[str, dict[str, str]]:
    """The wordings of every id in a model's answer; words and fences around the JSON are overlooked, nothing else is.

    Raises:
        NoAnswer: there is no whole JSON object, or it does not hold every id once with three texts.
    """
    body = text.rpartition("</think>")[2]
    begin, end = body.find("{"), body.rfind("}")
    if begin < 0 or end < begin:
        raise NoAnswer("it refused" if REFUSAL.search(text) else "its answer is no whole JSON object")
    try:
        found = reading.parse_json(body[begin : end + 1])
    except ValueError as error:
        raise NoAnswer("its answer is no whole JSON object") from error
    if not isinstance(found, dict) or set(found) != set(ids):
        raise NoAnswer("its answer has other lines than were asked for")
    for own in found.values():
        if not isinstance(own, dict) or not all(isinstance(own.get(kind), str) for kind in WORDINGS):
            raise NoAnswer("its answer lacks a wording")
    return {number: {kind: own[kind].translate(_UNSEEN) for kind in WORDINGS} for number, own in found.items()}


def unquoted(text: str) -> str:
    """An answer in plain text without what models put around it: thoughts, a fence, quotation marks."""
    text = text.rpartition("</think>")[2].strip()
    text = re.sub(r"^```\w*\s*|\s*```$", "", text).strip()
    for first, last in ('""', "“”", "«»", "''"):
        if len(text) > 1 and text[0] == first and text[-1] == last and text.count(first) + text.count(last) in (2, 4):
            text = text[1:-1]
            break
    return " ".join(text.translate(_UNSEEN).split())


def excerpt(text: str) -> str:
    """The begin of a line, quoted, for a message."""
    flat = " ".join(text.split())
    return json.dumps(flat if len(flat) <= 60 else f"{flat[:59]}…", ensure_ascii=False)
