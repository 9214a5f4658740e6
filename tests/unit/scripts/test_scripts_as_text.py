"""Scripts as text: plain text of every layout, Fountain, Final Draft; who says what, and nothing that nobody says."""

from __future__ import annotations

from pathlib import Path

import pytest

from localize.scripts import Script, Wanted, read_script

Said = list[tuple[str, str]]


ANY = Wanted()


def read(path: Path, content: str | bytes, want: Wanted = ANY) -> Script:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_script(path, want)


PLAIN: dict[str, tuple[str, Said]] = {
    "a table of Markdown": (
        "| Speaker | Dialogue |\n|---|:--|\n| Anna | Good morning. |\n| Ben | It fell. |\n",
        [("Anna", "Good morning."), ("Ben", "It fell.")],
    ),
    "directions of the camera": (
        "ANNA: Good.\n\nINSERT - LETTER\n\nBACK TO SCENE\n\nBEN: Insert it.\n",
        [("ANNA", "Good."), ("BEN", "Insert it.")],
    ),
    "acts and sequences": (
        "ACTE I\n\nSÉQUENCE 1\n\nANNE : Bonjour.\n\nACT TWO\n\nPAUL: Act two!\n",
        [("ANNE", "Bonjour."), ("PAUL", "Act two!")],
    ),
    "a line each": (
        "Good morning.\nWhat happened?\n\nIt fell.\n",
        [("", "Good morning."), ("", "What happened?"), ("", "It fell.")],
    ),
    "labels in capitals": ("ANNA: Good.\n(she leaves)\nJUAN 2: What?\n", [("ANNA", "Good."), ("JUAN 2", "What?")]),
    "labels as names": ("Dr. Smith: Hello.\nMrs. O'Neil: Hi.\n", [("Dr. Smith", "Hello."), ("Mrs. O'Neil", "Hi.")]),
    "a label that says how": ("ANNA (V.O.): It fell.\nBEN (O.S.): Oh.\n", [("ANNA", "It fell."), ("BEN", "Oh.")]),
    "labels of subtitles": (
        "<i>ANNA:</i> Good <b>day</b>.\n- BEN: {\\an8}What?\n[ANNA] It fell.\n<v Carl>Hey.</v>\n",
        [("ANNA", "Good day."), ("BEN", "What?"), ("ANNA", "It fell."), ("Carl", "Hey.")],
    ),
    "labels in Japanese": ("田中：おはよう。\n佐藤：何？\n", [("田中", "おはよう。"), ("佐藤", "何？")]),
    "labels in Hebrew": (
        "\u202bמרים: שלום.\u202c\n\u202bדוד: מה קרה?\u202c\n",
        [("מרים", "שלום."), ("דוד", "מה קרה?")],
    ),
    "labels of plays": ("ANNA. Hello.\nBEN. Hi.\n", [("ANNA", "Hello."), ("BEN", "Hi.")]),
    "labels with a dash": ("ANNA - Hello.\nBEN – Hi.\n", [("ANNA", "Hello."), ("BEN", "Hi.")]),
    "tabs": ("ANNA\tGood morning.\nBEN\tWhat happened?\n", [("ANNA", "Good morning."), ("BEN", "What happened?")]),
    "names above in capitals": ("ANNA\nGood.\n\nBEN (O.S.)\nWhat?\n", [("ANNA", "Good."), ("BEN", "What?")]),
    "names above": ("Anna\nGood.\n\nBen\nWhat?\n\nAnna\nOh.\n", [("Anna", "Good."), ("Ben", "What?"), ("Anna", "Oh.")]),
    "names with a colon above": (
        "Anna Lee:\nGood.\n\nBen:\nWhat?\nI said: what?\n\nAnna Lee: Oh.\n",
        [("Anna Lee", "Good."), ("Ben", "What?"), ("Ben", "I said: what?"), ("Anna Lee", "Oh.")],
    ),
    "names with a colon in paragraphs of their own": (
        "Anna:\n\nGood.\n\nBEN:\n\nWhat?\n\nAnna:\n\nOh.\n",
        [("Anna", "Good."), ("BEN", "What?"), ("Anna", "Oh.")],
    ),
    "clauses with a colon above": (
        "He told me one thing:\nNever go back.\n\nListen:\nGo home.\n",
        [("", "He told me one thing:"), ("", "Never go back."), ("", "Listen:"), ("", "Go home.")],
    ),
    "names above without empty lines": (
        "ANNA\nGood.\nBEN\nWhat?\nI ran.\nANNA\nOh.\nBEN\nYes.\n",
        [("ANNA", "Good."), ("BEN", "What?"), ("BEN", "I ran."), ("ANNA", "Oh."), ("BEN", "Yes.")],
    ),
    "names above words that are set in": (
        "ANNA\n\tGood.\nBEN\n\tWhat?\nANNA\n\tOh.\n",
        [("ANNA", "Good."), ("BEN", "What?"), ("ANNA", "Oh.")],
    ),
    "a word in capitals": (
        "We ran.\nHELP\nhe said.\nStop it.\n",
        [("", "We ran."), ("", "HELP"), ("", "he said."), ("", "Stop it.")],
    ),
    "bullets": (
        "* ANNA: Good.\n• BEN: What?\n- ANNA: *Oh* no.\n",
        [("ANNA", "Good."), ("BEN", "What?"), ("ANNA", "*Oh* no.")],
    ),
    "broken lines": (
        "Anna: Good morning to all of you who have come here tonight to\nhear of the bridge.\n\nBen: What happened?\n",
        [
            ("Anna", "Good morning to all of you who have come here tonight to hear of the bridge."),
            ("Ben", "What happened?"),
        ],
    ),
    "a speech of two lines": (
        "ANNA: It fell.\nLast night.\nBEN: Oh.\n",
        [("ANNA", "It fell."), ("ANNA", "Last night."), ("BEN", "Oh.")],
    ),
    "counted lines": ("1. Good.\n2. What?\n3. Oh.\n", [("", "Good."), ("", "What?"), ("", "Oh.")]),
    "numbers that are said": ("3\n2\n1\nGo!\n", [("", "3"), ("", "2"), ("", "1"), ("", "Go!")]),
    "times that are said": (
        "12:30 is fine.\nI will come.\nBye.\n",
        [("", "12:30 is fine."), ("", "I will come."), ("", "Bye.")],
    ),
    "colons that are said": (
        "ANNA: At 10:45.\nBEN: Note: bring money.\n",
        [("ANNA", "At 10:45."), ("BEN", "Note: bring money.")],
    ),
    "quotes": ('"Good."\n\n“What?”\n\n«Se cayó.»\n', [("", '"Good."'), ("", "“What?”"), ("", "«Se cayó.»")]),
    "sounds and music": (
        "ANNA: ♪ La la land ♪\n[thunder]\n*door slams*\nBEN: [sighs] I know.\n♪♪\n",
        [("ANNA", "♪ La la land ♪"), ("BEN", "[sighs] I know.")],
    ),
    "pages": (
        "ANNA: Good.\nPage 2 of 3\nBEN: Oh.\n\f\n3\nANNA: Yes.\n",
        [("ANNA", "Good."), ("BEN", "Oh."), ("ANNA", "Yes.")],
    ),
    "old Mac": ("ANNA: Hello.\rBEN: Hi.\r", [("ANNA", "Hello."), ("BEN", "Hi.")]),
    "a mark at its start": ("\ufeffANNA: Hello.\nBEN: Hi.\n", [("ANNA", "Hello."), ("BEN", "Hi.")]),
    "a screenplay": (
        "          FADE IN:\n\n  INT. HOUSE - DAY\n\n  Anna walks in.\n\n            ANNA (CONT'D)\n       (beat)\n"
        "    Good morning. We\n    have a problem.\n\n            BEN\n    What?\n\n  CUT TO:\n",
        [("ANNA", "Good morning. We have a problem."), ("BEN", "What?")],
    ),
}


@pytest.mark.parametrize("name", PLAIN)
def test_plain_text_is_read_as_people_lay_it_out(tmp_path: Path, name: str) -> None:
    text, said = PLAIN[name]
    assert [(line.speaker, line.text) for line in read(tmp_path / "film.txt", text).lines] == said


TIMED = {
    "behind the name": (
        "ANNA (00:00:01): Good.\nBen Lee [0:04]: At 10:30: go.\n",
        [("ANNA", "Good.", 1000), ("Ben Lee", "At 10:30: go.", 4000)],
    ),
    "of captions": (
        "@ This file was written by a program\n\n<begin subtitles>\n\n00:00:01:00 00:00:03:00\nGood\nday.\n\n"
        "00:00:04:00 00:00:06:00\nWhat?\n\n<end subtitles>\n",
        [("", "Good day.", 1000), ("", "What?", 4000)],
    ),
    "of captions with names": (
        "00:00:01:00 - 00:00:03:00\nAnna\nGood day\nto you.\n\n00:00:04:00 - 00:00:05:00\nBen\nWhat?\n\n"
        "00:00:06:00 - 00:00:07:00\nAnna\nOh.\n",
        [("Anna", "Good day to you.", 1000), ("Ben", "What?", 4000), ("Anna", "Oh.", 6000)],
    ),
    "of a program that names itself": (
        "My film\n\n[00:00:01.20]\nAnna: Good.\n\n[00:00:05.00]\nBen: What?\n\nAutomatically transcribed with sonix\n",
        [("Anna", "Good.", 1200), ("Ben", "What?", 5000)],
    ),
    "of one that names who speaks": (
        "Anna Lee  0:01  \nGood. Day.\n\nBen Hall  0:05  \nWhat?\n\nTranscribed by https://otter.ai\n",
        [("Anna Lee", "Good. Day.", 1000), ("Ben Hall", "What?", 5000)],
    ),
    "of two lines in one": (
        "00:00:01:00\t00:00:02:12\tGood day.|What?\n00:00:03:00\t00:00:04:10\tOh.\n",
        [("", "Good day. What?", 1000), ("", "Oh.", 3000)],
    ),
    "from when to when, behind the name": (
        "Anna Lee (00:00:01 - 00:00:03)\nGood day.\n\nBen Hall (00:00:05 - 00:00:07)\nWhat?\n",
        [("Anna Lee", "Good day.", 1000), ("Ben Hall", "What?", 5000)],
    ),
    "of captions with numbers": (
        "1\n00:00:01:00 00:00:02:12\nGood day.\n1984.\n\n2\n00:00:03:00 00:00:04:10\nWhat?\n",
        [("", "Good day. 1984.", 1000), ("", "What?", 3000)],
    ),
    "counted": (
        "1 00:00:01:00 00:00:03:00 Good.\n2 00:00:04:00 00:00:06:00 What?\n",
        [("", "Good.", 1000), ("", "What?", 4000)],
    ),
    "of labels of sound": (
        "1.000000\t3.000000\tGood day.\n4.500000\t6.000000\tWhat now?\n",
        [("", "Good day.", 1000), ("", "What now?", 4500)],
    ),
    "before": (
        "00:00:01 Anna Smith: Good.\n00:00:04 Ben: What?\n",
        [("Anna Smith", "Good.", 1000), ("Ben", "What?", 4000)],
    ),
    "in brackets": ("[00:01] ANNA: Good.\n[00:04] What?\n", [("ANNA", "Good.", 1000), ("ANNA", "What?", 4000)]),
    "with names above": (
        "Anna Smith  0:01\nGood.\n\nSpeaker 2  0:04\nWhat?\n",
        [("Anna Smith", "Good.", 1000), ("Speaker 2", "What?", 4000)],
    ),
    "in columns": (
        "00:00:01\tANNA\tGood.\n00:00:04\tBEN\tWhat now?\n",
        [("ANNA", "Good.", 1000), ("BEN", "What now?", 4000)],
    ),
}


@pytest.mark.parametrize("name", TIMED)
def test_times_before_the_lines_are_not_spoken(tmp_path: Path, name: str) -> None:
    text, said = TIMED[name]
    found = read(tmp_path / "film.txt", text).lines
    assert [(line.text, line.start and line.start.ms) for line in found] == [(text, ms) for _, text, ms in said]
    assert found[0].speaker == said[0][0]


FOUNTAIN = """Title:
    _**BRICK**_
Author: Me

# Act

= synopsis

.OPENING

Action line with *emph*.

STEEL (starving)
That was great!

@McCLANE
Yippie [[note]] ki-yay.
(shouting)
  Go! *Now*.

ANNA ^
And I, too.

HANS (on the radio)
What was it?\x20\x20
\x20\x20
Still talking.

~Lyrics outside

JANE (CONT'D)
~ Willy Wonka
Bye.

!BOOM
no dialogue

>THE END<

> BURN TO WHITE.

CUT TO:

/*
BOB
never
*/

DAD
(MORE)
"""


def test_a_fountain_screenplay_gives_its_dialogue_alone(tmp_path: Path) -> None:
    found = read(tmp_path / "film.fountain", FOUNTAIN)
    assert [(line.speaker, line.text) for line in found.lines] == [
        ("STEEL", "That was great!"),
        ("McCLANE", "Yippie ki-yay. Go! Now."),
        ("ANNA", "And I, too."),
        ("HANS", "What was it? Still talking."),
        ("", "♪ Lyrics outside ♪"),
        ("JANE", "♪ Willy Wonka ♪"),
        ("JANE", "Bye."),
    ]
    assert [line.place for line in found.lines][:2] == ["line 14", "line 17"]
    (remark,) = found.remarks
    for kind in (
        "1 cut passages (line 44)",
        "1 notes (line 17)",
        "1 title page",
        "1 scene headings",
        "3 lines of action",
        "3 transitions",
        "2 parentheticals",
    ):
        assert kind in remark.message


@pytest.mark.parametrize(
    ("line", "is_said"),
    [("More.", True), ("Continued.", True), ("(more)", False), ("(MORE)", False), ("MORE", False), ("CONT'D", False)],
)
def test_marks_of_pages_are_written_in_capitals_or_brackets(tmp_path: Path, line: str, is_said: bool) -> None:
    found = read(tmp_path / "film.fountain", f"INT. X\n\nANNA\nYes.\n{line}\nPlease.\n")
    assert [one.text for one in found.lines] == [f"Yes. {line} Please." if is_said else "Yes. Please."]


CUTS = [
    ("ANNA\nYes. /* no */ Well.\n", ["Yes. Well."], ("1 cut passages (line 4)",)),
    ("ANNA\nYes.\n\n/*\nBOB\nNo.\n\nANNA\nWell.\n", ["Yes.", "No.", "Well."], ("1 cuts that never end", "(line 6)")),
    (
        "ANNA\nYes. /* a */\n\n/* b */\n\nBOB\nNo. /* c\n",
        ["Yes.", "No. c"],
        ("2 cut passages (line 4, line 6)", "never end", "(line 9)"),
    ),
    ("ANNA\nYes. [[a\nb]] Well. [[open\nThen go.\n", ["Yes. Well. Then go."], ("2 notes (line 4, line 5)",)),
]


@pytest.mark.parametrize(("text", "said", "told"), CUTS)
def test_what_a_screenplay_leaves_out_is_counted_and_an_open_cut_leaves_nothing_out(
    tmp_path: Path, text: str, said: list[str], told: tuple[str, ...]
) -> None:
    found = read(tmp_path / "film.fountain", f"INT. X\n\n{text}")
    assert [line.text for line in found.lines] == said
    (remark,) = found.remarks
    for part in told:
        assert part in remark.message


FDX = """<?xml version="1.0" encoding="UTF-8"?>
<FinalDraft DocumentType="Script"><Content>
<Paragraph Type="Scene Heading"><Text>INT. X</Text></Paragraph>
<Paragraph Type="Character"><Text>ANNA (V.O.)</Text></Paragraph>
<Paragraph Type="Parenthetical"><Text>(sad)</Text></Paragraph>
<Paragraph Type="Dialogue"><Text>Good </Text><Text Style="Italic">day</Text><ScriptNote><Paragraph><Text>no</Text>
</Paragraph></ScriptNote><Text>.</Text></Paragraph>
<Paragraph><DualDialogue><Paragraph Type="Character"><Text>BEN</Text></Paragraph>
<Paragraph Type="Dialogue"><Text>Hi.</Text></Paragraph><Paragraph Type="Character"><Text>CAL</Text></Paragraph>
<Paragraph Type="Dialogue"><Text>Yo.</Text></Paragraph></DualDialogue></Paragraph>
<Paragraph Type="Action"><Text>They leave.</Text></Paragraph>
</Content></FinalDraft>"""


def test_a_final_draft_screenplay_gives_its_dialogue_alone(tmp_path: Path) -> None:
    found = read(tmp_path / "film.fdx", FDX)
    assert [(line.speaker, line.text) for line in found.lines] == [
        ("ANNA", "Good day."),
        ("BEN", "Hi."),
        ("CAL", "Yo."),
    ]
    assert "1 parentheticals (line 5)" in found.remarks[0].message


@pytest.mark.parametrize(
    ("text", "encoding", "want", "said"),
    [
        (
            "ANA: ¿Qué pasó, señor? Mañana iré al médico.\r\nJUAN: Sí, está aquí.\r\n",
            "cp1252",
            Wanted(),
            "¿Qué pasó, señor? Mañana iré al médico.",
        ),
        ("ANA: ¿Qué pasó?\r\n", "cp1252", Wanted(language="es"), "¿Qué pasó?"),
        (
            "ANNA: “Good,” she said… it’s time – we’re late.\r\nBEN: Don’t “worry”.\r\n",
            "cp1252",
            Wanted(),
            "“Good,” she said… it’s time – we’re late.",
        ),
        ("ANNA: Hello.\r\nBEN: Hi.\r\n", "utf-16", Wanted(), "Hello."),
    ],
)
def test_the_encoding_of_a_script_is_found_out(
    tmp_path: Path, text: str, encoding: str, want: Wanted, said: str
) -> None:
    assert read(tmp_path / "film.txt", text.encode(encoding), want).lines[0].text == said
