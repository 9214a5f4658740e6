"""What every test shares: places of its own, weights assembled once, real speech with known times.

A test has its own home and store under its `tmp_path`. The model store is one for all: `LOCALIZE_MODELS` if it is
set, else a folder of this session that the workers of pytest-xdist share.
"""

from __future__ import annotations

import compileall
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from localize.consent import Grant, Home
    from localize.data import Span
    from localize.events import Event, Run
    from localize.models import Models
    from localize.runtime.store import Store

pytest.register_assert_rewrite("localize.testing")
# As in a job (`runtime/threads.py`): tests call stages alone, and numpy is not loaded yet.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Ray begins its workers at niceness 15: beside other tests they would hardly come to work.
os.environ.setdefault("RAY_worker_niceness", "0")
# No limit of wall-clock time (a busy machine is no bug), nothing left in the checkout, and the same examples at every
# run: what fails is the change, not the day. `--hypothesis-profile search` looks for new ones.
hypothesis.settings.register_profile("localize", deadline=None, database=None, derandomize=True)
hypothesis.settings.register_profile("search", deadline=None, database=None, max_examples=500)
hypothesis.settings.register_profile("fast", parent=hypothesis.settings.get_profile("localize"), max_examples=20)
hypothesis.settings.load_profile("localize")

SHARED = Path(__file__).resolve().parents[2] / "shared"
AT_WORK = frozenset({"engine", "spoken"})
"""Fixtures that let an engine work: a test that asks for one is slow."""
MISSING = "the real media beside the checkout (../shared) are not here"


def pytest_configure(config: pytest.Config) -> None:
    """Byte code once: where Python may write none, each of the hundreds of commands that tests start made all of it."""
    if not hasattr(config, "workerinput"):  # a worker of pytest-xdist finds it there
        compileall.compile_dir(Path(__file__).resolve().parents[1] / "localize", quiet=2)


@pytest.hookimpl(tryfirst=True)  # before -m is looked at
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("shared") and not (SHARED / "media").is_dir():
            item.add_marker(pytest.mark.skip(reason=MISSING))
        if not AT_WORK.isdisjoint(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session", autouse=True)
def _one_model_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Before any other fixture: without it a test would fill the user's own folders."""
    before = dict(os.environ)
    base = tmp_path_factory.getbasetemp()
    if not os.environ.get("LOCALIZE_MODELS"):
        shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
        os.environ["LOCALIZE_MODELS"] = str(shared / "models")
    for name in ("LOCALIZE_HOME", "LOCALIZE_STORE"):
        os.environ[name] = str(base / name.lower())
    yield
    os.environ.clear()
    os.environ.update(before)


_NUMBERS = count()


@pytest.fixture(autouse=True)
def _places_of_its_own(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Below `tmp_path` where the test has one; most have none, and no folder is made for them."""
    if "tmp_path" in request.fixturenames:
        own: Path = request.getfixturevalue("tmp_path")
    else:
        own = tmp_path_factory.getbasetemp() / f"unasked-{next(_NUMBERS)}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOCALIZE_HOME", str(own / "home"))
        patch.setenv("LOCALIZE_STORE", str(own / "store"))
        yield


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real media beside the checkout."""
    if not (SHARED / "media").is_dir():
        pytest.skip(MISSING)
    return SHARED


@pytest.fixture
def store(tmp_path: Path) -> Store:
    from localize.runtime.store import Store

    return Store(tmp_path / "store")


@pytest.fixture
def run(store: Store, tmp_path: Path) -> Run:
    """A run in this test's own places; `run.events` holds what was said."""
    from localize.consent import Home
    from localize.events import Run
    from localize.models import Models

    class Listening(Run):
        events: list[Event]

    events: list[Event] = []
    made = Listening(store, Home.open(tmp_path / "home"), Models(), events.append)
    made.events = events
    return made


@pytest.fixture(scope="session")
def models() -> Models:
    """The session's model store, so that engines are loaded once."""
    from localize.models import Models

    return Models()


@pytest.fixture(scope="session")
def engine(models: Models) -> Callable[[Any, str], Any]:
    """Real engines by role and name, each loaded once; a test is skipped where its packages are missing."""
    from localize.engines import load
    from localize.errors import EngineError

    def get(role: Any, name: str) -> Any:
        try:
            return load(role, name, models)
        except EngineError as error:
            pytest.skip(error.message)

    return get


@pytest.fixture
def granted(tmp_path: Path) -> Callable[..., Grant]:
    """A stock voice's grant, as `consent.check` gives it."""
    from localize.consent import Home, Request, check

    def get(voice: str, language: str, home: Home | None = None) -> Grant:
        wanted = Request(voice, "S1", language, "a test")
        return check(home or Home.open(tmp_path / "home"), [wanted])["S1"]

    return get


@dataclass(frozen=True)
class Spoken:
    """English speech by the embedded voice, its times known since we chose them.

    Args:
        path: 48 kHz mono 24-bit WAV of 6.5 s.
        ears: the same at 16 kHz, 16-bit.
        phrases: where somebody speaks.
        texts: what is said in each phrase.
    """

    path: Path
    ears: Path
    phrases: tuple[Span, ...]
    texts: tuple[str, ...]
    length_ms: int = 6500


@pytest.fixture(scope="session")
def spoken(tmp_path_factory: pytest.TempPathFactory, engine: Callable[[Any, str], Any]) -> Spoken:
    import numpy as np
    import soundfile
    import soxr

    from localize.consent import Home, Request, check
    from localize.data import Phrase, Span
    from localize.isochrony.fit import trim_to_spans

    kokoro = engine("synthesizer", "kokoro")
    folder = tmp_path_factory.mktemp("spoken")
    grant = check(Home.open(folder / "home"), [Request("af_heart", "S1", "en", "a test")])["S1"]
    texts = ("The train leaves at nine tomorrow morning.", "Please do not be late again.")
    first, second = kokoro.pace(texts, grant, "en")
    begin, pause = 1000, 800
    spans = (Span(0, first), Span(first + pause, first + pause + second))
    result = kokoro.speak([Phrase(t, s) for t, s in zip(texts, spans)], grant, "en")
    audio, heard = trim_to_spans(result.samples, result.rate, result.lead_ms, spans)
    for rate, name, kind in ((48_000, "speech.wav", "PCM_24"), (16_000, "ears.wav", "PCM_16")):
        track = np.zeros(rate * 6500 // 1000, np.float32)
        sound = soxr.resample(audio, result.rate, rate)
        at = begin * rate // 1000
        track[at : at + len(sound)] = 0.7 * sound[: len(track) - at]
        soundfile.write(folder / name, track, rate, kind)
    return Spoken(folder / "speech.wav", folder / "ears.wav", tuple(s.shifted(begin) for s in heard), texts)


@pytest.fixture(scope="session")
def small_disk() -> Callable[[int], list[str]]:
    """A command that runs another where only it sees a disk of so many kilobytes at /mnt."""

    def get(kilobytes: int) -> list[str]:
        mount = f'mount -t tmpfs -o size={kilobytes}k tmpfs /mnt && exec "$@"'
        for unshare in (["unshare", "-m"], ["unshare", "-Urm"]):
            command = [*unshare, "sh", "-c", mount, "sh"]
            if not shutil.which("unshare"):
                break
            if not subprocess.run([*command, "true"], capture_output=True, check=False).returncode:
                return command
        pytest.skip("no small disk of its own can be mounted here (it needs unshare and mount)")

    return get


def tone(seconds: float, hertz: float = 220.0, level: float = 0.2, rate: int = 48_000) -> NDArray[np.float32]:
    """A harmonic tone, near enough to a voice for a level meter; its first and last 5 ms fade."""
    import numpy as np

    at = np.arange(round(seconds * rate)) / rate
    sound = sum(np.sin(2 * np.pi * hertz * k * at) / k for k in (1, 2, 3)) * level / 1.5
    ramp = np.minimum(1.0, np.minimum(np.arange(len(at)), np.arange(len(at))[::-1]) / (rate * 0.005))
    return (sound * ramp).astype(np.float32)


@pytest.fixture(scope="session", name="tone")
def _tone() -> Callable[..., Any]:
    return tone


@pytest.fixture
def home(tmp_path: Path) -> Home:
    from localize.consent import Home

    return Home.open(tmp_path / "home")
