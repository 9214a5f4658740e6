"""Films as people bring them: each of the kinds that once came out wrong, and what is right for it.

The words and the take are given; the dub is measured on the delivered file, as players present it.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from localize import media
from localize.data import Span, Stream
from localize.events import Run
from tests.film_matrix import SEPARATING, compare_pictures, deliver

pytestmark = pytest.mark.shared
FIRST, LAST = Span(1000, 2800), Span(7200, 8900)
"""Two of the lines of these films; the one lies before what may be missing, the other after it."""


@dataclass(frozen=True)
class Kind:
    """A film and what is right for it.

    Args:
        name: of the file.
        film: suffix of what is delivered.
        told: codes of the warnings.
        flags: of each sound, the dub first.
        shown: languages of the subtitles that are shown unasked.
        line: of the source that is dubbed.
        lag_ms: at most.
    """

    name: str
    film: str = ".mkv"
    told: tuple[str, ...] = ()
    flags: tuple[str, ...] | None = ("default dub", "original")
    shown: tuple[str, ...] = ()
    line: Span = LAST
    lag_ms: int = 10


KINDS = (
    Kind("base.mp4", ".mp4", flags=None),
    Kind("xvid.avi"),
    Kind("ps.mpg"),
    Kind("gap.mp4", ".mp4", ("holes",), flags=None),
    Kind("gap.mkv", told=("holes",)),
    Kind("ad.mkv", flags=("default dub", "original", "visual_impaired")),
    Kind("adfirst.mkv", flags=("default dub", "original", "visual_impaired")),
    Kind("multi.mkv", flags=("default dub", "original", "", "comment")),
    Kind("wm.wmv", lag_ms=20),
    Kind("subs.mp4", ".mp4", flags=None, shown=("es",)),
    Kind("subs.mkv", shown=()),
    Kind("trunc.mkv", told=("truncated",), line=FIRST),
    Kind("trunc_fast.mp4", ".mp4", ("truncated",), flags=None, line=FIRST),
    Kind("phone.3gp"),
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_film_of_each_kind(
    kind: Kind, run: Run, shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in SEPARATING:
        monkeypatch.setattr(sys.modules[module], "package_version", lambda _name: "")
    film = shared / "cases" / "media" / kind.name
    done = deliver(film, run, tmp_path, kind.line)
    assert done.film is not None
    assert done.plan is not None
    assert done.film.suffix == done.plan.suffix == kind.film
    assert done.told == kind.told
    lag = done.lag_ms(run)
    assert lag is not None
    assert abs(lag) <= kind.lag_ms
    assert compare_pictures(film, done.film) == "equal"
    streams = media.probe(done.film).streams
    sounds = [s for s in streams if s.kind == "audio"]
    assert [s.default for s in sounds] == [True] + [False] * (len(sounds) - 1)
    assert [s.language for s in sounds][:2] == ["es", "en"]
    assert "SoundHandler" not in _names(done.film)
    if kind.flags is not None:  # MP4 has no place for others
        assert [_flags(s) for s in sounds] == [set(flags.split()) for flags in kind.flags]
    texts = [s for s in streams if s.kind == "subtitle"]
    assert tuple(s.language for s in texts if s.default and "forced" not in s.flags) == kind.shown
    before = [s for s in media.probe(film).streams if s.kind == "subtitle"]
    assert [s.flags for s in texts[1:] if "forced" in s.flags] == [s.flags for s in before if "forced" in s.flags]
    assert len(texts) == len(before) + 1


def _flags(stream: Stream) -> set[str]:
    return set(stream.flags)


def _names(path: Path) -> set[str]:
    import av

    with av.open(str(path)) as container:
        return {value for s in container.streams for value in s.metadata.values()}
