"""Subtitles as they are drawn into a picture: a font for every script, line breaks, and what no font can show.

libass takes for a letter that the style's font lacks the first font that has it, which gives Chinese the shapes of
Japanese and Arabic those of a maths font. So every stretch in another script names a font made for it, the first of
`FONTS` that libass finds on this machine; and libass itself is asked which letters none has, before the film is drawn.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache

from ..data import Span
from ..events import Run, name_some
from ..language.script import display_width, main_language, split_words
from ..media import probe_fonts
from ..timedtext import formats
from ..timedtext.ass import format_time
from ..timedtext.cues import Cue, Document, Mark

FONTS: Mapping[str, tuple[str, ...]] = {
    "Arabic": ("Noto Sans Arabic", "Noto Naskh Arabic", "Geeza Pro", "Segoe UI", "Tahoma", "Arial", "DejaVu Sans"),
    "Hebrew": ("Noto Sans Hebrew", "Arial Hebrew", "Segoe UI", "Arial", "DejaVu Sans"),
    "Thai": ("Noto Sans Thai", "Thonburi", "Leelawadee UI", "Tahoma", "Loma", "Garuda"),
    "Japanese": ("Noto Sans CJK JP", "Noto Sans JP", "Hiragino Sans", "Yu Gothic", "Meiryo", "IPAGothic", "VL Gothic"),
    "Chinese": ("Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei", "WenQuanYi Micro Hei", "SimHei"),
    "Traditional Chinese": ("Noto Sans CJK TC", "Noto Sans TC", "PingFang TC", "Microsoft JhengHei"),
    "Korean": ("Noto Sans CJK KR", "Noto Sans KR", "Apple SD Gothic Neo", "Malgun Gothic", "NanumGothic"),
    "Devanagari": ("Noto Sans Devanagari", "Kohinoor Devanagari", "Nirmala UI", "Mangal", "Lohit Devanagari"),
    "Bengali": ("Noto Sans Bengali", "Kohinoor Bangla", "Nirmala UI", "Vrinda", "Lohit Bengali"),
    "Gurmukhi": ("Noto Sans Gurmukhi", "Gurmukhi MN", "Nirmala UI", "Raavi", "Lohit Gurmukhi"),
    "Gujarati": ("Noto Sans Gujarati", "Kohinoor Gujarati", "Nirmala UI", "Shruti", "Lohit Gujarati"),
    "Tamil": ("Noto Sans Tamil", "Tamil Sangam MN", "Nirmala UI", "Latha", "Lohit Tamil"),
    "Telugu": ("Noto Sans Telugu", "Kohinoor Telugu", "Nirmala UI", "Gautami", "Lohit Telugu"),
    "Kannada": ("Noto Sans Kannada", "Kannada Sangam MN", "Nirmala UI", "Tunga", "Lohit Kannada"),
    "Malayalam": ("Noto Sans Malayalam", "Malayalam Sangam MN", "Nirmala UI", "Kartika", "Lohit Malayalam"),
    "Sinhala": ("Noto Sans Sinhala", "Sinhala Sangam MN", "Nirmala UI", "Iskoola Pota"),
    "Khmer": ("Noto Sans Khmer", "Khmer Sangam MN", "Leelawadee UI", "Khmer UI"),
    "Lao": ("Noto Sans Lao", "Lao Sangam MN", "Leelawadee UI", "Lao UI"),
    "Myanmar": ("Noto Sans Myanmar", "Myanmar Sangam MN", "Myanmar Text", "Padauk"),
    "Georgian": ("Noto Sans Georgian", "Helvetica Neue", "Segoe UI", "Sylfaen", "DejaVu Sans"),
    "Armenian": ("Noto Sans Armenian", "Mshtakan", "Segoe UI", "Sylfaen", "DejaVu Sans"),
    "Ethiopic": ("Noto Sans Ethiopic", "Kefa", "Ebrima", "Nyala"),
    "Emoji": ("Noto Emoji", "Segoe UI Symbol", "Symbola"),
}  # fmt: skip
"""Fonts without serifs, by script, in order: Noto, then those of macOS, Windows and Linux distributions. libass draws
outlines: fonts of coloured pictures are none to it."""
_ENLARGED = {"Noto Sans Arabic": 150, "Noto Naskh Arabic": 125, "Noto Sans Myanmar": 150, "Noto Sans Lao": 120}
"""Percent by which fonts with much room above and below their letters are drawn larger: libass scales a font's whole
height (ascent and descent of OS/2) to the size asked for, and these have 1.6 to 2.2 em where Noto Sans has 1.36."""
_BLOCKS = (
    (0x0530, 0x058F, "Armenian"), (0x0590, 0x05FF, "Hebrew"), (0x0600, 0x06FF, "Arabic"), (0x0750, 0x077F, "Arabic"),
    (0x08A0, 0x08FF, "Arabic"), (0x0900, 0x097F, "Devanagari"), (0x0980, 0x09FF, "Bengali"),
    (0x0A00, 0x0A7F, "Gurmukhi"), (0x0A80, 0x0AFF, "Gujarati"), (0x0B80, 0x0BFF, "Tamil"), (0x0C00, 0x0C7F, "Telugu"),
    (0x0C80, 0x0CFF, "Kannada"), (0x0D00, 0x0D7F, "Malayalam"), (0x0D80, 0x0DFF, "Sinhala"), (0x0E00, 0x0E7F, "Thai"),
    (0x0E80, 0x0EFF, "Lao"), (0x1000, 0x109F, "Myanmar"), (0x10A0, 0x10FF, "Georgian"), (0x1100, 0x11FF, "Korean"),
    (0x1200, 0x139F, "Ethiopic"), (0x1780, 0x17FF, "Khmer"), (0x2E80, 0x303F, "Han"), (0x3040, 0x30FF, "Japanese"),
    (0x3100, 0x312F, "Traditional Chinese"), (0x3130, 0x318F, "Korean"), (0x31F0, 0x31FF, "Japanese"),
    (0x3200, 0x9FFF, "Han"), (0xAC00, 0xD7AF, "Korean"), (0xF900, 0xFAFF, "Han"), (0xFB1D, 0xFB4F, "Hebrew"),
    (0xFB50, 0xFDFF, "Arabic"), (0xFE70, 0xFEFE, "Arabic"), (0xFF00, 0xFFEF, "Han"), (0x1F000, 0x1FAFF, "Emoji"),
    (0x20000, 0x323AF, "Han"),
)  # fmt: skip
"""Blocks of Unicode (Blocks.txt) that are one script's."""
_LANGUAGES = {
    "ar": "Arabic", "fa": "Arabic", "ur": "Arabic", "ps": "Arabic", "he": "Hebrew", "yi": "Hebrew", "th": "Thai",
    "ja": "Japanese", "zh": "Chinese", "yue": "Traditional Chinese", "ko": "Korean", "hi": "Devanagari",
    "mr": "Devanagari", "ne": "Devanagari", "bn": "Bengali", "pa": "Gurmukhi", "gu": "Gujarati", "ta": "Tamil",
    "te": "Telugu", "kn": "Kannada", "ml": "Malayalam", "si": "Sinhala", "km": "Khmer", "lo": "Lao", "my": "Myanmar",
    "ka": "Georgian", "hy": "Armenian", "am": "Ethiopic",
}  # fmt: skip
_LATIN = ("Noto Sans",)
_SAMPLES = {"Japanese": "あ語", "Chinese": "语", "Traditional Chinese": "語", "Korean": "한"}
_UNSPACED = {"Thai": "th", "Japanese": "ja", "Chinese": "zh", "Traditional Chinese": "zh"}
_HEIGHT = 288
_SIZE = 16
"""Of the letters, in lines of a picture of `_HEIGHT`: what ffmpeg gives SubRip."""
_ROW_EM = 21
"""Width of a full row in letters' heights: 42 characters of half of one, the widest any profile allows."""
_HEADER = (
    "[Script Info]\nScriptType: v4.00+\nWrapStyle: 0\nScaledBorderAndShadow: yes\nPlayResX: {width}\nPlayResY: {height}"
)
_STYLES = (
    "[V4+ Styles]\nFormat: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, "
    "Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, "
    "MarginR, MarginV, Encoding\nStyle: Default,Arial,{size:.4g},&H00FFFFFF,&H000000FF,&H00000000,&H00000000,0,0,0,0,"
    "100,100,0,0,1,1,0,2,{margin},{margin},12,-1"
)


@dataclass(frozen=True, slots=True)
class Drawing:
    """Subtitles ready to be drawn.

    Args:
        script: ASS.
        fonts: PostScript names of the fonts libass takes for it.
        missing: letter that no font has -> numbers of the cues it stands in, from 1.
    """

    script: str
    fonts: tuple[str, ...]
    missing: Mapping[str, tuple[int, ...]]


def prepare(document: Document, language: str, shape: float = 16 / 9) -> Drawing:
    """Choose fonts and breaks for every line, and ask libass what it cannot draw.

    Args:
        document: the subtitles.
        language: BCP 47 tag, or "".
        shape: width of the picture by its height.

    Raises:
        EngineMissing: this ffmpeg was built without libass.
    """
    width = round(_HEIGHT * shape)
    size = min(float(_SIZE), width * 0.9 / _ROW_EM if shape >= 1 else width * 0.9 / _ROW_EM * 4 / 3)
    row = int(width * 0.9 / size * 2)
    fonts = {script: _family(script) for script in _scripts(document.cues, language)}
    cues = tuple(_laid_out(cue, language, fonts, row) for cue in document.cues)
    styled = replace(
        document, cues=cues, language=language, format="ass", opaque=(), comments=(),
        header=_HEADER.format(width=width, height=_HEIGHT),
        styles=(_STYLES.format(size=size, margin=round(width * 0.05)),),
    )  # fmt: skip
    script, _ = formats.render(styled, "ass", frame_rate=Fraction(25))
    names, missing = _choose_fonts(cues)
    return Drawing(script, names, missing)


def warn_of_missing(run: Run, drawing: Drawing, what: str) -> None:
    """Name the letters that will be boxes, and where.

    Args:
        run: receives the warning.
        drawing: of `prepare`.
        what: the subtitles, for the message.
    """
    if not drawing.missing:
        return
    places = sorted({number for numbers in drawing.missing.values() for number in numbers})
    cues = name_some(map(str, places))
    letters = [f"{letter} (U+{ord(letter):04X})" for letter in sorted(drawing.missing)]
    shown = name_some(letters, 6)
    wanted = dict.fromkeys(FONTS[s][0] for s in map(_script_of, sorted(drawing.missing)) if s in FONTS)
    install = f"install {' and '.join(wanted)}" if wanted else "install a font that has them"
    run.warn("glyphs", f"{what}: no font here has {shown}: boxes are drawn in cue {cues}; {install}")


def check_given(run: Run, lines: Sequence[str], language: str, what: str) -> None:
    """Before any work: warn of letters in given text that no font of this machine has."""
    cues = tuple(Cue("", _second(n), tuple(line.split("\n"))) for n, line in enumerate(lines))
    warn_of_missing(run, prepare(Document(cues, language, ""), language), what)


def check_language(run: Run, language: str) -> None:
    """Before any work: warn where no font of this machine has the letters of a language that will be drawn.

    Raises:
        EngineMissing: this ffmpeg was built without libass.
    """
    script = _script_for(language)
    letters = (_SAMPLES.get(script) or _sample(script)) if script else "Aa"
    if prepare(Document((Cue("", _second(0), (letters,)),), language, ""), language).missing:
        run.warn(
            "glyphs",
            f"no font here has the letters of {language}: boxes are drawn; install {FONTS.get(script, _LATIN)[0]}",
        )


# --- scripts and fonts -----------------------------------------------------------------------------------------------


def _script_of(letter: str) -> str:
    """The script of `FONTS` a letter belongs to; "Han" where its language decides, "" for all that Latin fonts have."""
    code = ord(letter)
    return next((name for first, last, name in _BLOCKS if first <= code <= last), "") if code >= 0x0530 else ""


def _script_for(language: str) -> str:
    """The script a language is written in, of those that have fonts of their own."""
    if re.match(r"zh-(?:.*-)?(?:Hant|TW|HK|MO)\b", language, re.IGNORECASE):
        return "Traditional Chinese"
    return _LANGUAGES.get(main_language(language), "")


def _scripts(cues: Sequence[Cue], language: str) -> set[str]:
    return {
        found for cue in cues for line in cue.lines for _, _, found in _stretches(line, _han(cue.lines, language))
    }  # fmt: skip


def _han(lines: Sequence[str], language: str) -> str:
    """Whose letters Han are in a cue: by its language, else by the kana or hangul beside them."""
    if (script := _script_for(language)) in {"Japanese", "Chinese", "Traditional Chinese", "Korean"}:
        return script
    beside = {_script_of(letter) for line in lines for letter in line}
    return next((script for script in ("Japanese", "Korean", "Traditional Chinese") if script in beside), "Chinese")


def _stretches(line: str, han: str) -> Iterator[tuple[int, int, str]]:
    """The stretches of a line that need a font of their own: start, end, script, with the spaces and accents inside."""
    start, end, running = 0, 0, ""
    for at, letter in enumerate(line):
        found = _script_of(letter).replace("Han", han)
        if not found and running and (letter.isspace() or unicodedata.category(letter) in {"Cf", "Mn"}):
            continue
        if found == running:
            end = at + 1
            continue
        if running:
            yield start, end, running
        start, end, running = at, at + 1, found
    if running:
        yield start, end, running


@cache
def _family(script: str) -> str:
    """The first font of a script that libass finds here; "" where there is none."""
    families = FONTS.get(script, ())
    letters = _SAMPLES.get(script) or _sample(script)
    events = (_event(at, f"{{\\fn{family}}}{letters}") for at, family in enumerate(families))
    drawn = probe_fonts(_bare("\n".join(events)), max(1, len(families)))
    taken = {family: name for family, weight, slant, name in reversed(drawn.fonts)}
    return next((family for family in families if _is_of(taken.get(family, ""), family)), "")


def _is_of(name: str, family: str) -> bool:
    """Whether a font's PostScript name is that of a family: the name without spaces, and then a style."""
    plain = re.sub(r"[^a-z0-9]", "", family.lower())
    return bool(re.match(rf"{plain}(?:mt|psmt)?(?:-|$)", re.sub(r"[ _]", "", name.lower())))


def _sample(script: str) -> str:
    """One letter of a script."""
    first, last = next((first, last) for first, last, name in _BLOCKS if name == script)
    return next((chr(c) for c in range(first, last) if unicodedata.category(chr(c)) in {"Lo", "Lu", "So"}), "")


# --- laying out ------------------------------------------------------------------------------------------------------


def _laid_out(cue: Cue, language: str, fonts: Mapping[str, str], row: int) -> Cue:
    """A cue with its fonts as marks and its breaks as points; fonts that a person named stay."""
    han = _han(cue.lines, language)
    named = {mark.line for mark in cue.marks if mark.kind == "face"}
    faces = tuple(
        Mark(number, start, end, "face", fonts[script])
        for number, line in enumerate(cue.lines) if number not in named
        for start, end, script in _stretches(line, han) if fonts[script]
    )  # fmt: skip
    breaks = tuple(
        Mark(number, at, at, "tag", "\\N") for number, line in enumerate(cue.lines) for at in _breaks(line, han, row)
    )
    sizes = tuple(
        Mark(m.line, at, at, "tag", f"{{\\fscx{percent}\\fscy{percent}}}")
        for m in faces for at, percent in ((m.start, _ENLARGED.get(m.value, 0)), (m.end, 100)) if m.value in _ENLARGED
    )  # fmt: skip
    return replace(cue, marks=(*cue.marks, *faces, *sizes, *breaks), origin=None, extras=(), style="")


def _breaks(line: str, han: str, row: int) -> Iterator[int]:
    """Where a line without spaces is parted so that it fits the picture; libass breaks at spaces alone."""
    wide = display_width(line)
    script = next((script for _, _, script in _stretches(line, han) if script in _UNSPACED), "")
    if wide <= row or not script:
        return
    target, at, since = wide / -(-wide // row), 0, 0
    for word in split_words(line, _UNSPACED[script]):
        if since and since + display_width(word) / 2 > target:
            yield at
            since = 0
        at += len(word)
        since += display_width(word)


# --- rehearsing ------------------------------------------------------------------------------------------------------


def _choose_fonts(cues: Sequence[Cue]) -> tuple[tuple[str, ...], dict[str, tuple[int, ...]]]:
    """The fonts that every letter is drawn with, and the letters without one, by cue."""
    places: dict[tuple[str, str], list[int]] = {}
    for number, cue in enumerate(cues, 1):
        faces = {(m.line, at): m.value for m in cue.marks if m.kind == "face" for at in range(m.start, m.end)}
        for row, line in enumerate(cue.lines):
            for at, letter in enumerate(line):
                if _is_seen(letter):
                    places.setdefault((faces.get((row, at), ""), letter), []).append(number)
    missing: dict[str, tuple[int, ...]] = {}
    taken: dict[str, None] = {}
    by_face: dict[str, list[str]] = {}
    for face, letter in sorted(places):
        by_face.setdefault(face, []).append(letter)
    for face, letters in by_face.items():
        drawn = _probe_letters(face, letters)
        taken |= dict.fromkeys(f"{name} {weight} {slant}" for _, weight, slant, name in drawn[0])
        for letter in drawn[1]:
            missing[letter] = tuple(sorted({*missing.get(letter, ()), *places.get((face, letter), ())}))
    return tuple(taken), {letter: numbers for letter, numbers in missing.items() if numbers}


def _probe_letters(face: str, letters: Sequence[str]) -> tuple[tuple[tuple[str, int, int, str], ...], frozenset[str]]:
    """Every letter once, parted by spaces so that none joins another; 60 a picture."""
    head = f"{{\\fn{re.sub(r'[{}]', '', face)}}}" if face else ""
    rows = [letters[at : at + 60] for at in range(0, len(letters), 60)]
    escaped = (" ".join("\\" + one if one in "{}" else one for one in row if one != "\\") for row in rows)
    drawn = probe_fonts(_bare("\n".join(_event(at, head + text) for at, text in enumerate(escaped))), len(rows))
    return drawn.fonts, drawn.missing


def _is_seen(letter: str) -> bool:
    """Whether a letter takes ink: marks of direction, joiners and selectors of variants have no glyph to miss."""
    return not letter.isspace() and unicodedata.category(letter) != "Cf" and not 0xFE00 <= ord(letter) <= 0xFE0F


def _bare(events: str) -> str:
    head = f"{_HEADER.format(width=512, height=_HEIGHT)}\n\n{_STYLES.format(size=_SIZE, margin=10)}"
    fields = "Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text"
    return f"{head}\n\n[Events]\nFormat: {fields}\n{events}\n"


def _event(second: int, text: str) -> str:
    return f"Dialogue: 0,{format_time(second * 1000)},{format_time(second * 1000 + 1000)},Default,,0,0,0,,{text}"


def _second(number: int) -> Span:
    return Span(number * 1000, number * 1000 + 1000)
