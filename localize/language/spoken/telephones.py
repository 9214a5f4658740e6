"""Telephone numbers, emergency numbers, versions: digits that are no quantity."""

from __future__ import annotations

import re

from .numerals import NUMBER, cardinal, digits, gender_of, word_after
from .tables import Table, any_of

_PHONE = re.compile(
    r"(?<![\w.,-])(?:"
    r"\+\d{1,3}(?:[ .\u00a0-]?\(?\d{1,5}\)?){2,6}"  # +34 600 123 456
    r"|\(\d{2,4}\) ?9? ?\d{3,5}[- .]?\d{4}"  # (11) 98765-4321
    r"|\d-\d{3}-\d{3}-\d{4}|\d{3}[- .]\d{3}[- .]\d{4}|\d{3}-\d{4}|\d{4,5}-\d{4}(?<![12]\d{3}-[12]\d{3})"
    r"|\d\d\.\d{3}\.\d{3}/\d{4}-\d\d|\d{3}\.\d{3}\.\d{3}-\d\d"  # CNPJ, CPF
    r"|0[389]00[ -]\d{3}[ -]\d{3,4}|\d{5}-\d{3}"  # 0800, postal code
    r"|0\d(?:[ .]\d\d){4}"  # 06 12 34 56 78
    r"|0\d{1,3}[ /-]\d{5,8}"  # 06 1234567
    r"|[1-9]\d \d{4} \d{4}"  # 55 1234 5678
    r"|[6-9]\d\d \d{3} \d{3}|[6-9]\d\d(?: \d\d){3}|9\d \d{3} \d\d \d\d"  # 600 123 456
    r")(?![\w/-]|[.,]\d)"
)

_CASE = re.compile(r"(?<![\w.,/-])(?:0\d{3,}(?:[-.]\d+)+|\d{7}-\d\d\.\d{4}\.\d\.\d\d\.\d{4})(?![\w/-]|[.,]\d)")
"""Numbers of cases and files, "0001234-56.2023" (Conselho Nacional de Justiça, Resolução 65)."""


def say_telephones(text: str, table: Table) -> str:
    """Telephone numbers by their shape or the word before them, and short numbers that are dialled."""
    if table.language == "fr":  # "article L. 123-4"
        text = re.sub(r"((?:article|art\.) [A-Z])\. ?(\d+)-(?=\d)", r"\1 \2 ", text)
    text = _CASE.sub(lambda m: digits(re.sub(r"\D", "", m.group()), table), _after_word(text, table))
    text = _PHONE.sub(lambda m: _telephone(m.group(), table), text)
    return _dialled(text, table)


def _after_word(text: str, table: Table) -> str:
    words = any_of(table.words_of("calls.phone"))
    pattern = rf"\b((?i:{words}))(\.?:? ?)(\+?\d[\d .()-]{{4,}}\d)(-X\b)?(?![\w/]|[.,]\d)"
    ends = " X"  # the last sign of an ISBN or ISSN of ten
    return re.sub(pattern, lambda m: f"{m[1]}{m[2] or ' '}{_telephone(m[3], table)}{ends if m[4] else ''}", text)


def _telephone(written: str, table: Table) -> str:
    """Digits one by one, in one breath; in French two by two (usage of the numbering plan)."""
    groups = re.findall(r"\d+", written)
    said = [_group(group, table) for group in groups]
    if table.language == "pt" and re.match(r"\([1-9]\d\)", written):  # "(11)": the DDD is a number, "onze"
        said[0] = cardinal(int(groups[0]), table)
    plus = f"{table.word('plus')} " if written.startswith("+") else ""
    return plus + " ".join(said)


def _group(group: str, table: Table) -> str:
    if table.language in ("es", "pt") and re.fullmatch("0[389]00", group):
        return f"{cardinal(0, table)} {cardinal(int(group), table)}"  # "cero ochocientos", "zero oitocentos"
    if table.language != "fr" or len(group) > 3:
        return digits(group, table)
    zeros = len(group) - len(group.lstrip("0"))
    rest = group.lstrip("0")
    return " ".join([*["zéro"] * zeros, *([cardinal(int(rest), table)] if rest else [])])


def _dialled(text: str, table: Table) -> str:
    """Such as "Llama al 911": digits after a verb of calling, where they count nothing."""
    verbs = "|".join(word.replace("*", r"\w*") for word in table.words_of("calls.verbs"))
    if not verbs:
        return text
    links = any_of(table.words_of("calls.links"))
    pattern = rf"\b((?i:{verbs})(?: (?i:{links}))*)([ :]+)(\d{{3,15}})(?![\w/-]|[.,]\d)"

    def say(match: re.Match[str]) -> str:
        counts = _counts(word_after(match.string, match.end()), table)
        return match.group() if counts else f"{match[1]}{match[2]}{digits(match[3], table)}"

    return re.sub(pattern, say, text)


def _counts(following: str, table: Table) -> bool:
    """Whether the word after a number is what it counts."""
    if table.language == "en":
        return following.islower() and following not in table.words_of("gender.not_nouns")
    return bool(following) and bool(gender_of(following, table, plural=True))


_NAMED_VERSIONS = (
    "versión versiones versão versões version versions versione v web python android ios windows usb bluetooth html "
    "http firefox gpt java ubuntu linux php css industria indústria industry industrie "
    "artículo artículos apartado apartados sección figura tabla epígrafe cláusula cuadro anexo capítulo subcapítulo "
    "artigo artigos item itens subitem seção tabela cláusula quadro article section figure tableau chapitre "
    "articolo paragrafo sezione figura tabella capitolo allegato"
)
"""Of what has versions, and of what has parts that are numbered by points: "artículo 14.2"."""


def say_versions(text: str, table: Table) -> str:
    """Such as "2.0.1", and what follows a name that has versions: numbers parted by a point in any language."""
    point = table.word("point")

    def say(written: str) -> str:
        return f" {point} ".join(
            digits(p, table) if p.startswith("0") and len(p) > 1 else cardinal(int(p), table)
            for p in written.split(".")
        )

    text = re.sub(
        r"(?<![\w.,/-])(?:v|V(?=\d+\.\d))(\d{1,3}(?:\.\d{1,3}){0,3})(?![\w]|[.,]\d)",  # "V8" is an engine
        lambda m: f"{table.word('version')} {say(m[1])}",
        text,
    )
    grouped = rf"(?!(?:{NUMBER})(?!\d|\.\d))" if table.language != "en" else ""
    text = re.sub(rf"(?<![\w.,/-]){grouped}(\d{{1,4}}(?:\.\d{{1,4}}){{2,4}})(?![\w]|[.,]\d)", lambda m: say(m[1]), text)
    names = any_of(_NAMED_VERSIONS.split())
    text = re.sub(
        rf"(\b(?i:{names})|[\ue000-\uf8ff])([ -])(\d{{1,3}}\.\d{{1,2}})(?![\w]|[.,]\d)",
        lambda m: f"{m[1]} {say(m[3])}",
        text,
    )
    if table.language == "en":
        return text
    return re.sub(r"(?<![\w.,/$£€-])(\d{1,2}\.0)(?![\w,.]*\d| ?%| ?[°ºkmcg])", lambda m: say(m[1]), text)
