"""T-V distinction in Spanish: rewrite tú forms as usted forms, for translators that mix the two.

Only what is certain is rewritten: a form is taken for a verb of the second person where its infinitive is a known word
and what stands before it lets a verb follow. An object "te" becomes "le", which is courtesy's form for men and women.
"""

from __future__ import annotations

import re
from collections.abc import Callable

Known = Callable[[str], bool]

_TOKEN = re.compile(r"[^\W\d_]+|[^\w\s]|\d+")
_PRONOUNS = {
    "tú": "usted",
    "vos": "usted",
    "vosotros": "usted",
    "vosotras": "usted",
    "vuestro": "su",
    "vuestra": "su",
    "vuestros": "sus",
    "vuestras": "sus",
    "ti": "usted",
    "contigo": "con usted",
    "tu": "su",
    "tus": "sus",
    "tuyo": "suyo",
    "tuya": "suya",
    "tuyos": "suyos",
    "tuyas": "suyas",
}
_VERBS = dict(
    pair.split(":")
    for pair in (
        "eres:es estás:está has:ha vas:va das:da ves:ve seas:sea estés:esté hayas:haya vayas:vaya des:dé eras:era "
        "ibas:iba "
        "fuiste:fue hiciste:hizo tuviste:tuvo estuviste:estuvo pudiste:pudo pusiste:puso quisiste:quiso viniste:vino "
        "supiste:supo diste:dio viste:vio anduviste:anduvo cupiste:cupo hubiste:hubo pediste:pidió sentiste:sintió "
        "dormiste:durmió preferiste:prefirió seguiste:siguió serviste:sirvió mentiste:mintió moriste:murió "
        "repetiste:repitió conseguiste:consiguió elegiste:eligió divertiste:divirtió vestiste:vistió "
        "despediste:despidió sugeriste:sugirió corregiste:corrigió perseguiste:persiguió leíste:leyó oíste:oyó "
        "creíste:creyó caíste:cayó reíste:rio sonreíste:sonrió huiste:huyó construiste:construyó destruiste:destruyó "
        "dices:dice haces:hace tienes:tiene vienes:viene sabes:sabe puedes:puede quieres:quiere debes:debe "
        "conoces:conoce crees:cree piensas:piensa pareces:parece oyes:oye traes:trae lees:lee sigues:sigue pides:pide "
        "sientes:siente duermes:duerme prefieres:prefiere mientes:miente repites:repite eliges:elige sonríes:sonríe "
        "ríes:ríe juegas:juega hueles:huele sepas:sepa necesitas:necesita vives:vive hablas:habla fueras:fuera "
        "vieras:viera dieras:diera sos:es tenés:tiene podés:puede querés:quiere pensás:piensa venís:viene decís:dice "
        "opinas:opina sois:es vais:va habéis:ha "
        "sentís:siente seguís:sigue pedís:pide preferís:prefiere entendés:entiende volvés:vuelve jugás:juega"
    ).split()
)
_COMMANDS = dict(
    pair.split(":")
    for pair in (
        "ven:venga ten:tenga pon:ponga sal:salga haz:haga di:diga ve:vaya sé:sea da:dé oye:oiga sigue:siga "
        "pide:pida elige:elija repite:repita duerme:duerma juega:juegue trae:traiga conduce:conduzca detén:detenga "
        "mantén:mantenga sirve:sirva viste:vista ríe:ría cae:caiga corrige:corrija consigue:consiga suelta:suelte "
        "vuelve:vuelva mueve:mueva"
    ).split()
)
_IRREGULAR = re.compile(
    r"(?:teng|veng|hag|dig|pong|salg|traig|oig|caig|valg|\w*zc|sep|pued|quier|\w*jer|\w*ier)as|(?:pued|quier)es"
)
_NO_VERBS = frozenset(
    "además atrás detrás jamás quizás demás más después inglés francés través revés interés antes entonces lejos "
    "apenas gracias días buenas menos veces cosas casas partes noches tardes señas ganas manos años mes meses "
    "tomás estas esas otras tras baterías frutas preguntas aquellas todas ellas nosotras vosotras "
    "martes lunes miércoles jueves viernes países flores tres seis dos vez pues pesar afueras fuerzas".split()
)
# What a verb may stand behind. Elsewhere "compras" and "pruebas" are things.
_BEFORE_VERBS = frozenset(
    "tú vos usted no te os se me lo le nos les que si sí cuando como cómo dónde donde adónde quién quien cuándo cuánto "
    "ya siempre nunca también tampoco todavía aún ahora aquí así y o pero porque "
    "aunque mientras jamás realmente bien hoy ayer mañana luego entonces hasta apenas casi "
    "tiempo hora frecuencia vez siquiera lugar".split()
)
# "What" before a verb of ours, and not before a thing, when one of these follows.
_AFTER_VERBS = frozenset("? en con a para por cuando ahora hoy aquí ahí allí hacer tú exactamente decir si".split())
_NO_OBJECTS = re.compile(r"(?:im|com|re|a)?parte|[mh]?arte|inerte|\w*[iu]erte")
_NO_COMMANDS = frozenset(
    "que porque aunque fuera nada sobre entre cerca una cada toda hora falta basta vaya nunca hasta esta esa otra "
    "mucha buena mala nueva ella sea venga media casa gracia hace fue este ese".split()
)
_STARTS = frozenset(
    "i you he she it we they the a an this that these those there here what where when who why how which whose do does "
    "did is are am was were can could will would shall should may might must has had my your his her its our their "
    "if but and or so because no not yes i'm you're he's she's it's we're they're i'll you'll that's what's there's "
    "don't doesn't didn't isn't aren't can't couldn't won't wouldn't i've i'd tom mary nobody everyone everybody all "
    "some someone nothing everything in on at for with".split()
)
_STATES = re.compile(r"[\w']+ (?:is|are|was|were|has|had|can|will|would|should|must|does|did|may|might)\b")
_YOU = re.compile(r"\b(?:you|your|yours|yourself|you['’]\w+|ya|thee|thy)\b", re.IGNORECASE)
_FRIEND = re.compile(r"\b(?:tú|te|ti|contigo|os|tuy[oa]s?)\b", re.IGNORECASE)
_ACCENTS = str.maketrans("áéíóú", "aeiou")


def to_formal(text: str, source: str, known: Known) -> str:
    """Rewrite a Spanish text from tú to usted.

    Args:
        text: Spanish.
        source: the English it translates: it tells commands from statements.
        known: whether a word in lower case exists.
    """
    told = _is_imperative(source)
    if not (told or _YOU.search(source) or _FRIEND.search(text)):
        return text
    tokens = list(_TOKEN.finditer(text))
    words = [token[0] for token in tokens]
    lower = [word.lower() for word in words]
    changed: dict[int, str] = {}
    for at, word in enumerate(lower):
        before = lower[at - 1] if at else ""
        after = lower[at + 1] if at + 1 < len(lower) else ""
        put = _PRONOUNS.get(word) or _third_person(word, before, after, known)
        if put is None and told and _opens(lower, at):
            put = _formal_imperative(word, known)
        if put is not None:
            changed[at] = put
    verbs = {at for at, put in changed.items() if lower[at] not in _PRONOUNS}
    for at, word in enumerate(lower):
        if word in ("te", "os"):
            changed[at] = _object(lower, at, verbs)
        elif (
            at not in changed
            and not _NO_OBJECTS.fullmatch(word)
            and (match := re.fullmatch(r"(\w+(?:[aeiáéí]r|ndo))te(l[oa]s?)?", word))
        ):
            own = any(back in verbs for back in range(max(0, at - 4), at))
            changed[at] = match[1] + (f"se{match[2]}" if match[2] else "se" if own else "le")
            if not (match[2] or known(match[1].translate(_ACCENTS)) or match[1].endswith("ndo")):
                del changed[at]
    return _rewrite(text, tokens, changed)


def _third_person(word: str, before: str, after: str, known: Known) -> str | None:
    """The third person of a form that is the second for certain."""
    if match := re.fullmatch(r"(\w{2,})([áé])is", word):
        # Whoever wishes for usted means one person: vosotros is read as tú or vos.
        coming = match[1].endswith("r") and match[2] == "é" and known(match[1])
        word = word if word in _VERBS else match[1] + ("á" if coming else match[2]) + "s"
    if word in _VERBS:
        return _VERBS[word]
    if word in _NO_VERBS:
        return None
    if word.endswith("jiste"):
        return word.removesuffix("iste") + "o" if known(word.removesuffix("iste") + "o") else None
    for ending, put, infinitives in (("aste", "ó", ("ar",)), ("iste", "ió", ("er", "ir"))):
        stem = word.removesuffix(ending)
        if stem != word and any(known(stem + infinitive) for infinitive in infinitives):
            return stem + put
    if not word.endswith("s") or len(word) < 4:
        return None
    for ending, infinitive in (("ás", "ar"), ("és", "er"), ("ís", "ir")):
        stem = word.removesuffix(ending)
        if stem != word and known(stem + infinitive):
            return stem + ("a" if ending == "ás" else "e")
    possible = not before.isalpha() or before in _BEFORE_VERBS or (before == "qué" and after in _AFTER_VERBS)
    sure = _coming(word, known) or (word.endswith(("abas", "ieras")) and _past(word, known))
    if sure or (possible and (_IRREGULAR.fullmatch(word) or _past(word, known) or _present(word, known))):
        return word.removesuffix("s")
    return None


def _coming(word: str, known: Known) -> bool:
    if re.fullmatch(r"(?:podr|querr|tendr|sabr|dir|har|habr|vendr|pondr|saldr|valdr|detendr|mantendr)(?:ás|ías)", word):
        return True
    stem = word.removesuffix("ás").removesuffix("ías")
    return stem != word and stem.endswith("r") and known(stem)


def _past(word: str, known: Known) -> bool:
    for ending, infinitives in (
        ("abas", ("ar",)),
        ("aras", ("ar",)),
        ("ases", ("ar",)),
        ("ías", ("er", "ir")),
        ("ieras", ("er", "ir")),
    ):
        stem = word.removesuffix(ending)
        if len(word) > len(stem) > 1 and any(known(stem + end) for end in infinitives):
            return True
    return False


def _present(word: str, known: Known) -> bool:
    stem = word[:-2]
    ends = {"as": ("ar", "er", "ir"), "es": ("er", "ir", "ar")}.get(word[-2:], ())
    bare = [stem, *(re.sub(rf"{new}(?=[^aeiou]*$)", old, stem) for new, old in (("ie", "e"), ("ue", "o"), ("i", "e")))]
    bare += [re.sub(r"qu$", "c", s) for s in bare] + [re.sub(r"gu$", "g", s) for s in bare]
    bare += [re.sub(r"c$", "z", s) for s in bare] + [re.sub(r"j$", "g", s) for s in bare]
    bare += [s.removesuffix("y") for s in bare]
    return any(known(s + end) for s in dict.fromkeys(bare) for end in ends)


def _opens(lower: list[str], at: int) -> bool:
    back = at - 1
    while back >= 0 and lower[back] in ("¡", '"', "—", "y", "por", "favor", "bueno", "solo"):
        back -= 1
    return back < 0 or lower[back] in (".", "!", "?", ",", ";", ":", "…")


def _is_imperative(source: str) -> bool:
    """Whether an English text is an imperative."""
    for clause in re.split(r"[.!?;,:]+\s*|\band\s+", source.replace("’", "'")):
        first = re.match(r"(?:please |just |now |then |well |oh |okay )*([\w']+)", clause.strip().lower())
        if first is None or _STATES.match(clause.strip().lower()):
            continue
        if first[1] == "don't" or (first[1] not in _STARTS and not first[1].endswith("ing")):
            return True
    return False


def _formal_imperative(word: str, known: Known) -> str | None:
    """What one says with usted for a command to a friend, or None for a word that is none."""
    if word == "vete":
        return "váyase"
    if word in _NO_COMMANDS:
        return None
    if formal := _formal(word, known):
        return formal
    for person in ("te", "me", "nos", ""):
        for thing in ("lo", "la", "los", "las", "le", "les", ""):
            verb = word.removesuffix(person + thing)
            formal = _formal(verb.translate(_ACCENTS), known) if verb != word else None
            if formal:
                return _add_accent(formal.translate(_ACCENTS), ("se" if person == "te" else person) + thing)
    return None


def _formal(verb: str, known: Known) -> str | None:
    if verb in _COMMANDS:
        return _COMMANDS[verb]
    if verb in _COMMANDS.values():
        return None
    if len(verb) < 4 or verb[-1] not in "ae":
        return None
    stem = verb[:-1]
    plain = [re.sub(rf"{new}(?=[^aeiou]*$)", old, stem) for new, old in (("ie", "e"), ("ue", "o"), ("i", "e"))]
    if verb[-1] == "a" and any(known(s + "ar") for s in (stem, *plain)):
        stem = re.sub(r"c$", "qu", re.sub(r"g$", "gu", re.sub(r"z$", "c", stem)))
        return stem + "e"
    if (
        verb[-1] == "e"
        and not any(known(s + "ar") for s in (stem, *plain))
        and any(known(s + end) for s in (stem, *plain) for end in ("er", "ir"))
    ):
        return re.sub(r"gu$", "g", re.sub(r"g$", "j", re.sub(r"(?<=[aeou])c$", "zc", stem))) + "a"
    return None


def _add_accent(verb: str, tail: str) -> str:
    # The stress stays where the verb has it, two syllables before the end of it.
    nuclei = list(re.finditer(r"[iu]?[aeo][iuy]?|[iu]", re.sub(r"(?<=[qg])u(?=[ei])", "_", verb)))
    if len(nuclei) < 2:
        return verb + tail if len(re.findall(r"[aeiou]", tail)) < 2 else verb[:-1] + "é" + tail
    start, nucleus = nuclei[-2].start(), nuclei[-2][0]
    strong = next((i for i, c in enumerate(nucleus) if c in "aeo"), 0)
    at = start + strong
    return verb[:at] + verb[at].translate(str.maketrans("aeiou", "áéíóú")) + verb[at + 1 :] + tail


def _object(lower: list[str], at: int, verbs: set[int]) -> str:
    following = lower[at + 1] if at + 1 < len(lower) else ""
    if following in ("lo", "la", "los", "las"):
        return "se"
    if at and lower[at - 1] == "se":
        return "le"
    return "se" if at + 1 in verbs else "le"


def _rewrite(text: str, tokens: list[re.Match[str]], changed: dict[int, str]) -> str:
    pieces, end = [], 0
    for at, put in sorted(changed.items()):
        old = tokens[at][0]
        new = put.upper() if old.isupper() and len(old) > 1 else put[:1].upper() + put[1:] if old[:1].isupper() else put
        pieces += [text[end : tokens[at].start()], new]
        end = tokens[at].end()
    return "".join([*pieces, text[end:]])
