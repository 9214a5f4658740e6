"""Rule-based paraphrases with fewer or more syllables, by target language.

Over 400 lines: most of it is the rules of three languages, which are read side by side.

A rule has a name, which the report shows, and keeps the meaning. Whatever a rule does, a result that changes
a number, a name or a negation is thrown away.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

from .invariants import has_negation, keeps_meaning
from .syllables import syllables

MANY_LINES = 8_192
"""Lines whose paraphrases a process keeps: a dub is made again after every correction, and its other lines stay."""
Put = str | Callable[[re.Match[str]], str]


@dataclass(frozen=True, slots=True)
class Paraphrase:
    """Another way to say a text, and the rules that made it, joined by "+"."""

    text: str
    rule: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A named set of replacements; texts of which `unless` says yes are left alone."""

    name: str
    edits: tuple[tuple[re.Pattern[str], Put], ...]
    unless: Callable[[str], object] | None = None

    def apply(self, text: str) -> str:
        """The text rewritten; capitals at the start of what is replaced are kept."""
        if self.unless is not None and self.unless(text):
            return text
        for pattern, put in self.edits:
            text = pattern.sub(partial(_keep_case, put), text)
        return text


def shorter_paraphrases(text: str, language: str) -> tuple[Paraphrase, ...]:
    """Ways to say `text` in fewer syllables, from mild to strong; none for a language without rules."""
    return _paraphrases(text, language, SHORTER.get(language, ()), -1)


def longer_paraphrases(text: str, language: str) -> tuple[Paraphrase, ...]:
    """Ways to say `text` in more syllables, from mild to strong; none for a language without rules."""
    return _paraphrases(text, language, LONGER.get(language, ()), 1)


@lru_cache(MANY_LINES)
def _paraphrases(text: str, language: str, rules: tuple[Rule, ...], sign: int) -> tuple[Paraphrase, ...]:
    # Each rule alone, then all up to it together.
    found: dict[str, str] = {}
    together, names = text, ""
    for rule in rules:
        alone = _apply_rule(rule, text, language)
        if alone != text:
            found.setdefault(alone, rule.name)
        joined = _apply_rule(rule, together, language)
        if joined != together:
            together, names = joined, f"{names}+{rule.name}".lstrip("+")
            found.setdefault(together, names)
    length = syllables(text, language)
    ways = [(sign * (syllables(way, language) - length), Paraphrase(way, rule)) for way, rule in found.items()]
    return tuple(way for change, way in sorted(ways, key=lambda pair: pair[0]) if change > 0)


def _apply_rule(rule: Rule, text: str, language: str) -> str:
    rewritten = rule.apply(text)
    return rewritten if re.search(r"\w", rewritten) and keeps_meaning(text, rewritten, language) else text


def _keep_case(put: Put, match: re.Match[str]) -> str:
    said = match.expand(put) if isinstance(put, str) else put(match)
    first = next((c for c in match[0] if c.isalpha()), "")
    at = next((i for i, c in enumerate(said) if c.isalpha()), None)
    return said[:at] + said[at].upper() + said[at + 1 :] if first.isupper() and at is not None else said


# --- rules -----------------------------------------------------------------------------------------------


def _pairs(table: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    # "long phrase = short" a line; whole words only.
    rows = (row.split(" = ") for row in table.strip().splitlines())
    return tuple(
        (re.compile(rf"(?<![\w-]){left.strip()}(?![\w-])", re.IGNORECASE), right.strip()) for left, right in rows
    )


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


_START = r"(?:^|(?<=[.!?…] ))(?P<open>[¿¡«\"“]*)"


def _openers(words: str, joined: str = "") -> tuple[tuple[re.Pattern[str], str], ...]:
    # Words that only open a sentence: with a comma, or without one where the sentence runs on ("joined").
    edits = [(_pattern(rf"{_START}(?:{words})(?:,|\.\.\.|…) (?=[¿¡]?\w)(?P<next>[¿¡]?\w)"), r"\g<open>\g<next>")]
    edits.append((_pattern(rf", (?:{words}), "), ", "))
    if joined:
        edits.append((_pattern(rf"{_START}(?:{joined}) (?P<next>\w)"), r"\g<open>\g<next>"))
    return tuple(edits)


def _droppable(words: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    # Words left out wherever another follows.
    return ((_pattern(rf"(?<![\w-])(?:{words}) (?P<next>\w)"), r"\g<next>"),)


_CLAUSE = r"(?P<start>^[¿¡«\"“]*|[.!?…,;:] [¿¡]*|\b(?:que|y|e|mas|pero|si|se|cuando|quando|porque|aunque) )"


def _subjects(*rows: tuple[str, str]) -> tuple[tuple[re.Pattern[str], str], ...]:
    # A subject pronoun before a verb form that says it all, whatever small words stand between.
    small = (
        r"(?:(?:no|não|nunca|jamás|jamais|ya|já|siempre|sempre|también|também|me|te|se|lo|la|los|las|le|les|"
        r"nos|os) )*"
    )
    return tuple(
        (_pattern(rf"{_CLAUSE}{pronoun} (?P<rest>{small}(?:{verbs})(?!\w))"), r"\g<start>\g<rest>")
        for pronoun, verbs in rows
    )


# Words in -o, -é, -í that may follow "yo" or "eu" and are no verbs.
_NO_VERB = (
    r"(?!(?:mismo|solo|sólo|tampoco|primero|como|cuando|quando|pero|mucho|poco|otro|todo|mesmo|só|muito|pouco|"
    r"outro|qué|café|aquí|ahí|allí|así|aqui|ali|por qué|porqué)\b)"
)
_YO = (
    rf"{_NO_VERB}[a-zñáéíóú]+(?:o|é)|soy|estoy|voy|doy|he|fui|tuve|hice|dije|puse|pude|quise|vine|supe|estuve|"
    r"traje|vi|di|oí|creí|sentí|viví|salí|perdí|entendí|conocí|aprendí|comí|leí|escribí|recibí|pedí|seguí"
)
_EU = (
    rf"{_NO_VERB}[a-zçáâãéêíóôõú]+(?:o|ei)|sou|estou|vou|dou|fui|tive|fiz|pude|vi|senti|perdi|entendi|vivi|"
    r"li|ouvi"
)

_FUTURES = {"voy": "é", "vas": "ás", "va": "á", "vais": "éis", "van": "án"}
_STEMS = (
    ("tener", "tendr"), ("venir", "vendr"), ("poner", "pondr"), ("salir", "saldr"), ("valer", "valdr"),
    ("poder", "podr"), ("saber", "sabr"), ("haber", "habr"), ("caber", "cabr"), ("hacer", "har"),
    ("facer", "far"), ("querer", "querr"), ("decir", "dir"),
)  # fmt: skip
_NO_INFINITIVE = r"(?!(?:bar|mar|lugar|par|azar|ayer|taller|mujer|altar|bendecir|maldecir|predecir)\b)"
_PLAIN = str.maketrans("áéí", "aei")


def _future(match: re.Match[str]) -> str:
    # "voy a decirte" -> "te diré"
    infinitive = match["verb"].lower().translate(_PLAIN)
    stem = next((infinitive.removesuffix(a) + b for a, b in _STEMS if infinitive.endswith(a)), infinitive)
    enclitics = re.findall(r"me|te|se|nos|os|los|las|les|lo|la|le", match["clitics"])
    return " ".join([*enclitics, stem + _FUTURES[match["go"].lower()]])


def _going_to(match: re.Match[str]) -> str:
    # "hablarán" -> "van a hablar"
    go = {"ás": "vas", "á": "va", "án": "van"}[match["end"]]
    return f"{go} a {match['verb'].lower()}"


def _add_pronoun(pronoun: str, negation: str, verbs: str) -> tuple[tuple[re.Pattern[str], Put], ...]:
    # "Quiero" -> "Yo quiero", where a sentence starts with one of the verbs.
    small = "(?:me|te|se|lo|la|los|las|le|les) "
    pattern = _pattern(rf"{_START}(?P<rest>(?:{negation} )?(?:{small})*(?:{'|'.join(verbs.split())})\b)")
    return ((pattern, lambda m: f"{m['open']}{pronoun} {m['rest'][0].lower()}{m['rest'][1:]}"),)


# fmt: off
SHORTER: dict[str, tuple[Rule, ...]] = {
    "es": (
        Rule(
            "drop-pronoun",
            _subjects(
                ("yo", _YO), ("nosotr[oa]s", r"(?!mismos)\w+mos"), ("tú", r"eres|vas|has|das|\w{2,}[aeá]s")
            ),
            _pattern(r"\b(?:yo\b.*\b(?:tú|vos|él|ella|usted)|(?:tú|vos|él|ella|usted|nosotr[oa]s)\b.*\byo)\b").search,
        ),
        Rule(
            "drop-opener",
            _openers(
                r"bueno|pues|entonces|bien|pues bien|es decir|o sea|en realidad|de hecho|la verdad|realmente|"
                r"simplemente|básicamente|francamente|sinceramente|en fin|por cierto|ya sabes|como sabes",
                r"la verdad es que|lo cierto es que|lo que (?:pasa|sucede) es que|el caso es que|pues",
            ),
        ),
        Rule("direct-question", _pairs("""
            qué es lo que = qué
            quién es el que = quién
            por qué razón = por qué
            """)),
        Rule("year", ((_pattern(r"\b(en|de)l? (?:el )?año (\d{4})\b"), r"\1 \2"),)),
        Rule("short-synonym", _pairs("""
            solamente = solo
            únicamente = solo
            actualmente = hoy
            hoy en día = hoy
            (?:sin embargo|no obstante), = pero
            en estos? momentos? = ahora
            a pesar de que = aunque
            debido a que = porque
            por lo tanto = así que
            con (?:el fin|el objetivo|la intención) de = para
            a fin de = para
            nuevamente = de nuevo
            inmediatamente = enseguida
            rápidamente = rápido
            por supuesto = claro
            frecuentemente = a menudo
            con frecuencia = a menudo
            acerca de = sobre
            en relación con = sobre
            a causa de = por
            en lugar de = en vez de
            finalmente = al fin
            anteriormente = antes
            posteriormente = luego
            a continuación = luego
            algunas veces = a veces
            en ocasiones = a veces
            de vez en cuando = a veces
            a lo mejor = quizá
            es por eso que = por eso
            el hecho de que = que
            en primer lugar = antes que nada
            utilizar = usar
            utilizamos = usamos
            utiliza = usa
            utilizan = usan
            utilizo = uso
            fotografía = foto
            televisión = tele
            bicicleta = bici
            muchísimas gracias = muchas gracias
            suficientemente = bastante
            soy capaz de = puedo
            eres capaz de = puedes
            es capaz de = puede
            somos capaces de = podemos
            son capaces de = pueden
            """)),
        Rule(
            "future",
            ((
                _pattern(
                    r"\b(?P<go>voy|vas|va|vais|van) a (?P<verb>" + _NO_INFINITIVE + r"[a-zñáéíóú]*?[aeiéáí]r)"
                    r"(?P<clitics>(?:me|te|se|nos|os)?(?:los|las|les|lo|la|le)?)\b"
                ),
                _future,
            ),),
            _pattern(r"\bsi\b").search,  # "si vas a ir" has no future
        ),
        Rule(
            "drop-intensifier",
            _droppable("realmente|verdaderamente|simplemente|totalmente|absolutamente"),
            partial(has_negation, language="es"),
        ),
        Rule("short-thanks", _pairs("muchas gracias = gracias")),
    ),
    "pt": (
        Rule(
            "drop-pronoun",
            _subjects(("eu", _EU), ("nós", r"(?!mesmos)\w+mos")),
            _pattern(r"\b(?:eu\b.*\b(?:tu|você|ele|ela|nós)|(?:tu|você|ele|ela|nós)\b.*\beu)\b").search,
        ),
        Rule(
            "drop-opener",
            _openers(
                r"bom|bem|então|pois|pois bem|quer dizer|ou seja|na verdade|de fato|realmente|simplesmente|"
                r"basicamente|francamente|sinceramente|enfim|sabe|aliás",
                r"a verdade é que|o fato é que|o que acontece é que|acontece que",
            ),
        ),
        Rule("direct-question", _pairs("""
            o que é que = o que
            por que é que = por que
            onde é que = onde
            quem é que = quem
            quando é que = quando
            como é que = como
            """)),
        Rule("year", (
            (_pattern(r"\bno ano (?:de )?(\d{4})\b"), r"em \1"),
            (_pattern(r"\bdo ano (?:de )?(\d{4})\b"), r"de \1"),
        )),
        Rule("short-synonym", _pairs("""
            somente = só
            apenas = só
            atualmente = hoje
            hoje em dia = hoje
            (?:no entanto|entretanto|contudo), = mas
            neste momento = agora
            devido a = por
            com o (?:objetivo|fim|intuito) de = para
            a fim de = para
            novamente = de novo
            rapidamente = rápido
            imediatamente = já
            frequentemente = muitas vezes
            finalmente = enfim
            anteriormente = antes
            posteriormente = depois
            em seguida = depois
            algumas vezes = às vezes
            de vez em quando = às vezes
            é por isso que = por isso
            o fato de que = que
            a respeito de = sobre
            utilizar = usar
            utiliza = usa
            utilizam = usam
            fotografia = foto
            telefone celular = celular
            automóvel = carro
            sou capaz de = posso
            é capaz de = pode
            somos capazes de = podemos
            são capazes de = podem
            muitíssimo obrigado = muito obrigado
            """)),
        Rule(
            "drop-intensifier",
            _droppable("realmente|verdadeiramente|simplesmente|totalmente|absolutamente"),
            partial(has_negation, language="pt"),
        ),
        Rule("short-thanks", _pairs("muito obrigado = obrigado\nmuito obrigada = obrigada")),
        Rule("spoken-para", _pairs("""
            para o = pro
            para a = pra
            para(?= (?:(?:um|uma|mim|você|vocês|ele|ela|nós|que)\\b|\\w+[aei]r\\b)) = pra
            """)),
    ),
    "en": (
        Rule("contract", _pairs("""
            I am = I'm
            (you|we|they) are = \\1're
            (he|she|it|that|there|what|where|who|someone|somebody|everyone|everybody) is(?= \\w) = \\1's
            (I|you|he|she|it|we|they) will = \\1'll
            (I|you|we|they) have (?=\\w+(?:ed|en|ne)\\b|been\\b|got\\b) = \\1've
            (do|does|did|is|are|was|were|would|could|should|have|has|had) not = \\1n't
            cannot = can't
            will not = won't
            let us = let's
            """)),
        Rule(
            "drop-opener",
            _openers("well|so|you know|actually|basically|honestly|frankly|in fact", "the truth is that"),
        ),
        Rule("short-synonym", _pairs("in order to = to\nat (?:this|the) moment = now\nnevertheless = still")),
    ),
}

LONGER: dict[str, tuple[Rule, ...]] = {
    "es": (
        Rule("add-pronoun", (*_add_pronoun("yo", "no", """
            quiero sé creo tengo puedo estoy soy necesito pienso veo digo hago conozco recuerdo entiendo
            espero siento prefiero
            """), *_add_pronoun("nosotros", "no", """
            tenemos somos estamos queremos podemos sabemos necesitamos creemos pensamos hacemos
            """))),
        Rule("long-synonym", _pairs("""
            ahora = en este momento
            aunque = a pesar de que
            a veces = algunas veces
            foto = fotografía
            tele = televisión
            bici = bicicleta
            usar = utilizar
            enseguida = inmediatamente
            al fin = finalmente
            """)),
        Rule("going-to", ((
            _pattern(r"(?<![\w-])(?!catamarán)(?P<verb>[a-zñ]+(?:ar|er|ir))(?P<end>ás|á|án)(?!\w)"),
            _going_to,
        ),)),
    ),
    "pt": (
        Rule("add-pronoun", (*_add_pronoun("eu", "não", """
            quero sei acho tenho posso estou sou preciso penso vejo digo faço conheço lembro entendo
            espero sinto prefiro vou
            """), *_add_pronoun("nós", "não", """
            temos somos estamos queremos podemos sabemos precisamos
            """))),
        Rule("long-synonym", _pairs("""
            agora = neste momento
            pra = para
            foto = fotografia
            celular = telefone celular
            usar = utilizar
            de novo = novamente
            enfim = finalmente
            """)),
    ),
    "en": (Rule("expand", _pairs("""
        I'm = I am
        (you|we|they)'re = \\1 are
        (I|you|we|they|he|she|it)'ll = \\1 will
        (do|does|did|is|are|was|were|would|could|should)n't = \\1 not
        can't = cannot
        won't = will not
        """)),),
}
