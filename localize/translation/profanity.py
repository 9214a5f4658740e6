"""A title's profanity policy: strong words of a translation are said milder where its style sheet asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..data import Candidate, Conversion, Line, Translation
from ..events import Run
from ..language.profanity import has_list, soften
from ..language.tags import main_language


def softened(run: Run, translation: Translation, sheet: str) -> Translation:
    """A translation with milder words in all wordings of its lines; warns of strong words that stay.

    Args:
        run: warns of lines that a person should look at.
        translation: of a film. What a person gave or a memory has is kept, and named where it has strong words.
        sheet: name of the style sheet that asks for it.
    """
    language = main_language(translation.language)
    if not has_list(language):
        message = f"{sheet}: there is no list of strong words of {language}: none is softened, read the lines"
        run.warn("profanity", message)
        return translation
    lines, changes, strong = [], [], []
    for line in translation.lines:
        found = soften(line.candidates[0].text, language)
        stays = [before for before, _ in found.changes] if line.edited else []
        if stays := [*stays, *found.left]:
            strong.append(f"{line.segment} ({', '.join(stays)})")
        lines.append(line if line.edited else _mild(line, language))
        changes += [Conversion(line.segment, *change) for change in ([] if line.edited else found.changes)]
    _warn(run, strong, sheet)
    return replace(translation, lines=tuple(lines), converted=(*translation.converted, *changes))


def _mild(line: Line, language: str) -> Line:
    made = [soften(candidate.text, language) for candidate in line.candidates]
    if not any(found.changes for found in made):
        return line
    wordings: dict[str, Candidate] = {}
    for candidate, found in zip(line.candidates, made):
        wordings.setdefault(found.text, candidate.reworded(found.text) if found.changes else candidate)
    return replace(line, candidates=tuple(wordings.values()))


def _warn(run: Run, strong: Sequence[str], sheet: str) -> None:
    if strong:
        message = f"{sheet}: strong words stay in {'; '.join(strong)}: check the lines, correct them with --edits"
        run.warn("profanity", message)
