"""Cast files keep the people of a series (`people.py`): their ids, names and voices.

A cast file is TOML that a person may edit: names and voices are theirs to change, prints are made here. Writing it
keeps comments, order and layout (tomlkit), and whoever was added to it meanwhile.

    schema = 1

    [[person]]
    id = "S1"
    name = "host"
    print = "…"                          # 256 numbers of 16 bits, base64
    voice = { es = "em_alex" }
    gender = "male"                      # how the person speaks of himself; without it the voice's
    grant = { es = "em_alex licence" }   # under which the voice spoke last; asked for anew by every run

A person's print is that of the film, or of all films, with which the person was added (`series.py`), and stays, so that
the same films give the same cast in whatever state the file is.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..consent.registry import valid_id, valid_language
from ..data import ORIGINAL
from ..errors import UsageError
from ..language.gender import GENDERS
from ..runtime import reading
from ..runtime.files import disk_errors, write_text
from ..runtime.upgrades import present_schema, upgraded
from .people import LONGEST_NAME, People, Person, free_name
from .prints import pack_print

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

KIND = "cast file"
LIMIT = 16_000_000
"""Bytes of a cast file; a person takes about 900."""
MOST_PEOPLE = 9_999
"""People in a cast file, as many as there are ids."""
_NUMBERS = 256
_ID = re.compile(r"S[1-9][0-9]{0,3}", re.ASCII)


def read_cast(path: Path) -> tuple[Person, ...]:
    """The people in a cast file; empty where there is no file.

    Raises:
        UsageError: it cannot be read, or is no cast file; the message names the file and what is wrong.
    """
    try:
        if not path.exists():
            return ()
        data = reading.read_toml(path, LIMIT)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", file=str(path)) from error
    except ValueError as error:
        raise UsageError(f"{path} is no cast file: {_line(error)}", file=str(path)) from error
    try:
        return _people(upgraded(KIND, data, str(path)) if "schema" in data else data)
    except ValueError as error:
        raise UsageError(f"{path} is no cast file: {_line(error)}", file=str(path)) from error


def _line(error: BaseException) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in str(error)).split())[:300]


def _people(data: Mapping[str, Any]) -> tuple[Person, ...]:
    if data.get("schema") != present_schema(KIND) or set(data) - {"schema", "person"}:
        raise ValueError('it must hold "schema = 1" and [[person]] tables, nothing else')
    tables = data.get("person", [])
    if not isinstance(tables, list) or len(tables) > MOST_PEOPLE:
        raise ValueError(f"person is no list of up to {MOST_PEOPLE} tables")
    people = tuple(_person(table) for table in tables)
    for what, found in (("id", [p.id for p in people]), ("name", [p.name.casefold() for p in people])):
        if repeated := sorted(value for value, times in Counter(found).items() if times > 1):
            raise ValueError(f"two people have the {what} {repeated[0]!r}")
    return people


def _person(table: Any) -> Person:
    if not isinstance(table, dict) or set(table) - {"id", "name", "print", "voice", "grant", "gender"}:
        raise ValueError("a person has id, name, print, voice, grant and gender, nothing else")
    own, name = table.get("id"), table.get("name", table.get("id"))
    if not isinstance(own, str) or not _ID.fullmatch(own):
        raise ValueError(f"{str(own)[:40]!r} is no id such as S1")
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME or not name.isprintable() or "=" in name:
        raise ValueError(f"the name of {own} is no short text without '='")
    voices, grants = table.get("voice", {}), table.get("grant", {})
    for what, by_language in (("voice", voices), ("grant", grants)):
        if not isinstance(by_language, dict) or not all(
            valid_language(k) and isinstance(v, str) and len(v) <= 200 and v.isprintable()
            for k, v in by_language.items()
        ):
            raise ValueError(f"{what} of {own} is no table of languages")
    for voice in voices.values():
        if voice != ORIGINAL and not valid_id(voice):
            raise ValueError(f"the voice {voice!r} of {own} is no voice's name")
    gender = table.get("gender", "")
    if gender not in ("", *GENDERS):
        raise ValueError(f"the gender of {own} is {' or '.join(GENDERS)}, for what it says of itself")
    return Person(own, name, _unpack_embedding(table.get("print"), own), voices, grants, gender)


def _unpack_embedding(text: Any, own: str) -> tuple[float, ...]:
    import numpy as np

    try:
        raw = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"the print of {own} is no base64") from error
    if len(raw) != 2 * _NUMBERS:
        raise ValueError(f"the print of {own} is not {_NUMBERS} numbers of 16 bits")
    values: NDArray[np.float64] = np.frombuffer(raw, "<f2").astype(np.float64)
    if not np.isfinite(values).all() or not 0.9 < float(np.linalg.norm(values)) < 1.1:
        raise ValueError(f"the print of {own} is none: its length is not 1")
    return tuple(values.tolist())


def write_cast(path: Path, people: People, voices: Mapping[str, Mapping[str, tuple[str, str]]] | None = None) -> None:
    """Write a cast file, where it would change. What a person wrote there stays as it is: comments, order, layout.

    People are added at the end; of those who are there only the voices and grants used now are set.

    Args:
        path: the file, read anew: what was edited meanwhile counts.
        people: the people of the series.
        voices: language -> speaker -> voice and grant id, as this run used them.

    Raises:
        UsageError: the file is no cast file any more, or would hold more than can be read again.
        StoreError: it cannot be written.
    """
    there = read_cast(path)
    if not people.known and not there:
        return
    used = {p.id: {t: by[p.id] for t, by in (voices or {}).items() if p.id in by} for p in people.known}
    prints = {p.id: pack_print(p.print) for p in there}
    same = {p.id for p in people.known if prints.get(p.id) == pack_print(p.print)}
    new = _assign_ids([_with_voices(p, used[p.id]) for p in people.known if p.id not in same], there)
    before = path.read_bytes().decode("utf-8") if path.exists() else ""
    text = _append_people(_update_text(before, {own: used[own] for own in same}) if before else _HEAD, new)
    if text != before:
        _require_readable(path, len(there) + len(new), text)
        with disk_errors(f"the cast file {path}"):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_text(path, text)


def _require_readable(path: Path, people: int, text: str) -> None:
    """Refuse to write what `read_cast` would refuse."""
    size = len(text.encode("utf-8"))
    if people > MOST_PEOPLE or size > LIMIT:
        raise UsageError(
            f"{path} would hold {people} people in {size} bytes, and is read up to {MOST_PEOPLE} and {LIMIT}: it stays "
            "as it is; give this series a cast file of its own with --cast, or take people out of it who come no more",
            file=str(path),
        )


def _assign_ids(new: Sequence[Person], there: Sequence[Person]) -> list[Person]:
    """New people with free ids and names, since another run may have added some meanwhile."""
    people = list(there)
    for person in new:
        taken, names = {p.id for p in people}, {p.name.casefold() for p in people}
        own = person.id if person.id not in taken else f"S{max(int(i[1:]) for i in taken) + 1}"
        name = own if person.name == person.id else person.name
        people.append(replace(person, id=own, name=free_name(name, own, names)))
    return people[len(there) :]


_HEAD = (
    "# The people of a series, as `localize` heard them. Names and voices are yours to change; an id and its\n"
    "# print belong together. Every run asks for the grant of a voice anew.\nschema = 1\n"
)


def _with_voices(person: Person, used: Mapping[str, tuple[str, str]]) -> Person:
    grants = {**person.grants, **{t: grant for t, (_, grant) in used.items()}}
    voices = {**person.voices, **{t: voice for t, (voice, _) in used.items()}}
    return replace(person, voices=voices, grants={t: grant for t, grant in grants.items() if grant})


def _update_text(text: str, used: Mapping[str, Mapping[str, tuple[str, str]]]) -> str:
    """The text of a cast file with the voices and grants of some of its people set."""
    import tomlkit

    document = tomlkit.parse(text)
    for table in document.get("person", ()):
        for language, (voice, grant) in sorted(used.get(table["id"], {}).items()):
            same = table.get("voice", {}).get(language) == voice
            _set_cell(table, "voice", language, voice)
            if grant or not same:  # who has no line to dub in one film keeps the grant of the others
                _set_cell(table, "grant", language, grant)
    return tomlkit.dumps(document)


def _set_cell(table: Any, what: str, language: str, value: str) -> None:
    """Set one cell of a person's table of voices or grants; an empty value removes it."""
    import tomlkit

    cells = table.get(what)
    if not value:
        if cells is not None:
            cells.pop(language, None)
    elif cells is None:
        _insert_key(table, what, tomlkit.value(f"{{ {language} = {_quote(value)} }}"))
    elif language not in cells:
        _insert_key(cells, language, tomlkit.item(value))
    elif cells[language] != value:
        cells[language] = value


def _insert_key(table: Any, key: str, item: Any) -> None:
    """A new key after the last one: comments that end a table are about the next one."""
    from tomlkit.items import Table

    if not isinstance(table, Table):
        table[key] = item
        return
    body = table.value.body
    closing: list[Any] = []
    while body and body[-1][0] is None:
        closing.append(body.pop()[1])
    table.append(key, item)
    for comment in reversed(closing):
        table.add(comment)


def _append_people(text: str, people: Sequence[Person]) -> str:
    """The text of a cast file with people added at its end."""
    import tomlkit
    from tomlkit.items import Array

    document = tomlkit.parse(text)
    listed = document.get("person")
    if isinstance(listed, Array):  # person = [{…}]: a table after it would not be TOML
        for person in people:
            block = reading.parse_toml(_block(person))["person"][0]
            inline = tomlkit.inline_table()
            inline.update(block)
            listed.append(inline)
        return tomlkit.dumps(document)
    return text + "\n" * (bool(people) and not text.endswith("\n")) + "".join(_block(person) for person in people)


def _block(person: Person) -> str:
    lines = ["\n[[person]]", f"id = {_quote(person.id)}", f"name = {_quote(person.name)}"]
    lines.append(f'print = "{pack_print(person.print)}"')
    lines += [f"gender = {_quote(person.gender)}"] if person.gender else []
    for what, table in (("voice", person.voices), ("grant", person.grants)):
        if table:
            cells = ", ".join(f"{_quote(k)} = {_quote(table[k])}" for k in sorted(table))
            lines.append(f"{what} = {{ {cells} }}")
    return "\n".join(lines) + "\n"


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # a basic TOML string, as no name holds control characters
