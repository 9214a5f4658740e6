"""The embedded translators on real weights, and the stage on them."""

from __future__ import annotations

import json
import shutil
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("ctranslate2")
pytest.importorskip("sentencepiece")
sacrebleu = pytest.importorskip("sacrebleu")

from localize.data import Edits, Segment, Span, Transcript  # noqa: E402
from localize.engines.bergamot import Bergamot  # noqa: E402
from localize.engines.marian_ct2 import MarianCT2  # noqa: E402
from localize.errors import UsageError  # noqa: E402
from localize.events import Event, Warned  # noqa: E402
from localize.language.syllables import syllables  # noqa: E402
from localize.models import Models  # noqa: E402
from localize.runtime.store import Store  # noqa: E402
from localize.translation.glossary import Glossary  # noqa: E402
from localize.translation.sentences import Sentence, split_translation  # noqa: E402
from localize.translation.translate import translate  # noqa: E402

SHARED = Path(__file__).resolve().parents[3] / "shared" / "mt"
LINES = [
    "Good evening, Mr. Johnson. I was born in 1998 in Chicago.",
    "WHAT ARE YOU DOING?",
    "I think that the old man,",
    "who lives at 221 Baker Street, is waiting.",
    "...",
    "Bye.",
    "There were 47 people and 312 dogs.",
    "Zoltan came from Hungary, and I like Zoltan.",
]


@pytest.fixture(scope="module")
def dialogue() -> MarianCT2:
    return MarianCT2(None, Models())


@pytest.fixture(scope="module")
def tiny() -> Bergamot:
    return Bergamot(None, Models())


class Run:
    def __init__(self, folder: Path) -> None:
        self.store = Store(folder)
        self.events: list[Event] = []

    def emit(self, event: Event) -> None:
        self.events.append(event)


@pytest.mark.parametrize("engine", ["dialogue", "tiny"])
def test_n_best_is_sorted_distinct_and_the_same_in_any_company(engine: str, request: pytest.FixtureRequest) -> None:
    translator = request.getfixturevalue(engine)
    target = "es" if engine == "dialogue" else "pt"
    sentences = ["Where did you put my phone?", "No.", "The weather is nice today, isn't it?", "I love you."]
    together = translator.translate(sentences, "en", target, n_best=6)
    alone = tuple(translator.translate([sentence], "en", target, n_best=6)[0] for sentence in sentences[::-1])[::-1]
    assert together == alone
    for candidates in together:
        assert 1 <= len(candidates) <= 6
        assert len({candidate.text for candidate in candidates}) == len(candidates)
        scores = [candidate.score for candidate in candidates]
        assert scores == sorted(scores, reverse=True)
        assert max(scores) <= 0
    assert translator.translate([], "en", target) == ()


def test_known_sentences(dialogue: MarianCT2, tiny: Bergamot) -> None:
    assert dialogue.translate(["I don't know where he is."], "en", "es")[0][0].text == "No sé dónde está."
    assert tiny.translate(["Where did you put my phone?"], "en", "pt")[0][0].text == "Onde você colocou meu telefone?"
    assert tiny.translate(["Onde você colocou meu telefone?"], "pt", "en")[0][0].text == "Where did you put my phone?"


def test_the_embedded_model_takes_the_wishes_it_obeys_and_no_others(dialogue: MarianCT2) -> None:
    assert dialogue.wishes == {"register:tu", "register:usted", "length:short", "length:long"}
    assert "vives" in dialogue.translate(["Where do you live?"], "en", "es", register="tu")[0][0].text
    for line, said in (("Where do you live?", "vive"), ("Sit down, please.", "Siéntese"), ("I love you.", "Le ")):
        assert said in dialogue.translate([line], "en", "es", register="usted")[0][0].text
    with pytest.raises(UsageError, match="register:vosotros"):
        dialogue.translate(["Do you have a car?"], "en", "es", register="vosotros")


def test_each_word_says_which_word_it_comes_from(dialogue: MarianCT2) -> None:
    found = dialogue.translate(["Yesterday I saw Tom and the red car."], "en", "es")[0][0]
    said = {found.text.split()[own]: source for source, own in found.links}
    assert (said["Ayer"], said["Tom"], said["rojo."]) == (0, 3, 6)
    polite = dialogue.translate(["Where do you live, Tom?"], "en", "es", register="usted")[0][0]
    assert {polite.text.split()[own]: source for source, own in polite.links}["Tom?"] == 4


def test_what_was_not_taught_to_align_says_nothing(tmp_path: Path) -> None:
    folder = shutil.copytree(Models().path("dialogue-en-es"), tmp_path / "model")
    facts = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps(facts | {"aligned": False}), encoding="utf-8")
    (found,) = MarianCT2(str(folder), Models()).translate(["I know Tom."], "en", "es", n_best=1)
    assert found[0].text
    assert found[0].links == ()


def test_links_find_where_a_sentence_goes_on(dialogue: MarianCT2) -> None:
    """Sentences of two halves, whose comma is hidden: parted by links it is found again, by length less often."""
    if not SHARED.is_dir():
        pytest.skip("the held-out sentences beside the checkout (../shared) are not here")
    rows = [json.loads(line)["en"] for line in (SHARED / "tatoeba-dev.en-es.jsonl").read_text("utf-8").splitlines()]
    rows = [row for row in rows if row.count(", ") == row.count(",") == 1 and len(row.split()) > 6][:80]
    right = {"links": 0, "length": 0}
    tried = 0
    for row, (found, *_) in zip(rows, dialogue.translate(rows, "en", "es", n_best=1)):
        if found.text.count(",") != 1 or not found.links:
            continue
        tried += 1
        cut, wanted = (len(text.split(",")[0].split()) for text in (row, found.text))
        sentence = Sentence(tuple((int(at >= cut), word.strip(",")) for at, word in enumerate(row.split())))
        bare = found.reworded(found.text.replace(",", ""))
        for way, candidate in (("links", bare), ("length", replace(bare, links=()))):
            right[way] += len(split_translation(sentence, [candidate], "es")[0][0].text.split()) == wanted
    assert tried > 30
    assert right["links"] > 0.9 * tried
    assert right["links"] > right["length"]


def test_lengths_differ_when_spoken(dialogue: MarianCT2) -> None:
    lines = ["I think we should go home before it gets dark.", "She told me that she had never seen anything like it."]

    def spoken(wish: str) -> int:
        found = dialogue.translate(lines, "en", "es", length=wish)
        return sum(syllables(candidates[0].text, "es") for candidates in found)

    assert spoken("short") <= spoken("") <= spoken("long")
    assert spoken("short") < spoken("long")


def test_words_that_do_not_exist_are_avoided(dialogue: MarianCT2, tmp_path: Path) -> None:
    folder = shutil.copytree(Models().path("dialogue-en-es"), tmp_path / "model")
    forms = zlib.decompress((folder / "words.z").read_bytes()).decode().split("\n")
    (folder / "words.z").write_bytes(zlib.compress("\n".join(word for word in forms if word != "perro").encode()))
    line = "My dog is sleeping under the table."
    assert " perro " in dialogue.translate([line], "en", "es")[0][0].text
    without = MarianCT2(str(folder), Models())
    assert all(" perro " not in candidate.text for candidate in without.translate([line], "en", "es")[0])
    (folder / "words.z").unlink()
    assert " perro " in MarianCT2(str(folder), Models()).translate([line], "en", "es")[0][0].text


def test_everyday_lines_are_known_by_heart(dialogue: MarianCT2, tiny: Bergamot) -> None:
    assert dialogue.translate(["Bye!", "what?"], "en", "es")[0][0].text == "¡Adiós!"
    assert dialogue.translate(["what?"], "en", "es")[0][0].text == "¿Qué?"
    assert tiny.translate(["Thank you."], "en", "pt")[0][0].text == "Obrigado."
    assert tiny.translate(["Obrigado!"], "pt", "en")[0][0].text == "Thank you!"


def test_other_pairs_and_models_are_refused(dialogue: MarianCT2, tiny: Bergamot) -> None:
    for translator in (dialogue, tiny):
        with pytest.raises(UsageError, match="does not translate"):
            translator.translate(["Hallo."], "de", "en")
    with pytest.raises(UsageError):
        MarianCT2("no-such-model", Models())
    with pytest.raises(UsageError):
        Bergamot("dialogue-en-es", Models())
    assert Bergamot("bergamot-pt-en", Models()).pairs == {("pt", "en")}


def test_a_translation_back_makes_a_word_unlikely_that_was_left_out(tiny: Bergamot) -> None:
    said = "Add a quarter teaspoon of cinnamon."
    whole, short = "Adicione um quarto de colher de chá de canela.", "Adicione uma colher de chá de canela."
    for translator in (tiny, Bergamot("bergamot-en-pt", Models())):
        assert translator.opposite is not None
        full, less = translator.opposite.word_scores([whole, short], [said, said], "pt", "en")
        assert len(full) == len(less) == len(said.split())
        assert less[2] < full[2] - 10  # "quarter"
        assert min(full[:2] + full[3:]) > -5


def test_a_forced_answer_scores_as_the_search_scored_it(tiny: Bergamot) -> None:
    ((found, *_),) = tiny.translate(["The old bridge is closed."], "en", "pt", n_best=1)
    (scores,) = tiny.word_scores(["The old bridge is closed."], [found.text], "en", "pt")
    pieces = len(tiny._network("en", "pt")._pieces.encode(found.text)) + 1
    assert 0 >= sum(scores) >= found.score * pieces - 0.05  # the end of the sentence is not scored


def test_the_stage_says_what_its_first_wording_leaves_out(tiny: Bergamot, tmp_path: Path) -> None:
    said = "What foods should a diabetic not eat?"
    assert "diab" not in tiny.translate([said], "en", "pt")[0][0].text
    scene = Transcript("en", (Segment("s0", Span(0, 2000), "S1", said),))
    found = translate(Run(tmp_path), scene, tiny, to="pt", edits=Edits(), glossary=Glossary())
    assert "diab" in found.lines[0].candidates[0].text


def test_fingerprints_name_weights_and_load_nothing() -> None:
    dialogue, tiny = MarianCT2(None, Models()), Bergamot(None, Models())
    assert "dialogue-en-es" in dialogue.fingerprint
    assert "bergamot-en-pt" in tiny.fingerprint
    assert "bergamot-en-pt" not in Bergamot("bergamot-pt-en", Models()).fingerprint
    assert "_runner" not in vars(dialogue)


@pytest.mark.parametrize(("engine", "target"), [("dialogue", "es"), ("tiny", "pt")])
def test_the_stage_keeps_names_and_numbers(
    engine: str, target: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    spans = [Span(2200 * i, 2200 * i + 2000) for i in range(len(LINES))]
    transcript = Transcript("en", tuple(Segment(f"s{i:04}", spans[i], "S1", text) for i, text in enumerate(LINES)))
    run = Run(tmp_path)
    translator = request.getfixturevalue(engine)
    result = translate(run, transcript, translator, to=target, edits=Edits(), glossary=Glossary())
    texts = [line.candidates[0].text for line in result.lines]
    whole = " ".join(texts)
    for kept in ("Johnson", "1998", "Chicago", "221", "Baker", "47", "312", "Zoltan"):
        assert kept in whole, (kept, texts)
    assert "Hungr" in texts[7] or "Hungría" in texts[7]
    assert texts[1].isupper()
    assert texts[4] == "..."
    assert texts[5] in ("Adiós.", "Tchau.")
    assert texts[2].endswith(",")
    assert not [event for event in run.events if isinstance(event, Warned)]
    made = run.store.made
    again = translate(run, transcript, translator, to=target, edits=Edits(), glossary=Glossary())
    assert again == result
    assert run.store.made == made


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the evaluation data lie in ../shared/mt")
def test_dialogue_on_tatoeba(dialogue: MarianCT2) -> None:
    rows = [json.loads(row) for row in (SHARED / "tatoeba-dev.en-es.jsonl").read_text("utf-8").splitlines()[:300]]
    best = [candidates[0].text for candidates in dialogue.translate([row["en"] for row in rows], "en", "es")]
    most = max(len(row["es"]) for row in rows)
    references = [[row["es"][i] if i < len(row["es"]) else None for row in rows] for i in range(most)]
    assert sacrebleu.corpus_bleu(best, references).score > 50


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the evaluation data lie in ../shared/mt")
def test_tiny_on_ntrex(tiny: Bergamot) -> None:
    def lines(name: str) -> list[str]:
        return (SHARED / "ntrex" / f"newstest2019-{name}.txt").read_text("utf-8").splitlines()[1000:1150]

    best = [candidates[0].text for candidates in tiny.translate(lines("src.eng"), "en", "pt")]
    assert sacrebleu.corpus_bleu(best, [lines("ref.por-BR")]).score > 35


@pytest.mark.parametrize(
    ("engine", "target", "line", "said"),
    [
        ("dialogue", "es", "No, thank you.", {"No,": {0}, "gracias.": {1, 2}}),
        ("tiny", "pt", "No, thank you.", {"Não,": {0}, "obrigado.": {1, 2}}),
        ("tiny", "pt", "See you tomorrow.", {"amanhã.": {2}}),
    ],
)
def test_lines_known_by_heart_say_which_words_they_are(
    engine: str, target: str, line: str, said: dict[str, set[int]], request: pytest.FixtureRequest
) -> None:
    (found,) = request.getfixturevalue(engine).translate([line], "en", target, n_best=1)[0]
    assert found.score == 0  # the phrasebook's
    links = {found.text.split()[own]: source for source, own in found.links}
    assert {word: links[word] for word in said if links[word] not in said[word]} == {}
