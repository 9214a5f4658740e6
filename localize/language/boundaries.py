"""Sentence ends, and the quality of a line break between any two words, from word lists of six languages.

A tagger would know more, and weighs more than everything else here; the lists catch what a viewer stumbles over
(Netflix timed text guides, "line treatment": never part an article from its noun, a preposition from what follows, a
pronoun, auxiliary, reflexive or negation from its verb, a first from a last name).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import IntEnum
from functools import cache

from .tags import main_language


def word_set(words: str) -> frozenset[str]:
    """The words of a list parted by spaces."""
    return frozenset(words.split())


LEANS = {
    "en": word_set(
        "a an the my your his her its our their this these those of to in on at by for with from into "
        "about and or but nor so if that which who when while because as than very too not no i you he she "
        "we they it is are was were am be been have has had do does did will would can could should must "
        "may might mr. mrs."
    ),
    "es": word_set(
        "el la los las un una unos unas lo al del de a en con por para sin sobre entre hasta desde hacia "
        "mi mis tu tus su sus nuestro nuestra este esta estos estas ese esa esos esas aquel aquella y e o "
        "u ni que si pero como cuando donde porque aunque no me te se nos os le les muy más tan he has ha "
        "hemos han es son era está están sr. sra. señor señora cada todo toda qué cuál"
    ),
    "pt": word_set(
        "o a os as um uma uns umas ao aos à às do da dos das no na nos nas de em com por para pelo pela sem "
        "sobre entre até desde meu minha seu sua nosso nossa este esta esse essa aquele aquela e ou nem "
        "que se mas como quando onde porque não me te lhe nos muito mais tão é são era está estão foi sr. "
        "sra. senhor senhora cada todo toda"
    ),
}
"""Words that lean on what follows: a text is never parted after one."""
CAN_END = word_set("no not i you he she we they it her his this these those that is are was were am be do does did")
"""Of `LEANS`, English words that can end a sentence all the same."""
CLAUSE_STARTS = {
    "en": word_set("and or but because that which who when while if so where"),
    "es": word_set("y e o pero porque que cuando mientras si aunque donde para como"),
    "pt": word_set("e ou mas porque que quando enquanto se embora onde para como"),
}


class Break(IntEnum):
    """Quality of a line break between two words, best first."""

    SENTENCE = 0
    CLAUSE = 1
    OPEN = 2
    """before a conjunction or a preposition"""
    PLAIN = 3
    FORBIDDEN = 4


@dataclass(frozen=True, slots=True)
class _Words:
    binds: frozenset[str]
    """never end a line: they belong to the next word"""
    loose: frozenset[str]
    """pronouns that are object as well as subject: they bind unless a conjunction or a preposition follows"""
    opens: frozenset[str]
    """conjunctions and prepositions: a line likes to start with them"""


def _words(binds: str, loose: str, opens: str) -> _Words:
    return _Words(*(frozenset(text.split()) for text in (binds + " " + opens, loose, opens)))


_LISTS = {
    "en": _words(
        "a an the my your his its our their this these those some any every each no many few several both "
        "such all i he she we they i'm i've i'll i'd he's she's he'll she'll he'd she'd we're we've we'll "
        "we'd they're they've they'll they'd you're you've you'll you'd it's it'll that's there's there "
        "who's what's let's am is are was were be been being isn't aren't wasn't weren't have has had "
        "haven't hasn't hadn't do does did don't doesn't didn't will would won't wouldn't can could can't "
        "cannot couldn't shall should shouldn't may might must mustn't not never very too so more most "
        "quite rather really just even only almost who whose which what how good great new old big little "
        "small long young own other another same next last first second",
        "you it",
        "and but or nor yet because although though while when whenever where if unless until till since "
        "as that than whether so after before to of in on at by for with from into onto about over under "
        "between through during without within against among around behind beyond near off out toward "
        "towards upon up down across along like",
    ),
    "es": _words(
        "el la los las lo un una unos unas al del mi mis tu tus su sus nuestro nuestra nuestros nuestras "
        "vuestro vuestra este esta estos estas ese esa esos esas aquel aquella aquellos aquellas cada "
        "todo toda todos todas algún alguna algunos algunas ningún ninguna otro otra otros otras mucho "
        "mucha muchos muchas poco poca pocos pocas yo tú usted nosotros nosotras vosotros ustedes me te "
        "se le les nos os qué quién cuál cuánto cuánta cómo he has ha hemos habéis han había habías "
        "habíamos habían haya hayan hubiera habría soy eres es somos son era eras éramos eran fue fueron "
        "sido estoy estás está estamos están estaba estaban puedo puedes puede podemos pueden debo debe "
        "deben debemos voy vas va vamos van iba no nunca jamás ni tampoco muy más menos tan tanto casi "
        "sólo solo gran buen mal primer primera último última nuevo nueva mismo misma don doña san",
        "él ella ellos ellas",
        "y e o u pero mas sino que porque pues si cuando mientras aunque como donde según a ante bajo con "
        "contra de desde durante en entre hacia hasta mediante para por sin sobre tras cuyo cuya",
    ),
    "pt": _words(
        "o a os as um uma uns umas ao aos à às do da dos das no na nos nas num numa pelo pela pelos pelas "
        "dum duma meu minha meus minhas teu tua teus tuas seu sua seus suas nosso nossa nossos nossas "
        "este esta estes estas esse essa esses essas aquele aquela aqueles aquelas isto cada todo toda "
        "todos todas algum alguma alguns algumas nenhum nenhuma outro outra outros outras muito muita "
        "muitos muitas pouco pouca eu tu você nós vocês me te se lhe lhes quem qual quanto tenho tens tem "
        "temos têm tinha tinham teve hei há havia sou és é somos são era eram foi foram sido estou está "
        "estamos estão estava estavam posso pode podemos podem devo deve devem vou vai vamos vão ia não "
        "nunca jamais nem também mais menos tão quase só grande bom boa primeiro primeira último última "
        "novo nova mesmo mesma são santo dom",
        "ele ela eles elas",
        "e ou mas porém que porque pois se quando enquanto embora como onde conforme ante após até com "
        "contra de desde durante em entre para pra por perante sem sob sobre trás cujo cuja",
    ),
    "fr": _words(
        "le la les l' un une des du au aux mon ma mes ton ta tes son sa ses notre nos votre vos leur "
        "leurs ce cet cette ces chaque tout toute tous toutes quelque quelques plusieurs aucun aucune "
        "autre autres je j' tu il elle on nous vous ils elles me te se m' t' s' lui y en qui quel quelle "
        "quels quelles ai as a avons avez ont avais avait avions avaient aura suis es est sommes êtes "
        "sont étais était étaient été fut sera serait peux peut pouvons peuvent dois doit doivent vais va "
        "allons vont ne n' pas jamais plus très trop si aussi moins presque grand grande petit petite bon "
        "bonne beau belle vieux nouvelle nouveau premier première dernier dernière même saint",
        "moi toi eux",
        "et ou mais or ni car donc que qu' parce puisque lorsque quand comme si où dont à de d' dans par "
        "pour sans sous sur avec chez contre depuis derrière dès devant durant en entre envers jusque "
        "jusqu' malgré parmi pendant selon vers avant après",
    ),
    "it": _words(
        "il lo la i gli le l' un uno una un' al allo alla ai agli alle del dello della dei degli delle "
        "dal dallo dalla dai dagli dalle nel nello nella nei negli nelle sul sullo sulla sui sugli sulle "
        "col mio mia miei mie tuo tua tuoi tue suo sua suoi sue nostro nostra nostri nostre vostro vostra "
        "questo questa questi queste quest' quel quello quella quei quegli quelle ogni tutto tutta tutti "
        "tutte qualche alcuni alcune nessun nessuno nessuna altro altra altri altre io tu egli noi voi mi "
        "ti si ci vi ne me te se gliel' chi quale quanto ho hai ha abbiamo avete hanno avevo aveva "
        "avevano sono sei è siamo siete era erano fu stato sto sta stanno stava posso puoi può possiamo "
        "possono devo deve devono vado va vanno non mai né molto più meno così quasi troppo grande bel "
        "bello bella buon buono nuova nuovo primo prima ultimo ultima stesso stessa san don",
        "lui lei loro",
        "e ed o oppure ma però anzi che perché poiché se quando mentre sebbene benché come dove a ad con "
        "contro da di dopo durante fino fra in per presso prima secondo senza sopra sotto su tra verso",
    ),
    "de": _words(
        "der die das den dem des ein eine einen einem einer eines kein keine keinen keinem keiner mein "
        "meine meinen meinem meiner dein deine deinen sein seine seinen seinem seiner ihr ihre ihren "
        "ihrem ihrer unser unsere unseren euer eure dieser diese dieses diesen diesem jeder jede jedes "
        "jeden jener jene alle allen viele vielen einige mehrere andere anderen ich du er wir mich dich "
        "sich uns euch mir dir man wer was welche welcher welches bin bist ist sind seid war waren wäre "
        "habe hast hat haben hatte hatten werde wirst wird werden wurde wurden kann kannst können konnte "
        "muss musst müssen musste soll sollen sollte will willst wollen wollte darf dürfen mag nicht nie "
        "niemals sehr zu so mehr ganz fast nur auch im am zum zur vom beim ins ans gute guten große "
        "großen kleine kleinen neue neuen alte alten erste ersten letzte letzten nächste nächsten",
        "sie es ihm ihn ihnen",
        "und oder aber sondern denn dass daß weil wenn als ob obwohl während bevor nachdem damit wie wo "
        "in an auf aus bei mit nach von vor zu für durch ohne um gegen über unter hinter neben zwischen "
        "seit bis trotz wegen",
    ),
}
_LISTS["ca"] = _LISTS["gl"] = _LISTS["es"]


@dataclass(frozen=True, slots=True)
class _Abbreviations:
    titles: frozenset[str]
    """stand before a name, or in the middle of what they abbreviate: they end no sentence"""
    numbered: frozenset[str]
    """end no sentence where a number follows"""
    closing: frozenset[str]
    """end one only where what follows is surely its beginning: an article, a pronoun, a conjunction"""


def _abbreviations(titles: str, numbered: str, closing: str = "") -> _Abbreviations:
    return _Abbreviations(*(frozenset(text.split()) for text in (titles, numbered, closing)))


# Written without the last point. Any other abbreviation ("etc.", "usw.", "p.m.") ends a sentence before a capital.
_ABBREVIATIONS = {
    "en": _abbreviations(
        "mr mrs ms mx messrs dr prof rev fr hon gen capt cpt col maj lt cmdr adm sgt cpl pvt gov sen rep pres amb supt "
        "det insp mt ft vs e.g i.e cf viz approx",
        "no nos fig figs p pp vol ch sec art eq ex par pt op jan feb mar apr jun jul aug sept sep oct nov dec",
        "st ave blvd rd jr sr inc ltd co corp bros ph.d m.d b.a m.a",
    ),
    "es": _abbreviations(
        "sr sra srta sres sras dr dra dres ud uds vd vds d dña da prof profa ing lic arq gral cnel cap tte sgto mons "
        "fr sto sta av avda c pza pl p.ej ej vs ee ss aa rr",
        "núm núms n nº pág págs p pp fig cap art vol tel km aprox s siglo",
        "uu jr s.a",
    ),
    "pt": _abbreviations(
        "sr sra srta srs sras dr dra drs prof profa eng arq gen cel cap ten sgt pe fr dom d sto sta av r pça v ex exa "
        "v.exa p.ex vs ee",
        "núm n nº no pág págs p pp fig cap art vol tel km aprox séc sec",
        "uu jr s.a ltda cia",
    ),
    "fr": _abbreviations(
        "m mm mme mmes mlle mlles mgr dr drs pr prof me st ste sts gal cel cap cdt lt p.ex cf av apr j vs",
        "no nº n p pp fig chap art vol tél env s",
        "jr",
    ),
    "it": _abbreviations(
        "sig sigg sig.ra sig.na dr dott dott.ssa prof prof.ssa avv ing arch geom rag on sen gen col cap ten mons s ss "
        "san sto p.es es cfr vs v",
        "n nº num pag pagg p pp fig cap art vol tel ca",
        "jr s.p.a s.r.l",
    ),
    "de": _abbreviations(
        "hr hrn fr frl dr dres prof dipl ing mag st hl gen z z.b d d.h u u.a i i.d.r v vgl bzw ca evtl ggf inkl sog "
        "geb gest vs bspw insb",
        "nr nrn s abb bd kap art abs tel",
        "jr",
    ),
}
_ABBREVIATIONS["ca"] = _ABBREVIATIONS["gl"] = _ABBREVIATIONS["es"]
_NONE = _abbreviations("", "")

# A number belongs to what it counts, but "in 1455" to no verb.
_FINITE = frozenset(
    "is are was were has have had will would can could es son era fue fueron ha han había puede pueden nunca no é são "
    "foi foram tem têm tinha pode podem não est sont était fut a ont peut è sono era ha hanno può ist sind war waren "
    "hat haben hatte wird kann".split()
)
_CLOSERS = "\"'”’»)]}*♪」』】〉》〕）］｝＂＇"
_OPENERS = "\"'“‘«([{¿¡-–—♪*「『【〈《〔（［｛"
SENTENCE_MARKS = ".!?…。\uff01\uff1f؟।"
"""What a sentence ends with in Latin, East Asian (full width), Arabic and Devanagari script."""
_SENTENCE_END = re.compile(rf"[{SENTENCE_MARKS}]$")
_CLAUSE_END = re.compile("[,;:\uff0c、\uff1b\uff1a،–—]$|-$")
_NUMBER = re.compile(r"[$€£]?\d[\d.,:]*[%]?$")
_COUNTS = re.compile(r"\d|[IVXLC]{2,}\b|[VX]\b")  # "No. I won't." ends
_HALVES = re.compile(r"[ap]\.m")
_AFTER_HALF = re.compile(
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|(?:E|C|M|P|GM|UT|B|CE)[DS]?T\b|(?:Eastern|Central|Pacific|Mountain)\b"
)
_INITIALS = re.compile(r"(?:[^\W\d_]{1,2}\.)+[^\W\d_]{1,2}")


@cache
def _lists(language: str) -> _Words:
    empty: frozenset[str] = frozenset()
    return _LISTS.get(main_language(language), _Words(empty, empty, empty))


def is_bound(word: str, language: str) -> bool:
    """Whether a word is in a language's list of words that bind to the next: articles, pronouns, auxiliaries,
    prepositions.
    """
    lists = _lists(language)
    return word.lower() in lists.binds or word.lower() in lists.loose


def opens_clause(word: str, language: str) -> bool:
    """Whether a word is in a language's list of conjunctions and prepositions."""
    return word.lower() in _lists(language).opens


def ends_sentence(word: str, following: str, language: str) -> bool:
    """Whether a sentence ends between two words; used for subtitles and translation alike.

    Args:
        word: the last word before, punctuation attached.
        following: the first one after it.
        language: BCP 47 tag; languages without a list know initials and punctuation only.
    """
    bare = word.rstrip(_CLOSERS)
    if not _SENTENCE_END.search(bare) or following.lstrip(_OPENERS)[:1].islower():
        return False
    if not bare.endswith(".") or bare.endswith("..."):
        return True
    stem = bare[:-1].lstrip(_OPENERS)
    return not _abbreviates(stem.replace("’", "'").rpartition("'")[2] or stem, following, language)


def sentences_of(text: str, language: str) -> list[str]:
    """The sentences of a text, white space made single.

    Args:
        text: any.
        language: of it, as in `ends_sentence`.
    """
    words = text.split()
    cuts = [at for at in range(1, len(words)) if ends_sentence(words[at - 1], words[at], language)]
    return [" ".join(words[a:b]) for a, b in zip([0, *cuts], [*cuts, len(words)]) if b > a]


def _abbreviates(stem: str, following: str, language: str) -> bool:
    """Whether the point after a word is that of an abbreviation and no more, when no small letter follows."""
    main = main_language(language)
    known, lowered = _ABBREVIATIONS.get(main, _NONE), stem.lower()
    if lowered in known.titles:
        return True
    if lowered in known.numbered and _COUNTS.match(following.lstrip(_OPENERS)):
        return True
    if main == "en" and _HALVES.fullmatch(lowered) and _AFTER_HALF.match(following):  # "10 a.m. Monday"
        return True
    if (lowered, main) == ("i", "en"):  # "So did I."
        return False
    ordinal = main == "de" and stem.isdigit() and len(stem) <= 2  # "am 3. Mai"
    initials = stem[:1].isupper() and (len(stem) == 1 or bool(_INITIALS.fullmatch(stem)))  # "J. Smith", "U.S. Army"
    part = len(stem) == 1 and re.match(r"[^\W\d_]\.", following)  # "a. C.", "z. B."
    return bool(part) or ((ordinal or initials or lowered in known.closing) and not _begins(following, language))


def _begins(word: str, language: str) -> bool:
    """Whether a capitalised word is one that is written so at the beginning of a sentence only."""
    lists, bare = _lists(language), word.strip(_OPENERS + _CLOSERS + ".,;:!?…").lower().replace("’", "'")
    return bare in lists.binds or bare in lists.loose or bare in lists.opens


@cache
def boundary(word: str, following: str, language: str) -> Break:
    """The quality of a break between two neighbouring words of one speaker.

    Args:
        word: the last word before the break, punctuation attached.
        following: the first one after it.
        language: BCP 47 tag; languages without lists know punctuation only.
    """
    if ends_sentence(word, following, language):
        return Break.SENTENCE
    bare = word.rstrip(_CLOSERS)
    if main_language(language) in ("ja", "zh", "th", "yue"):
        return _break_unspaced(word, following)
    lists = _lists(language)
    left = bare.lstrip(_OPENERS).lower().replace("’", "'")
    title = bare.endswith(".") and left[:-1] in _ABBREVIATIONS.get(main_language(language), _NONE).titles
    if not title and _CLAUSE_END.search(bare) and not _NUMBER.fullmatch(bare):
        return Break.CLAUSE
    right = following.strip(_OPENERS + _CLOSERS + ".,;:!?…").lower().replace("’", "'")
    opens = right in lists.opens
    bound = title or left in lists.binds or left.endswith("n't") or _one_name(bare, following, language)
    counts = _NUMBER.fullmatch(bare) and right not in _FINITE
    if bound or (not opens and (left in lists.loose or counts)):
        return Break.FORBIDDEN
    return Break.OPEN if opens else Break.PLAIN


def _one_name(word: str, following: str, language: str) -> bool:
    # German writes every noun with a capital: there two of them are no name.
    if language.startswith("de"):
        return False
    left, right = word.lstrip(_OPENERS), following.lstrip(_OPENERS)
    return (
        left[:1].isupper()
        and right[:1].isupper()
        and left.replace("-", "").replace("'", "").replace(".", "").isalpha()
        and not following.startswith(("(", "[", "“", '"', "«", "-"))
        and (len(left) == 1 or not left.isupper() or right.isupper())
    )


def _break_unspaced(word: str, following: str) -> Break:
    """Japanese and Chinese: no line starts with a closing mark or a small kana, no run of one script is parted."""
    last, first = word[-1:], following[:1]
    if first and (
        unicodedata.category(first) in ("Pe", "Pf", "Po") or first in "ーぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ々゛゜"
    ):
        return Break.FORBIDDEN
    if last and unicodedata.category(last) in ("Ps", "Pi"):
        return Break.FORBIDDEN
    if last in "、,;:\uff0c\uff1b\uff1a":
        return Break.CLAUSE
    left, right = _script(last), _script(first)
    if left == right and left in ("KATAKANA", "LATIN", "DIGIT"):
        return Break.FORBIDDEN
    return Break.OPEN if left == "HIRAGANA" and right != "HIRAGANA" else Break.PLAIN


@cache
def _script(char: str) -> str:
    return unicodedata.name(char, "OTHER").split(" ")[0] if char else ""
