"""One contract for every engine that can be found: embedded ones, fakes, and what other packages register.

Over 400 lines: the contract, the models it runs on, and the engines that break it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import made_models
import pytest
from chat_server import serving

from localize import pipeline, testing
from localize.consent import Grant, Home, Request, blend, check, enroll
from localize.consent import grant as give
from localize.engines import (
    ROLES,
    Diarizer,
    Recogniser,
    Role,
    Synthesizer,
    Translator,
    Watermarker,
    find,
    load,
    names,
)
from localize.errors import EngineMissing, LocalizeError, ModelMissing, NoGrant, UsageError
from localize.events import EngineSelected, Run
from localize.job import Job
from localize.models import Models
from localize.testing import fakes
from localize.testing.contract import _keeps_phrases_where_asked

KINDS = {
    "recogniser": Recogniser,
    "diarizer": Diarizer,
    "translator": Translator,
    "synthesizer": Synthesizer,
    "watermarker": Watermarker,
}
FAKES: dict[tuple[Role, str], Any] = {
    ("recogniser", "fake"): testing.FakeRecogniser,
    ("diarizer", "fake"): testing.FakeDiarizer,
    ("translator", "fake"): testing.FakeTranslator,
    ("synthesizer", "fake"): testing.FakeSynthesizer,
    ("synthesizer", "loose"): testing.LooseSynthesizer,
    ("watermarker", "fake"): testing.FakeWatermarker,
}
PHRASES = {
    "es": ("Hola.", "Sale a las nueve.", "Te esperamos en la estación."),
    "en": ("Good morning.", "It leaves at nine.", "We wait for you at home."),
}
ENGINES = [(role, name) for role in ROLES for name in names(role)] + list(FAKES)
# No package carries weights for these: the contract runs on models that are built here.
BUILT: dict[tuple[Role, str], tuple[str, ...]] = {
    ("recogniser", "whisper"): ("relaid",),
    ("translator", "marian"): ("marian",),
    ("translator", "marian_ct2"): ("", "marian_int8"),
    ("translator", "multilingual_ct2"): ("nllb_int8", "madlad_int8"),
    ("translator", "llm"): ("served",),
    ("synthesizer", "coqui"): ("vits", "xtts"),
}
CASES = [
    pytest.param(
        (role, name, built), one, id=f"{role}-{name}{built and f'({built})'}-{testing.named(one).strip('_')}",
        marks=pytest.mark.xdist_group(f"{name}{built}"),
    )
    for role, name in ENGINES
    for built in BUILT.get((role, name), ("",))
    for one in testing.contract(role)
]  # fmt: skip


def _spanish(home: Home) -> Grant:
    return check(home, [Request("ef_dora", "S1", "es", "the contract")])["S1"]


def _enrolled(home: Home, recording: Path) -> Grant:
    """Somebody who was recorded, with a paper that says so, and lets it be cloned."""
    enroll(home, "ana", reference=recording, evidence=recording)
    give(home, "ana", languages=("es",))
    return check(home, [Request("ana", "S1", "es", "the contract")])["S1"]


@pytest.fixture(scope="module")
def subject(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, models: Models
) -> Iterator[testing.Subject]:
    """One engine, made once for all of its checks."""
    role, name, built = request.param
    folder = tmp_path_factory.mktemp(name)
    kind: Any = FAKES.get((role, name))
    try:
        kind = kind or find(role, name)
    except EngineMissing as error:
        pytest.skip(error.message)
    served = ExitStack()
    request.addfinalizer(served.close)  # noqa: PT021 - this may skip before it yields
    if built == "served":
        model: str | None = served.enter_context(serving()).spec
    else:
        model = str(getattr(made_models, built)(folder / built)) if built else None

    def make() -> Any:
        return kind(model, models)

    try:
        engine = make()
    except (EngineMissing, ModelMissing) as error:
        pytest.skip(error.message)
    made = testing.Subject(make, folder, language="en")
    made.__dict__["engine"] = engine
    if role in ("recogniser", "diarizer"):
        yield replace(made, speech=request.getfixturevalue("spoken").ears)
    elif role == "translator":
        source, target = ("en", "es") if ("en", "es") in engine.pairs else min(engine.pairs)
        yield replace(made, source=source, language=target, texts=PHRASES.get(source, made.texts))
    elif role == "watermarker":
        yield made
    else:
        home = Home.open(folder / "home")
        recording = request.getfixturevalue("spoken").path if kind.clones else None
        grant = _enrolled(home, recording) if recording else _spanish(home)
        yield replace(made, language="es", grant=grant, texts=PHRASES["es"])


@pytest.mark.parametrize(("subject", "one"), CASES, indirect=["subject"])
def test_every_engine_keeps_its_contract(subject: testing.Subject, one: testing.Check) -> None:
    one(subject)


@pytest.mark.parametrize(("role", "name"), ENGINES)
def test_every_engine_is_what_its_role_asks_for(role: Role, name: str, models: Models) -> None:
    kind = FAKES.get((role, name))
    try:
        engine = kind(None, models) if kind else load(role, name, models)
    except (EngineMissing, ModelMissing) as error:
        pytest.skip(error.message)
    assert isinstance(engine, KINDS[role])
    assert engine.name == name


@pytest.mark.parametrize(
    ("voice", "language", "texts"),
    [
        ("af_heart", "en", ("Hello.", "It leaves at nine.", "We meet you at the station.")),
        ("pf_dora", "pt", ("Olá.", "O trem sai às nove.", "Esperamos na estação.")),
    ],
)
def test_the_embedded_voice_keeps_its_phrases_in_other_languages(
    voice: str, language: str, texts: Any, home: Home, tmp_path: Path, models: Models
) -> None:
    grant = check(home, [Request(voice, "S1", language, "the contract")])["S1"]
    subject = testing.Subject(
        lambda: load("synthesizer", "kokoro", models), tmp_path, language, grant=grant, texts=texts
    )
    _keeps_phrases_where_asked(subject)


@pytest.mark.slow
def test_a_blend_with_other_formants_keeps_its_phrases(home: Home, tmp_path: Path, models: Models) -> None:
    blend(home, "vega", {"ef_dora": 1.0, "em_alex": 1.0}, pitch_st=-1.0, formants=1.12)
    grant = check(home, [Request("vega", "S1", "es", "the contract")])["S1"]
    subject = testing.Subject(
        lambda: load("synthesizer", "kokoro", models), tmp_path, "es", grant=grant,
        texts=("Hola.", "El tren sale a las nueve.", "Te esperamos en la estación."),
    )  # fmt: skip
    _keeps_phrases_where_asked(subject)


def test_the_embedded_engines_are_all_there() -> None:
    for role, wanted in (
        ("recogniser", {"faster_whisper"}),
        ("diarizer", {"dvectors", "pyannote"}),
        ("translator", {"marian_ct2", "bergamot"}),
        ("synthesizer", {"kokoro"}),
    ):
        assert wanted <= set(names(role))  # type: ignore[arg-type]


# --- a contract that nothing can break is none ------------------------------------------------------------


class _MadeUp(testing.FakeRecogniser):
    def recognise(self, audio: Path, span: Any, language: str) -> Any:
        from localize.data import Span, Utterance, Word

        return (Utterance("thanks", (Word("thanks", Span(100, 400)),)),)


class _Backwards(testing.FakeRecogniser):
    def recognise(self, audio: Path, span: Any, language: str) -> Any:
        return super().recognise(audio, span, language)[::-1]


class _Crowded(testing.FakeDiarizer):
    def voices(self, audio: Path, speakers: int | None = None) -> Any:
        from localize.data import Span, Turn, Voices

        return Voices(tuple(Turn(Span(at, at + 90), str(at)) for at in (900, 300, 600)))


class _Counting(testing.FakeSynthesizer):
    made = 0

    def __init__(self, model: str | None = None, models: Models | None = None) -> None:
        super().__init__(model, models)
        _Counting.made += 1
        self.fingerprint = f"counting {_Counting.made} on cuda in /tmp/x"


class _Late(testing.FakeSynthesizer):
    def pace(self, phrases: Any, grant: Grant, language: str) -> tuple[int, ...]:
        return tuple(n + 200 for n in super().pace(phrases, grant, language))

    def speak(self, phrases: Any, grant: Grant, language: str) -> Any:
        from localize.data import Phrase, Span

        short = [Phrase(p.text, Span(p.span.start_ms + 90, p.span.end_ms - 90)) for p in phrases]
        return super().speak(short, grant, language)


class _Trusting(testing.FakeSynthesizer):
    def speak(self, phrases: Any, grant: Any, language: str) -> Any:
        grant.read("style.bin")
        return fakes._tones([(p.text, p.span) for p in phrases], 200.0, lead_ms=0)


class _Worst(testing.FakeTranslator):
    def translate(self, sentences: Any, source: str, target: str, *, n_best: int = 4) -> Any:
        return tuple(c[::-1] for c in super().translate(sentences, source, target, n_best=9))


@pytest.mark.parametrize(
    ("role", "kind", "broken"),
    [
        ("recogniser", _MadeUp, {"_hears_nothing_in_silence", "_times_words_on_the_files_clock"}),
        ("recogniser", _Backwards, {"_hears_words_in_order"}),
        (
            "diarizer",
            _Crowded,
            {"_gives_turns_in_order", "_hears_nobody_in_silence", "_keeps_to_the_number_of_people"},
        ),
        ("synthesizer", _Counting, {"_has_a_stable_fingerprint", "_fingerprint_names_no_place"}),
        (
            "synthesizer",
            _Late,
            {"_predicts_what_is_heard", "_keeps_exact_lengths", "_keeps_phrases_where_asked"},
        ),
        ("synthesizer", _Trusting, {"_asks_the_grant_for_the_voice"}),
        ("translator", _Worst, {"_gives_the_best_first", "_keeps_n_best"}),
    ],
)
def test_the_contract_finds_what_is_broken(
    role: Role, kind: Any, broken: set[str], tmp_path: Path, home: Home, spoken: Any
) -> None:
    subject = testing.Subject(kind, tmp_path, "es", "en", speech=spoken.ears, grant=_spanish(home), texts=PHRASES["en"])
    failed = set()
    for one in testing.contract(role):
        try:
            one(subject)
        except AssertionError:
            failed.add(testing.named(one))
    assert broken <= failed
    assert "_says_who_it_is" not in failed


# --- third parties --------------------------------------------------------------------------------

PACKAGE = '''
"""A third party's synthesizer: everything it needs is public."""

from localize import testing


class Hummer(testing.FakeSynthesizer):
    name = "hummer"
    fingerprint = "hummer 3.1"


class Mimic(testing.FakeSynthesizer):
    name = "mimic"
    clones = True
    fingerprint = "mimic 1.0"


class Needy(testing.FakeRecogniser):
    name = "needy"
    requires = ("json", "a_package_nobody_has")
    extra = "needy"
'''
POINTS = """[localize.engines]
synthesizer.hummer = humming:Hummer
synthesizer.mimic = humming:Mimic
synthesizer.kokoro = humming:Hummer
recogniser.needy = humming:Needy
recogniser.gone = humming_gone:Gone
"""


@pytest.fixture
def third_party(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installed package that registers engines, as pip leaves it."""
    site = tmp_path / "site"
    info = site / "humming-3.1.dist-info"
    info.mkdir(parents=True)
    (site / "humming.py").write_text(PACKAGE, encoding="utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: humming\nVersion: 3.1\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(POINTS, encoding="utf-8")
    monkeypatch.syspath_prepend(str(site))
    yield site
    for name in ("humming", "humming_gone"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize("one", testing.contract("synthesizer"), ids=testing.named)
def test_an_engine_of_another_package_is_found_and_keeps_the_contract(
    third_party: Path, one: testing.Check, tmp_path: Path, home: Home, models: Models
) -> None:
    kind: Any = find("synthesizer", "hummer")
    assert kind.__module__ == "humming"
    one(testing.Subject(lambda: kind(None, models), tmp_path, "es", grant=_spanish(home), texts=PHRASES["es"]))


def test_an_engine_of_one_file_in_another_package_dubs(
    third_party: Path, spoken: Any, run: Run, tmp_path: Path
) -> None:
    """Nothing here knows its name: an entry point is enough to choose it, to dub with it and to report it."""
    _enrolled(run.home, spoken.path)
    engines, voices = {"synthesizer": "mimic"}, {"S1": "ana"}
    job = Job(spoken.path, ("es",), tmp_path / "out", "en", voices=voices, engines=engines)
    (target,) = pipeline.dub(job, run)["targets"]
    report = json.loads(Path(target["report"]).read_text(encoding="utf-8"))
    assert report["engines"]["synthesizer"] == "mimic 1.0"
    assert EngineSelected("synthesizer", "mimic", "asked for") in run.engaged


def test_another_package_cannot_take_the_place_of_an_embedded_engine(third_party: Path) -> None:
    assert find("synthesizer", "kokoro").__module__ == "localize.engines.kokoro"


def test_a_missing_package_is_named_with_the_command_that_installs_it(third_party: Path) -> None:
    with pytest.raises(EngineMissing, match=r"a_package_nobody_has: pip install 'localize-toolkit\[needy\]'") as caught:
        find("recogniser", "needy")
    assert caught.value.details["missing"] == ["a_package_nobody_has"]
    assert caught.value.exit_code == 5


@pytest.mark.parametrize(
    ("role", "name", "extra"),
    [
        ("recogniser", "whisper", "whisper"),
        ("translator", "marian", "marian"),
        ("translator", "marian_ct2", "ctranslate2"),
        ("synthesizer", "coqui", "coqui"),
        ("synthesizer", "kokoro", "offline"),
    ],
)
def test_an_engine_asked_for_by_name_says_which_extra_brings_it(
    role: Role, name: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(EngineMissing, match=rf"pip install 'localize-toolkit\[{extra}\]'") as caught:
        find(role, name)
    assert caught.value.exit_code == 5


def test_a_registered_engine_that_cannot_be_imported_is_missing(third_party: Path) -> None:
    with pytest.raises(EngineMissing, match="humming_gone"):
        find("recogniser", "gone")


def test_an_unknown_name_says_which_there_are() -> None:
    with pytest.raises(UsageError, match=r"there are .*kokoro"):
        find("synthesizer", "nobody")


@pytest.mark.parametrize(("role", "spec"), [("synthesizer", "kokoro:other"), ("translator", "marian_ct2:other")])
def test_an_unknown_model_is_refused_before_anything_is_loaded(role: Role, spec: str) -> None:
    with pytest.raises(LocalizeError) as caught:
        load(role, spec, Models())
    assert "other" in caught.value.message


def test_a_whisper_that_is_not_there_says_where_to_put_it(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="large-v3") as caught:
        load("recogniser", "faster_whisper:large-v3", Models(tmp_path))
    assert str(tmp_path) in caught.value.message


def test_the_same_model_store_shares_one_engine() -> None:
    models = Models()
    assert load("synthesizer", "kokoro", models) is load("synthesizer", "kokoro", models)


def test_finding_and_making_engines_loads_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from contextlib import suppress\n"
        "from localize.engines import ROLES, load, names\n"
        "from localize.errors import EngineError\n"
        "from localize.models import Models\n"
        "for role in ROLES:\n"
        "    for name in names(role):\n"
        "        with suppress(EngineError):\n"
        "            load(role, name, Models()).fingerprint\n"
        "heavy = {'onnxruntime', 'ctranslate2', 'torch', 'faster_whisper', 'phonemizer', 'numpy'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.stdout.strip() == "[]", result.stderr


def test_a_grant_of_another_process_speaks_nothing(home: Home, engine: Callable[[Any, str], Any]) -> None:
    from localize.data import Phrase, Span

    kokoro = engine("synthesizer", "kokoro")
    grant = _spanish(home)
    object.__setattr__(grant, "voice", replace(grant.voice, name="Somebody else"))
    with pytest.raises(NoGrant):
        kokoro.speak((Phrase("Hola.", Span(0, 500)),), grant, "es")
