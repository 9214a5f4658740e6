"""Count what a writer could not keep: one remark for each kind, with the first cue affected."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from .cues import Cue, Diagnostic, Document
from .override import ONLY_POSITION

_WORDS = {
    "italic": ("style", "italics"), "bold": ("style", "bold"), "underline": ("style", "underlining"),
    "strike": ("style", "struck-out text"), "colour": ("colour", "colours"), "background": ("colour", "backgrounds"),
    "face": ("style", "fonts"), "size": ("style", "font sizes"), "ruby": ("ruby", "ruby annotations"),
    "voice": ("voice", "speakers"), "class": ("style", "classes"), "lang": ("language", "languages of words"),
    "direction": ("direction", "writing directions"), "time": ("timing", "times of single words"),
    "tag": ("effect", "ASS overrides"),
}  # fmt: skip
"""Code and plural of what is lost, by kind of mark."""


@dataclass(slots=True)
class Losses:
    """Counts what one writer leaves out or alters.

    Args:
        label: the format's name as people say it.
    """

    label: str
    found: dict[tuple[str, str], list[int]] = field(default_factory=dict)

    def add(self, code: str, what: str, cue: int = 0, line: int = 0, count: int = 1) -> None:
        """Count something lost.

        Args:
            code: for programs.
            what: the things and what became of them, in the plural.
            cue: number of the cue, from 1; 0 for the whole file.
            line: of the file it was read from.
            count: how many.
        """
        known = self.found.setdefault((code, what), [0, cue, line])
        known[0] += count

    def marks(self, cue: Cue, number: int, held: Collection[str]) -> None:
        """Count the marks of a cue that the format does not hold."""
        for mark in cue.marks:
            # Where a cue stands is said by its settings too.
            if mark.kind not in held and not (mark.kind == "tag" and ONLY_POSITION.fullmatch(mark.value)):
                code, what = _WORDS[mark.kind]
                self.add(code, f"{what} left out", number, cue.at_line)
        if cue.speaker and "voice" not in held and not any(mark.kind == "voice" for mark in cue.marks):
            self.add("voice", "speakers left out", number, cue.at_line)

    def cue(self, cue: Cue, number: int, own: str, *, names: bool = False, forced: bool = False) -> None:
        """Count what the format cannot hold of a cue beside its text and place.

        Args:
            cue: to be written.
            number: its number, from 1.
            own: prefix of the extras that are the format's own.
            names: whether identifiers of any kind are kept; else only the cue's number is.
            forced: whether the flag for forced display is kept.
        """
        if lost := sum(not (own and name.startswith(own)) for name, _ in cue.extras):
            self.add("field", "fields of other formats left out", number, cue.at_line, lost)
        if cue.id not in {"", str(number)} and not names:
            self.add("id", "identifiers replaced by numbers", number, cue.at_line)
        if cue.style and own != "ass:":
            self.add("style", "names of styles left out", number, cue.at_line)
        if cue.forced and not forced:
            self.add("forced", "flags for forced display left out", number, cue.at_line)

    def document(self, document: Document, *, comments: bool, styles: bool = False, regions: bool = False) -> None:
        """Count what the format cannot hold of the document itself.

        Args:
            document: to be written.
            comments: whether they are kept.
            styles: whether the document's style blocks are kept.
            regions: whether its regions are kept.
        """
        if document.comments and not comments:
            self.add("comment", "comments left out", document.comments[0].before + 1, 0, len(document.comments))
        if document.styles and not styles:
            self.add("style", "style definitions left out", count=len(document.styles))
        if document.regions and not regions:
            self.add("position", "regions left out", count=len(document.regions))
        for part in document.opaque:
            if part.format != document.format or not styles:
                self.add("drawing" if part.kind == "drawing" else "effect", f"{part.kind}s left out", part.before + 1)

    def remarks(self) -> tuple[Diagnostic, ...]:
        """One remark for every kind of loss."""
        return tuple(
            Diagnostic(code, self._message(what, count, cue), line, count, cue, loss=True)
            for (code, what), (count, cue, line) in self.found.items()
        )

    def _message(self, what: str, count: int, cue: int) -> str:
        where = f", first in cue {cue}" if cue else ""
        return f"{self.label}: {count} {what}{where}"
