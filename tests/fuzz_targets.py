"""Every reader of files from outside, fed with damaged files: what `make fuzz` and `tests/fuzz` run.

A target is a reader and files in order. They are damaged at random (`mutated_files.py`; members of an archive are damaged
within, too), and read. Nothing but a `LocalizeError` of one line may come out, in `SECONDS` of the processor and
`MEMORY_MB`, and nothing may be written but in the reader's own folder. A reader works in a process of its own, which
leaves the file it is at where a crash of C code can be told of.

Over 400 lines: readers, files in order and the runner are one table.
"""

# ruff: noqa: E402, E501 - found from other folders, too; files as they are

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import random
import resource
import shutil
import signal
import struct
import sys
import tempfile
import time
import traceback
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from made_documents import document, table
from made_workbooks import cells, workbook
from mutated_files import mutated

SECONDS = 10
MEMORY_MB = 2048
SHARED = HERE.parents[1] / "shared"
LOG = struct.Struct("<qqd")
"""What a child has done: files, refused ones, seconds of the slowest; written after each, so that a crash takes none away."""
Reader = Callable[[Path], object]
JSON_TOKENS = (
    b"null", b"[]", b"{}", b'""', b"-1", b"1e999", b"true", b"99999999999999999999", b'"\\ud800"', b"[[[[[[", b'"../../x"',
    b"0.5", b'"\\u0000"', b"NaN", b"-0", b'"es"',
)  # fmt: skip


@dataclass(frozen=True)
class Target:
    """A reader of outside data.

    Args:
        read: reads one file.
        seeds: name -> bytes of files in order.
        shared: patterns of more of them below `../shared`.
    """

    read: Reader
    seeds: Mapping[str, bytes]
    shared: Sequence[str] = ()

    def files(self) -> list[tuple[str, bytes]]:
        """All seeds, by name."""
        more = [p for pattern in self.shared for p in sorted(SHARED.glob(pattern)) if p.stat().st_size < 300_000]
        return [*self.seeds.items(), *((p.name, p.read_bytes()) for p in more)]


@dataclass
class Found:
    """What a target came to.

    Args:
        runs: files that were read.
        refused: of them, those that were refused in order.
        crashes: what came out otherwise, each with the file.
        slowest_s: seconds of the processor that the slowest file took.
    """

    runs: int = 0
    refused: int = 0
    slowest_s: float = 0.0
    crashes: list[tuple[str, str, bytes]] = field(default_factory=list)


# --- readers -----------------------------------------------------------------------------------------------------------


def _home() -> Any:
    from localize.consent import Home

    return Home.open(Path("home").absolute())


def _run() -> Any:
    from localize.events import Run
    from localize.models import Models
    from localize.runtime.store import Store

    return Run(Store(Path("store").absolute()), _home(), Models())


def read_subtitles(path: Path) -> None:
    """Read, and write again in its own format."""
    from fractions import Fraction

    from localize.timedtext import formats

    found = formats.read(path)
    fmt = formats.format_of(path.name)
    if fmt is not None and fmt.writable:
        formats.to_bytes(found, fmt.name, frame_rate=Fraction(25))


def read_words(path: Path) -> None:
    """A given transcript, of any kind."""
    from localize.scripts import Wanted
    from localize.transcription.given import read_given

    read_given(_run(), path, Wanted(), "en")


def read_media(path: Path) -> None:
    """What a film is, and its sound."""
    from localize.media import probe

    found = probe(path)
    if any(stream.kind == "audio" for stream in found.streams):
        from localize.media.decode import decode_on_clock

        index = next(stream.index for stream in found.streams if stream.kind == "audio")
        decode_on_clock(path, index, path.parent / "decoded.wav")


def read_edits(path: Path) -> None:
    """Corrections."""
    from localize.transcription.edits import read_edits

    read_edits(path)


def read_review(path: Path) -> None:
    """Decisions."""
    from localize.review.log import read_review

    read_review(path)


def read_master(path: Path) -> None:
    """The words of a delivered dub."""
    from localize.runtime.files import read_json
    from localize.transcription.master import read_master

    read_master(read_json(path, 1 << 24), path.name)


def read_cast(path: Path) -> None:
    """People of a series."""
    from localize.speakers.cast_file import read_cast

    read_cast(path)


def read_glossary(path: Path) -> None:
    """Terms of a client, in any form."""
    from localize.translation.glossary import read_glossary

    read_glossary(path, ("es",))


def read_style(path: Path) -> None:
    """A style sheet."""
    from localize.translation.style_sheet import read_style

    read_style(path, ("es",))


def read_pronunciations(path: Path) -> None:
    """How words are said."""
    from localize.language.spoken.pronunciations import read_pronunciations

    read_pronunciations(path)


def read_memory(path: Path) -> None:
    """A translation memory: TMX, XLIFF."""
    from localize.translation.memory import read_memory

    read_memory(path, ("es",))


def read_xliff(path: Path) -> None:
    """What a translator returns."""
    from localize.translation.xliff import read_xliff

    read_xliff(path)


def read_list(path: Path) -> None:
    """The films of a batch."""
    from localize.batches.planning import plan_titles
    from localize.job import Job

    (path.parent / "a.mp4").touch()
    plan_titles(Job(path, to=("es",)), path.parent / "out")


def read_report(path: Path) -> None:
    """Outcomes of an earlier batch, and of titles dubbed by themselves."""
    from localize.batches.outcomes import earlier_outcomes, read_outcome
    from localize.job import Job

    job = Job(path, to=("es",))
    earlier_outcomes(path, [job])
    read_outcome(path, job)


def read_configuration(path: Path) -> None:
    """localize.toml."""
    from localize.config import apply_configuration
    from localize.job import Job

    apply_configuration(Job(Path("a.mp4"), to=("es",)), frozenset(), path)


def read_profile(path: Path) -> None:
    """A subtitle profile of one's own."""
    from localize.subtitles.profiles import load

    load(str(path), "es")


def read_card(path: Path) -> None:
    """An enrolled voice's card, as a home has it."""
    from localize.consent.registry import card

    home = _home()
    folder = home.folder / "voices" / "ann"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, folder / "voice.toml")
    card(home, "ann")


def read_pack(path: Path) -> None:
    """A voice from another home."""
    from localize.consent.packs import import_voice

    import_voice(_home(), path, "ab" * 32)


def read_revocations(path: Path) -> None:
    """A list of what another home revoked."""
    from localize.consent.revocation_list import import_revocations

    import_revocations(_home(), path, "ab" * 32)


def ledger_target() -> Target:
    """The ledger of a home, one of its files damaged: checked, summed, added to."""
    from localize.consent import Home, ledger
    from localize.consent.voice_usage import usage

    with tempfile.TemporaryDirectory() as folder:
        source = Home.open(Path(folder) / "home")
        for number in range(4):
            spoken = {"voice": "em_alex", "grant": "g", "title": "t", "language": "es", "segments": [f"s{number}"]}
            ledger.append(source, "synthesis", **spoken, spoken_ms=9, audio=[])
        whole = {p.relative_to(source.folder): p.read_bytes() for p in source.folder.rglob("*") if p.is_file()}

    def read(path: Path) -> None:
        home = _home()
        for name, data in whole.items():
            (home.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (home.folder / name).write_bytes(path.read_bytes() if name.name == path.name else data)
        ledger.verify(home.ledger)
        usage(home)
        ledger.append(home, "clock", reason="fuzzing")

    return Target(read, {p.name: d for p, d in whole.items() if p.suffix in (".jsonl", ".json", ".key")})


def read_pin(path: Path) -> None:
    """The hashes that a home pinned for a pulled model."""
    from localize.models import Models
    from localize.models.model import catalogue

    model = next(m for m in catalogue().values() if m.pulled)
    models = Models(home=_home().folder)
    target = models.pin_path(model)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, target)
    models.pin(model)


def read_signature(path: Path) -> None:
    """C2PA manifests, and files that carry none."""
    from localize.provenance.checks import verify

    verify([path], _home())


def read_table(path: Path) -> None:
    """A dialogue list as it comes back."""
    from localize.review.dapt import read_dapt
    from localize.review.sheets import read_table

    if path.suffix == ".ttml":
        read_dapt(path, "en", "es")
    else:
        read_table(path)


# --- files in order ----------------------------------------------------------------------------------------------------


def made(make: Callable[[Path], object], name: str) -> dict[str, bytes]:
    """The bytes that a maker of files writes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        make(path)
        return {name: path.read_bytes()}


def subtitle_seeds() -> dict[str, bytes]:
    """Small files of every format, and what they become in others."""
    from fractions import Fraction

    from localize.timedtext import formats

    srt = b"1\n00:00:01,000 --> 00:00:02,000\n<i>one</i>\n{\\an8}two\n\n2\n00:00:03,000 --> 00:00:04,000\n- a\n- b\n"
    found, known = formats.parse(srt, "a.srt"), {"a.srt": srt}
    for fmt in formats.FORMATS:
        if fmt.writable:
            try:
                known[f"a{fmt.suffixes[0]}"] = formats.to_bytes(found, fmt.name, frame_rate=Fraction(25))[0]
            except Exception:  # a format that cannot hold this
                continue
    return known


def media_seeds() -> dict[str, bytes]:
    """A second of film in several containers, and sounds."""
    from localize.media import run_ffmpeg, url

    sounds = {"a.wav": "pcm_s24le", "a.flac": "flac", "a.mp3": "libmp3lame", "a.ogg": "libvorbis", "a.w64": "pcm_s16le"}
    films = {
        "a.mp4": "aac",
        "a.mkv": "aac",
        "a.mov": "pcm_s16le",
        "a.ts": "aac",
        "a.avi": "libmp3lame",
        "a.webm": "libopus",
    }
    tone = ["-v", "error", "-f", "lavfi", "-i", "sine=330:duration=0.6"]
    picture = ["-f", "lavfi", "-i", "testsrc2=size=32x32:rate=10:duration=0.6"]
    seeds: dict[str, bytes] = {}
    for name, codec in {**sounds, **films}.items():
        video = (
            [] if name in sounds else [*picture, "-c:v", "libvpx" if name.endswith("webm") else "mpeg4", "-shortest"]
        )
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            run_ffmpeg([*tone, *video, "-c:a", codec, url(path)], "a seed")
            seeds[name] = path.read_bytes()
    return seeds


def script_seeds() -> dict[str, bytes]:
    """Scripts of every kind."""
    rows = [cells("Time", "Character", "Dialogue", row=1), cells("00:00:01:00", "ANN", "Where are they?", row=2)]
    fountain = b"INT. ROOM - DAY\n\nANN\n(low)\nWhere are they?\n\nTOM\nOn the table.\n"
    fdx = b'<?xml version="1.0"?><FinalDraft DocumentType="Script" Version="1"><Content><Paragraph Type="Character"><Text>ANN</Text></Paragraph><Paragraph Type="Dialogue"><Text>Where?</Text></Paragraph></Content></FinalDraft>'
    return {
        "a.fountain": fountain,
        "a.fdx": fdx,
        "a.txt": b"ANN: Where are they?\nTOM: On the table.\n",
        "a.csv": b"Time,Character,Dialogue\n00:00:01:00,ANN,Where are they?\n00:00:03:00,TOM,There.\n",
        **made(lambda path: workbook(path, {"s": "".join(rows)}), "a.xlsx"),
        **made(
            lambda path: document(path, "ANN", table(("Time", "Name", "Text"), ("00:00:01:00", "ANN", "Hi."))), "a.docx"
        ),
    }


EDITS = {
    "schema": 1,
    "edits": [{"segment": "s0001", "source": "Hi.", "translation": {"es": "Hola."}, "voice": "em_alex", "start_ms": 5, "end_ms": 900, "heard": "Hi", "voices": {"es": "ef_dora"}}],
    "lines": [{"kind": "split", "segment": "s0002", "other": "s0002b", "at_ms": 9, "word": 1}],
}  # fmt: skip
CAST = b'schema = 1\n\n[[person]]\nid = "S1"\nname = "Ann"\ngender = "female"\nprint = "%s"\n\n[person.voice]\nes = "ef_dora"\n'
GLOSSARY = b"source\tes\tnote\nkey\tllave\tdo not inflect\nBob\t=\t\n"
TBX = b'<?xml version="1.0"?><tbx type="TBX-Basic" xml:lang="en" xmlns="urn:iso:std:iso:30042:ed-2"><text><body><conceptEntry id="1"><langSec xml:lang="en"><termSec><term>key</term></termSec></langSec><langSec xml:lang="es"><termSec><term>llave</term></termSec></langSec></conceptEntry></body></text></tbx>'
STYLE = b'units = "converted"\nprofanity = "softened"\nnumbers = "words"\ndo_not_translate = ["Bob"]\nregister = {es = "informal"}\nregions = {es = "MX"}\n'
SAID = b"NASA\tnasa\tes\nKane\t/kein/\n# a remark\n"
TMX = b'<?xml version="1.0"?><tmx version="1.4"><header srclang="en" datatype="plaintext" segtype="sentence" adminlang="en" creationtool="x" creationtoolversion="1" o-tmf="x"/><body><tu><tuv xml:lang="en"><seg>Hi <bpt i="1">b</bpt>x<ept i="1"/></seg></tuv><tuv xml:lang="es"><seg>Hola</seg></tuv></tu></body></tmx>'
XLF12 = b'<?xml version="1.0"?><xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2"><file source-language="en" target-language="es" original="a" datatype="plaintext"><body><trans-unit id="s0001"><source>Hi <g id="1">x</g></source><target state="final">Hola</target></trans-unit></body></file></xliff>'
XLF2 = b'<?xml version="1.0"?><xliff version="2.0" srcLang="en" trgLang="es" xmlns="urn:oasis:names:tc:xliff:document:2.0"><file id="f"><unit id="s0001"><segment state="final"><source>Hi <pc id="1">x</pc></source><target>Hola</target></segment></unit></file></xliff>'
LIST = b"file,to,from,stream,speakers,voice,me,timing,bed,loudness\na.mp4,es;pt,en,1,2,S1=em_alex;S2=original,,natural,duck,netflix\n"
LIST_JSON = (
    b'[{"file": "a.mp4", "to": ["es"], "from": "en", "speakers": 2, "voice": {"S1": "em_alex"}, "loudness": -23}]'
)
REPORT = {
    "schema": 1, "folder": "in", "to": ["es"], "finished": False, "exit_code": None, "report": "r", "junit": "x",
    "files": [{"input": "a.mp4", "request": "ab", "state": "ok", "tried": True, "ok": True, "exit_code": 0, "error": None, "seconds": 1.5, "made": 3, "hits": 0, "targets": [], "warnings": [{"code": "c", "message": "m"}]}],
}  # fmt: skip
CONFIG = b'voice = {S1 = "em_alex"}\nformat = ["srt", "vtt"]\nprofile = "netflix"\nbed = "duck"\nloudness = "netflix"\nengine = {translator = "marian"}\n'
PROFILE = b'[house]\nbase = "netflix"\nchars = 40\ncps = 15.5\nlines = 2\nmin_duration = 0.8\nmax_duration = 7\n'
CARD = (
    b'schema = 1\nid = "ann"\nname = "Ann"\nlanguages = ["es"]\ngender = "female"\nengine = "coqui"\n[files]\n"voice.wav" = "'
    + b"ab" * 32
    + b'"\n'
)
PIN = (
    b'{"schema": 1, "model": "x", "revision": "r", "terms": "", "day": "2026-11-22", "files": [{"name": "a", "sha256": "'
    + b"ab" * 32
    + b'", "size": 9, "parts": [], "url": ""}], "derived": {}}'
)
REVOKED = (
    b'{"issuer":"'
    + b"ab" * 32
    + b'","number":1,"revoked":{"ann":"2026-11-22"},"grants":{},"schema":1,"signature":"'
    + b"cd" * 64
    + b'"}\n'
)


def pack_seed(path: Path) -> None:
    """A voice pack by its outer form."""
    known = CARD.replace(b"ab" * 32, hashlib.sha256(b"RIFF").hexdigest().encode())
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("pack.json", json.dumps({"schema": 1, "voice": "ann", "issuer": "ab" * 32}))
        archive.writestr("voice.toml", known)
        archive.writestr("voice.wav", b"RIFF")
        archive.writestr("grants/a.json", b'{"schema": 1}')


def dub_seeds() -> dict[str, bytes]:
    """The words of a dub, the decisions about it, and its dialogue lists as they are sent away."""
    from made_dubs import make_dub

    from localize.review import append, review_path
    from localize.review.events import Event
    from localize.review.offline import export_dialogue

    with tempfile.TemporaryDirectory() as folder:
        out = make_dub(Path(folder), [("Where are they?", "¿Dónde están?"), ("There.", "Ahí.")])
        seeds = {"m.json": (out / "film.master.json").read_bytes()}
        edit = Event("edit_translation", line="s0001", language="es", text="¿Dónde?")
        append(out, [Event("comment", text="a note"), edit], expected=0, who="Ann")
        seeds["r.json"] = review_path(out).read_bytes()
        for form, name in (("csv", "t.csv"), ("xlsx", "t.xlsx"), ("docx", "t.docx"), ("dapt", "t.ttml")):
            export_dialogue(out, form, Path(folder) / name)
            seeds[name] = (Path(folder) / name).read_bytes()
    return seeds


def cast_seed() -> bytes:
    """A person whose voice was measured."""
    import numpy as np

    from localize.speakers import cast_file

    numbers = np.full(cast_file._NUMBERS, cast_file._NUMBERS**-0.5, "<f2")
    return CAST % base64.b64encode(numbers.tobytes())


def signature_seeds() -> dict[str, bytes]:
    """A WAV, and what looks like a manifest."""
    return {
        "a.wav": media_seeds()["a.wav"],
        "a.wav.c2pa": b"\x00\x00\x00\x2ejumb\x00\x00\x00\x1ejumdc2pa\x00\x11\x00\x10\x80\x00\x00\xaa\x008\x9bq\x03c2pa\x00",
    }


def targets() -> dict[str, Callable[[], Target]]:
    """Every target by name; its seeds are made when it is asked for."""
    given: dict[str, Callable[[], Target]] = {
        "subtitles": lambda: Target(read_subtitles, subtitle_seeds(), ("cases/subtitles/**/*.*", "media/6_subtitles/*.*")),
        "transcripts": lambda: Target(read_words, script_seeds() | {"a.master.json": dub_seeds()["m.json"]}),
        "media": lambda: Target(read_media, media_seeds()),
        "edits": lambda: Target(read_edits, {"e.json": json.dumps(EDITS).encode()}),
        "review": lambda: Target(read_review, {"r.json": dub_seeds()["r.json"]}),
        "master": lambda: Target(read_master, {"m.json": dub_seeds()["m.json"]}),
        "cast": lambda: Target(read_cast, {"cast.toml": cast_seed()}),
        "glossary": lambda: Target(read_glossary, {"g.tsv": GLOSSARY, "g.tbx": TBX, **made(lambda p: workbook(p, {"s": cells("source", "es") + cells("key", "llave", row=2)}), "g.xlsx")}),
        "style": lambda: Target(read_style, {"s.toml": STYLE}),
        "pronunciations": lambda: Target(read_pronunciations, {"p.tsv": SAID}),
        "memory": lambda: Target(read_memory, {"m.tmx": TMX, "m.xlf": XLF12}),
        "xliff": lambda: Target(read_xliff, {"a.xlf": XLF12, "b.xlf": XLF2}),
        "lists": lambda: Target(read_list, {"l.csv": LIST, "l.json": LIST_JSON}),
        "reports": lambda: Target(read_report, {"r.json": json.dumps(REPORT).encode()}),
        "configuration": lambda: Target(read_configuration, {"localize.toml": CONFIG}),
        "profiles": lambda: Target(read_profile, {"house.toml": PROFILE}),
        "cards": lambda: Target(read_card, {"voice.toml": CARD}),
        "packs": lambda: Target(read_pack, made(pack_seed, "a.zip")),
        "revocations": lambda: Target(read_revocations, {"r.json": REVOKED}),
        "ledger": ledger_target,
        "pins": lambda: Target(read_pin, {"p.json": PIN}),
        "signatures": lambda: Target(read_signature, signature_seeds()),
        "tables": lambda: Target(read_table, {name: data for name, data in dub_seeds().items() if name.startswith("t.")}),
    }  # fmt: skip
    return given


# --- damage ------------------------------------------------------------------------------------------------------------


def damaged(name: str, data: bytes, chance: random.Random) -> bytes:
    """A file in order, changed: of an archive mostly a member, of JSON and TOML mostly a value."""
    if data.startswith(b"PK") and chance.random() < 0.8:
        return _damaged_archive(data, chance)
    if name.endswith((".json", ".toml", ".jsonl")) and chance.random() < 0.6:
        return _other_value(data, chance)
    return mutated(data, chance)


def _damaged_archive(data: bytes, chance: random.Random) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        names = source.namelist()
        chosen = chance.choice(names)
        for name in names:
            member = source.read(name)
            target.writestr(name, damaged(name, member, chance) if name == chosen else member)
    return out.getvalue()


def _other_value(data: bytes, chance: random.Random) -> bytes:
    """A value in the place of another, or of a part of it."""
    marks = [n for n, byte in enumerate(data) if byte in b":=,[{"]
    if not marks:
        return mutated(data, chance)
    at = chance.choice(marks) + 1
    end = next((n for n in range(at, len(data)) if data[n] in b",]}\n"), len(data))
    out = data[:at] + chance.choice(JSON_TOKENS) + data[end:]
    return out if chance.random() < 0.7 else mutated(out, chance)


# --- running -----------------------------------------------------------------------------------------------------------


def fuzz(target: Target, *, seed: int, runs: int = 0, seconds: float = 0.0, keep: Path | None = None) -> Found:
    """Read damaged files in a child, one after another; in another child where one crashed.

    Args:
        target: whose reader.
        seed: says how files are damaged.
        runs: how many files at most; 0 for no end.
        seconds: of the processor, for how long; 0 for no end.
        keep: where a file that crashed is put at once, so that it is there if this is stopped.
    """
    found, files = Found(), target.files()
    begun, left_s = 0, seconds or 1e9
    with tempfile.TemporaryDirectory() as folder:
        while (not runs or begun < runs) and left_s > 0:
            place = Path(folder) / f"c{begun}"
            place.mkdir()
            if not (child := os.fork()):
                _read_many(target.read, files, place, seed, range(begun, runs or sys.maxsize), left_s)
            before = _spent()
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            begun = _tally(place, found, begun, status)
            if status and keep:
                name, _, data = found.crashes[-1]
                keep.mkdir(parents=True, exist_ok=True)
                (keep / kept_name(name, data)).write_bytes(data)
            left_s -= _spent() - before
            shutil.rmtree(place)
    return found


def kept_name(name: str, data: bytes) -> str:
    """How a file that crashed a reader is called: the same for the same bytes."""
    return f"{hashlib.sha256(data).hexdigest()[:12]}-{name}"


def _spent() -> float:
    """Seconds of the processor that children took."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _used() -> float:
    """Seconds of the processor that this process and what it waited for took."""
    return time.process_time() + _spent()


def _tally(place: Path, found: Found, begun: int, status: int) -> int:
    """Add what a child came to; gives the number of the next file."""
    runs, refused, slowest_s = LOG.unpack((place / "log").read_bytes())
    found.runs += runs
    found.refused += refused
    found.slowest_s = max(found.slowest_s, slowest_s)
    if status:
        (name,) = [p for p in (place / "at").iterdir() if p.is_file() and not p.name.startswith("a.mp4.")][:1] or [
            Path("none")
        ]
        said = (place / "crash").read_text("utf-8", "replace") if (place / "crash").exists() else f"ended with {status}"
        found.crashes.append((name.name, said, name.read_bytes() if name.exists() else b""))
        found.runs += 1
    return begun + int(runs) + bool(status)


def _read_many(
    read: Reader, files: Sequence[tuple[str, bytes]], place: Path, seed: int, turns: range, left_s: float
) -> None:
    """In a child: never returns."""
    code, refused, slowest_s = 0, 0, 0.0
    began, log = _used(), os.open(place / "log", os.O_WRONLY | os.O_CREAT)
    try:
        os.pwrite(log, LOG.pack(0, 0, 0.0), 0)
        os.chdir(place)
        _limit(place)
        for number, turn in enumerate(turns, 1):
            if _used() - began > left_s:
                break
            chance = random.Random(f"{seed} {turn}")
            name, data = files[turn % len(files)] if turn < len(files) else chance.choice(files)
            said, took = _read_one(read, name, data if turn < len(files) else damaged(name, data, chance), place)
            refused, slowest_s = refused + said, max(slowest_s, took)
            os.pwrite(log, LOG.pack(number, refused, slowest_s), 0)
    except BaseException:
        (place / "crash").write_text(traceback.format_exc()[-3000:])
        code = 1
    os._exit(code)


def _limit(place: Path) -> None:
    """Bound what a reader may use, and where it may write."""
    import localize.media  # noqa: F401 - before memory is bounded

    sys.dont_write_bytecode = True  # of what a reader imports when it is first asked: that is no file it writes
    pages = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (pages + (MEMORY_MB << 20),) * 2)
    signal.signal(signal.SIGPROF, _too_long)
    tempfile.tempdir = str(place)
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, 1)
    os.dup2(devnull, 2)
    allowed = (str(place), "/dev/", "/proc/")

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(arguments[0], str | bytes):
            mode, flags = arguments[1] or "", arguments[2] or 0
            wide = set(str(mode)) & set("wax+") or flags & (os.O_WRONLY | os.O_RDWR)
            if wide and not str(Path(os.fsdecode(arguments[0])).absolute()).startswith(allowed):
                raise AssertionError(f"it writes {arguments[0]!r}")

    sys.addaudithook(watch)


def _too_long(_signal: int, _frame: object) -> None:
    raise TimeoutError(f"more than {SECONDS} s of the processor")


def _read_one(read: Reader, name: str, data: bytes, place: Path) -> tuple[bool, float]:
    """Whether a file was refused, and the seconds of the processor that it took.

    Raises:
        BaseException: what should not come out.
    """
    from localize.errors import LocalizeError

    folder = place / "at"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / name).write_bytes(data)
    shutil.rmtree(place / "home", ignore_errors=True)
    began = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    refused = False
    try:
        read(folder / name)
    except LocalizeError as error:
        refused = True
        if "\n" in error.message.strip():
            raise AssertionError(f"more than a line: {error.message!r}") from error
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return refused, time.process_time() - began


def main(arguments: Sequence[str]) -> Iterator[str]:
    """`python tests/fuzz_targets.py SECONDS [SEED] [TARGET…]`: a line for each target, and each crash with its file."""
    seconds = float(arguments[0]) if arguments else 600.0
    seed = int(arguments[1]) if len(arguments) > 1 else random.randrange(1 << 30)
    for name, make in targets().items():
        if arguments[2:] and name not in arguments[2:]:
            continue
        keep = Path("fuzz-crashes") / name
        found = fuzz(make(), seed=seed, seconds=seconds, keep=keep)
        yield f"{name:15} {found.runs:7} files, {found.refused} refused, slowest {found.slowest_s:.2f} CPU s, {len(found.crashes)} crashes (seed {seed})"
        for file, said, data in found.crashes[:20]:
            yield f"  {keep / kept_name(file, data)}: {said.strip().splitlines()[-1][:300]}"


if __name__ == "__main__":
    for line in main(sys.argv[1:]):
        print(line, flush=True)
