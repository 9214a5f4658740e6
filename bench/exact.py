"""How exactly the synthesizer keeps a plan: `python bench/exact.py`.

Speaks lines at several rates with a pause inside and prints, over all phrases, the error of what is heard against what
was planned, and how many lines were rendered twice for it. The release the engine allows for (`kokoro.RELEASE_MS`) is
the median of the end error without it.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import Any

from localize import consent
from localize.data import Phrase, Span
from localize.engines import load
from localize.isochrony.fit import trim_to_spans
from localize.models import Models

LINES = {
    ("es", "ef_dora"): [
        ("Buenos días, amigos,", "¿qué tal están hoy?"),
        ("No sé lo que quieres decir,", "pero te escucho."),
        ("La casa está vacía,", "y nadie la ha visto en años."),
        ("Mañana salimos temprano,", "antes de que amanezca."),
    ],
    ("es", "em_alex"): [
        ("He perdido las llaves,", "otra vez."),
        ("Dime la verdad,", "por favor, solo una vez."),
        ("El tren llega a las tres,", "si no hay retraso."),
    ],
    ("pt", "pf_dora"): [
        ("Eu nunca vi nada assim,", "e espero nunca mais ver."),
        ("A porta estava aberta,", "mas não havia ninguém."),
        ("Vamos embora agora,", "antes que seja tarde."),
    ],
    ("en", "am_michael"): [
        ("There is a lot of rain tonight,", "and the street is wet."),
        ("When does the train arrive,", "do you know?"),
    ],
    ("en", "af_heart"): [
        ("I didn't know that,", "but it makes sense."),
        ("The food is on the table,", "help yourself."),
    ],
    ("fr", "ff_siwis"): [
        ("Je ne savais pas,", "mais cela se comprend."),
        ("Le train arrive à trois heures,", "s'il n'a pas de retard."),
    ],
    ("it", "if_sara"): [
        ("Non lo sapevo,", "ma si capisce."),
        ("Il treno arriva alle tre,", "se non è in ritardo."),
    ],
    ("pt", "pm_alex"): [
        ("O livro é antigo,", "mas ainda se lê bem."),
        ("Não diga nada a ela,", "pelo menos por enquanto."),
    ],
}


def main() -> None:
    """Speak, measure, print."""
    engine = load("synthesizer", "kokoro", Models())
    once = engine._render_line
    rendered = spoken_lines = 0

    def counted(*asked: Any) -> Any:
        nonlocal rendered
        rendered += 1
        return once(*asked)

    engine._render_line = counted
    by_language: dict[str, list[int]] = {}
    with tempfile.TemporaryDirectory() as folder:
        home = consent.Home.open(Path(folder))
        for (language, voice), lines in LINES.items():
            grant = consent.check(home, [consent.Request(voice, "S1", language, "bench")])["S1"]
            for texts in lines:
                natural = engine.pace(texts, grant, language)
                for rate in (0.85, 1.0, 1.2):
                    first, second = (round(n / rate) for n in natural)
                    spans = (Span(0, first), Span(first + 400, first + 400 + second))
                    spoken_lines += 1
                    spoken = engine.speak([Phrase(t, s) for t, s in zip(texts, spans)], grant, language)
                    _, heard = trim_to_spans(spoken.samples, spoken.rate, spoken.lead_ms, spans)
                    by_language.setdefault(language, []).extend(h.length_ms - s.length_ms for h, s in zip(heard, spans))
    for language, found in by_language.items():
        print(f"{language}: {len(found)} phrases, median error {statistics.median(found):+.0f} ms")
    errors = [error for found in by_language.values() for error in found]
    ordered = sorted(abs(e) for e in errors)
    print(f"rendered twice: {rendered - spoken_lines} of {spoken_lines} lines")
    print(f"phrases {len(errors)}  median error {statistics.median(errors):+.0f} ms")
    tail = ordered[int(0.95 * len(ordered))]
    print(f"absolute error: median {statistics.median(ordered):.0f} ms, 95 % {tail} ms, worst {ordered[-1]} ms")


if __name__ == "__main__":
    main()
