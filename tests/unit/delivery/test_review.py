"""What a dub's report names for review: every line that a translator wrote, by all that is known of it."""

from __future__ import annotations

from dataclasses import replace

from localize.data import Candidate, Line, Segment, Span, Transcript, Translation
from localize.delivery.quality_control import add_review, shortfalls
from localize.delivery.report import DeliveredSound, LineReport, Report, SoundReport, Summary
from localize.events import LineFault, Warned

SUMMARY = Summary(
    lines=3, overlap=0.95, on_time=100.0, start_ms=(10, 40), talk_over_ms=0, fast_lines=0.0, max_rate=1.1, overflow=0,
    wer=0.05, dnsmos=3.3, loudness_lufs=-23.0, source_loudness_lufs=-23.2, true_peak_dbtp=-1.4,
)  # fmt: skip


def test_lines_are_reviewed_by_what_is_known_of_them_as_spoken() -> None:
    def entry(name: str, text: str, read_back: str | None, candidate: int = 0) -> LineReport:
        return LineReport(
            name, "S1", "ef_dora", text, read_back, 1.0, "exact", 0, 0, (), (), 1.0, candidate, "", None, ""
        )

    said = ("I will see you at nine.", "Good night.", "Written by hand.")
    segments = tuple(Segment(f"s{n}", Span(n * 1000, n * 1000 + 900), "S1", text) for n, text in enumerate(said))
    sure = (Candidate("Te veo a las nueve.", -0.1), Candidate("Te veré a las nueve.", -0.2))
    lines = (
        Line("s0", sure), Line("s1", (Candidate("Buenas noches.", -0.05),)),
        Line("s2", (Candidate("A mano.", 0.0),), edited=True),
    )  # fmt: skip
    spoken = (entry("s0", sure[1].text, "te beré a las once", 1), entry("s1", "Buenas noches.", "buenás noches"),
              entry("s2", "A mano.", None))  # fmt: skip
    sound = SoundReport("separate", "source", None, DeliveredSound(-23.0, -1.0), {})
    plain = Report("es", 3000, SUMMARY, sound, {}, (), spoken)
    lost = Warned("number_lost", "", LineFault("s0", "the translation lost the number 9", ("9",)))
    found = add_review(plain, Transcript("en", segments), Translation("es", lines, "marian_ct2"), [lost])
    assert [line.risk is None for line in found.lines] == [False, False, True]
    assert found.lines[0].doubts[:2] == ("the translation lost the number 9", "40% of its words are heard otherwise")
    assert found.lines[1].doubts == ()
    assert found.summary.review == ("s0",)
    assert (found.summary.likely_wrong, found.review and found.review.lines) == (1, 2)
    by_hand = Translation("es", tuple(replace(line, edited=True) for line in lines), "given")
    unmarked = add_review(plain, Transcript("en", segments), by_hand, [])
    assert unmarked.review is None
    assert [line.risk for line in unmarked.lines] == [None] * 3


def test_strict_refuses_more_than_a_fifth_of_likely_wrong_lines_and_no_others() -> None:
    assert shortfalls(replace(SUMMARY, lines=10, likely_wrong=2, review=("s1", "s2"))) == []
    said = "3 of 10 lines are likelier wrong than right: read those that the report names for review"
    assert shortfalls(replace(SUMMARY, lines=10, likely_wrong=3)) == [said]
