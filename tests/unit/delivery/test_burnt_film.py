"""A film with its subtitles burned in, made through the store by the real ffmpeg."""

import subprocess
from pathlib import Path

import av
import numpy as np
import pytest

from localize.data import Source
from localize.delivery import burn_in
from localize.events import Run
from localize.media import burn_subtitles, ffmpeg, picture_shape
from localize.timedtext import formats


@pytest.mark.costly
def test_a_film_is_drawn_on_with_other_fonts_anew(run: Run, tmp_path: Path) -> None:
    film = tmp_path / "it's [a] film, 1:2.mp4"
    made = [ffmpeg(), "-v", "error", "-f", "lavfi", "-i", "color=black:size=180x320:rate=5:duration=3"]
    subprocess.run([*made, "-pix_fmt", "yuv420p", f"file:{film}"], check=True)
    assert picture_shape(film) == 180 / 320
    document = formats.parse(b"1\n00:00:01,000 --> 00:00:02,000\nHello, <i>world</i>!\n", "film.en.srt")
    drawing = burn_in.prepare(document, "en", picture_shape(film))
    source = Source("0" * 64, 1, str(film))
    burnt = burn_subtitles(run.store, source, drawing.script, drawing.fonts)
    with av.open(str(run.store.path(burnt))) as container:
        lit = [int(frame.to_ndarray(format="gray").max()) for frame in container.decode(video=0)]
    assert len(lit) == 15
    assert np.flatnonzero(np.array(lit) > 150).tolist() == [5, 6, 7, 8, 9]
    made_before = run.store.made
    burn_subtitles(run.store, source, drawing.script, drawing.fonts)
    assert run.store.made == made_before
    burn_subtitles(run.store, source, drawing.script, (*drawing.fonts, "Another 400 0"))
    assert run.store.made == made_before + 1
