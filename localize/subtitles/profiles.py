"""Subtitle profiles: limits for one audience and language, from `profiles.toml` and the user's own files.

Sources: Netflix timed text style guides (general requirements, timing guidelines, one guide a language) and the BBC
subtitle guidelines, as condensed in the project's specification.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from fractions import Fraction
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..language.script import display_width
from ..language.structure import dialogue_dash
from ..language.tags import main_language
from ..runtime import reading

FULL_WIDTH = ("ja", "zh", "ko")
"""Languages whose lines and reading speed are counted in full-width characters."""

_LARGEST = 1_000_000
_MOST = {"lines": 4, "chars": 200, "gap": 100, "chain": 100, "shot_near": 100, "shot_far": 100}


@dataclass(frozen=True, slots=True)
class Profile:
    """The limits for one audience and language; `profiles.toml` says what each means.

    Args:
        name: the table's name.
        language: BCP 47 tag the limits were looked up for.
        lines: lines a cue.
        chars: characters a line.
        cps: characters a second.
        words_per_minute: reading speed in words where it is not 0; `cps` does not count then.
        min_duration: seconds.
        max_duration: seconds.
        linger: seconds a cue may stay after its last word.
        gap: frames between two cues.
        chain: gaps of up to so many frames at 24 a second are closed.
        shot_near: an in-time up to so many frames before a cut moves to the cut.
        shot_far: one up to so many frames before it moves to `shot_far + 1` before.
        dialogue: two speakers may share a cue, one a line.
        sentence_a_line: a new sentence starts a new line.
        sounds: sounds are written in brackets.
        labels: speakers are named.
        bilingual: the source text stands below the target's.
        forced: only what must be read is shown.
        edited: what cannot be read in time is written shorter by leaving out what a sentence stands without.
        title: for people.
    """

    name: str
    language: str
    lines: int
    chars: int
    cps: float
    words_per_minute: int
    min_duration: Fraction
    max_duration: Fraction
    linger: Fraction
    gap: int
    chain: int
    shot_near: int
    shot_far: int
    dialogue: bool
    sentence_a_line: bool
    sounds: bool
    labels: bool
    bilingual: bool
    forced: bool
    edited: bool
    title: str = ""

    @property
    def full_width(self) -> bool:
        """Whether lengths are counted in full-width characters (a Latin letter is half of one)."""
        return main_language(self.language) in FULL_WIDTH

    def length(self, text: str) -> float:
        """How much of a line a text takes, in the unit of `chars` (East Asian width)."""
        return display_width(text) / 2 if self.full_width else display_width(text)

    def reading_ms(self, characters: float, words: int) -> int:
        """The least time to read so much, in milliseconds, rounded up."""
        if self.words_per_minute:
            return -(-60_000 * words // self.words_per_minute)
        return -int(-1000 * characters // self.cps)

    def chain_frames(self, rate: Fraction) -> int:
        """The widest gap that is closed, in frames of the video: `chain` scaled from 24 to `rate` a second."""
        return round(self.chain * rate / 24)

    @property
    def dash(self) -> str:
        """What starts a line of a cue that two speakers share."""
        return dialogue_dash(self.language)


def names(extra: Path | None = None) -> tuple[str, ...]:
    """The profiles there are, the user's included."""
    return tuple(_tables(extra))


def label(profile: str) -> str:
    """A profile's name in file names: "easy", "cinema" of "house.toml#cinema" and of "cinema.toml"."""
    path, _, table = profile.partition("#")
    return re.sub(r"[^\w-]", "_", table or (Path(path).stem if path.lower().endswith(".toml") else path))[:40]


def load(name: str, language: str, extra: Path | None = None) -> Profile:
    """The profile `name` for a language.

    Args:
        name: a table of `profiles.toml` or of `extra`; or a TOML file that holds one ("cinema.toml"); or one table of
            a file that holds several ("house.toml#cinema").
        language: BCP 47 tag; limits of its main language count.
        extra: a TOML file with tables of the user's own.

    Raises:
        UsageError: there is no such profile; a table has an unknown key or a value of the wrong kind.
    """
    path, mark, table = name.partition("#")
    if extra is None and path.lower().endswith(".toml"):
        name, extra = table if mark else _only_table(Path(path)), Path(path)
    tables = _tables(extra)
    if name not in tables:
        raise UsageError(f"unknown profile {name!r}; known are: {', '.join(tables)}", profile=name, known=tuple(tables))
    values = dict(_resolve(name, tables, ()))
    main = main_language(language)
    for key in ("chars", "cps"):
        by_language = values.pop(f"{key}_by", {})
        if not isinstance(by_language, dict):
            raise UsageError(f"profile {name!r}: {key}_by is no table of languages", profile=name)
        values[key] = by_language.get(language, by_language.get(main, values[key]))
    try:
        for key in ("min_duration", "max_duration", "linger"):
            values[key] = _seconds(values[key])
        return _check(Profile(name=name, language=language, **values))
    except (TypeError, ValueError, ZeroDivisionError, KeyError) as error:
        raise UsageError(f"profile {name!r}: {error}", profile=name) from error


def load_each(names: Sequence[str], language: str) -> tuple[Profile, ...]:
    """Several profiles for a language; raises as `load`."""
    return tuple(load(name, language) for name in names)


def _seconds(value: Any) -> Fraction:
    text = str(value)
    if not re.fullmatch(r"\d{1,4}(?:\.\d{1,6}|/\d{1,4})?", text):
        raise ValueError(f"{text[:40]!r} is no number of seconds, such as 1.5 or 5/6")
    return Fraction(text)


def _only_table(path: Path) -> str:
    tables = list(_read_user_profiles(path))
    if len(tables) != 1:
        several = f"; name one of its tables, such as {path}#{tables[0]}" if tables else ""
        raise UsageError(f"{path} holds {len(tables)} profiles, not one{several}", file=str(path))
    return tables[0]


def _read_user_profiles(extra: Path) -> dict[str, Any]:
    """The tables of a user's file, still unchecked."""
    try:
        return reading.read_toml(extra, _LARGEST)
    except OSError as error:
        raise UsageError(f"{extra.name}: profiles cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise UsageError(f"{extra.name}: no profiles can be read from it: {error}") from error


@cache
def _own_tables() -> dict[str, dict[str, Any]]:
    """The tables of `profiles.toml`, not to be changed."""
    return tomllib.loads(resources.files(__package__).joinpath("profiles.toml").read_text(encoding="utf-8"))


def _tables(extra: Path | None) -> dict[str, dict[str, Any]]:
    tables = _own_tables()
    if extra is None:
        return tables
    own = _read_user_profiles(extra)
    known = {f.name for f in fields(Profile)} - {"name", "language"} | {"base", "chars_by", "cps_by"}
    for name, table in own.items():
        if not isinstance(table, dict):
            raise UsageError(f"{extra.name}: {name!r} is outside of a profile's table")
        if unknown := set(table) - known:
            raise UsageError(
                f"{extra.name}: profile {name!r} has an unknown key {sorted(unknown)[0]!r}; "
                f"known are: {', '.join(sorted(known))}"
            )
    return tables | own


def _resolve(name: str, tables: dict[str, dict[str, Any]], seen: tuple[str, ...]) -> dict[str, Any]:
    table = dict(tables[name])
    base = table.pop("base", "netflix" if name != "netflix" else None)
    if base is None or name in seen:
        return table
    if not isinstance(base, str) or base not in tables:
        raise UsageError(f"profile {name!r} starts from an unknown profile {base!r}; known are: {', '.join(tables)}")
    # A limit of one's own is not undone by what the base says for a language.
    own: dict[str, Any] = {f"{key}_by": {} for key in ("chars", "cps") if key in table}
    return _resolve(base, tables, (*seen, name)) | own | table


def _check(profile: Profile) -> Profile:
    for key in ("lines", "chars", "gap", "chain", "shot_near", "shot_far", "words_per_minute"):
        value = getattr(profile, key)
        least = 1 if key in ("lines", "chars") else 0
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= _MOST.get(key, 1000):
            raise ValueError(f"{key} = {value!r} is no count from {least} to {_MOST.get(key, 1000)}")
    if isinstance(profile.cps, bool) or not isinstance(profile.cps, int | float) or not 0 < profile.cps < 10_000:
        raise ValueError(f"cps = {profile.cps!r} is no reading speed")
    if not 0 <= profile.min_duration <= profile.max_duration or profile.linger < 0:
        raise ValueError("durations must not be negative and the longest not shorter than the shortest")
    for key in ("dialogue", "sentence_a_line", "sounds", "labels", "bilingual", "forced", "edited"):
        if not isinstance(getattr(profile, key), bool):
            raise ValueError(f"{key} must be true or false")
    return profile
