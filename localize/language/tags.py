"""Language tags (BCP 47): canonical form, region, ISO 639-2 code for containers, names."""

from __future__ import annotations

import re
from contextlib import suppress
from difflib import get_close_matches
from functools import lru_cache

from ..errors import UsageError

NEAR = 0.75
"""From this likeness on (difflib's ratio) one name is another one misspelt."""
OTHER_REGION = 9
"""The rank of a text that is for another region than was asked for."""
_LATIN_AMERICA = frozenset("AR BO BR CL CO CR CU DO EC GT HN MX NI PA PE PR PY SV UY VE".split())

_REGIONS = {
    "latin america": "419", "latam": "419", "la": "419", "brazil": "BR", "br": "BR", "portugal": "PT", "spain": "ES",
    "castilian": "ES", "mexico": "MX", "méxico": "MX", "brasil": "BR", "españa": "ES", "latinoamérica": "419",
    "argentina": "AR", "colombia": "CO", "us": "US", "usa": "US",
    "united states": "US", "uk": "GB", "united kingdom": "GB", "canada": "CA", "france": "FR", "italy": "IT",
}  # fmt: skip
_SHORT = frozenset("en es pt fr it de nl sv da nb no fi pl cs hu ro el tr ru uk ja zh ko ar he hi th vi id".split())


_OTHER_NAMES = {
    "castellano": "es", "castilian": "es", "espanol": "es", "portugues": "pt", "brasileiro": "pt-BR",
    "francais": "fr", "mandarin": "zh", "farsi": "fa", "european portuguese": "pt-PT", "european spanish": "es-ES",
    "brazilian portuguese": "pt-BR", "latin american spanish": "es-419", "british english": "en-GB",
    "traditional chinese": "zh-TW", "simplified chinese": "zh-CN",
}  # fmt: skip
"""Names in use that the Unicode CLDR does not list, without their accents."""

_NAMED_IN = ("es", "pt", "fr", "it", "de")
"""Languages whose names of languages are understood, beside English and the language's own."""


@lru_cache(maxsize=256)
def find_tag(text: str) -> str:
    """The BCP 47 tag of what a person wrote for a language: a tag stays, a name in any language is looked up (Unicode
    CLDR, as langcodes has it): "Spanish", "Español" -> "es", "Brazilian Portuguese" -> "pt-BR", "Spanish (Latin
    America)", "Spanish - LatAm" -> "es-419".

    Raises:
        UsageError: neither a tag nor the name of a language.
    """
    import langcodes

    tag = text.strip().replace("_", "-")
    with suppress(langcodes.LanguageTagError, ValueError):
        if tag[:2].isalpha() and langcodes.Language.get(tag).language and langcodes.tag_is_valid(tag):
            return tag
    name = text.strip().casefold()
    if named := _tag_of_words(name):
        return named
    parted = re.fullmatch(r"(\w[\w ]+?)\s*[-–(,/]\s*([\w ]+)\)?", name)
    region = _REGIONS.get(parted[2].strip(), "") if parted else ""
    if parted and region and (named := _tag_of_words(parted[1])):
        return f"{main_language(named)}-{region}"
    meant = _near_name(name)
    hint = f"; is {meant} meant?" if meant else ""
    raise UsageError(f"{text!r} is neither a language tag (BCP 47), such as es or es-MX, nor a language's name{hint}")


def _near_name(name: str) -> str:
    """The usual language whose name, in English or its own, is written nearly so, with its tag; "" for none."""
    import langcodes

    names: dict[str, str] = {}
    for tag in sorted(_SHORT):
        language = langcodes.Language.get(tag)
        names |= {str(own).casefold(): f"{own} ({tag})" for own in (language.autonym(), language.display_name())}
    near = get_close_matches(name, names, 1, NEAR)
    return names[near[0]] if near else ""


def _tag_of_words(name: str) -> str:
    """The tag of a language by its name without a region beside it, in small letters; "" for none."""
    import langcodes

    if other := _OTHER_NAMES.get(name):
        return other
    with suppress(LookupError, ValueError):  # its table of names cannot read every key
        found = langcodes.find(name)  # takes "spanish please" as well
        if name in {found.display_name(language).casefold() for language in ("en", found.language, *_NAMED_IN)}:
            return str(found)
    return ""


@lru_cache(maxsize=256)
def canonical_language(tag: str) -> str:
    """The shortest BCP 47 language of a tag: "spa", "es-ES" -> "es".

    Raises:
        UsageError: no such language.
    """
    import langcodes

    try:
        if not tag[:2].isalpha():
            raise ValueError(tag)
        language = langcodes.Language.get(tag).language
    except (langcodes.LanguageTagError, ValueError):
        language = None
    if not language:
        raise UsageError(f"{tag!r} is not a language tag (BCP 47), such as es or pt")
    return str(langcodes.standardize_tag(language, macro=True))


@lru_cache(maxsize=256)
def main_language(tag: str) -> str:
    """The main language of a BCP 47 tag as it is written, in lower case: "es-MX", "es_419" and "ES" -> "es".

    It looks nothing up: a tag that came from anywhere gets an answer (`canonical_language` refuses what is none).
    """
    return tag.replace("_", "-").partition("-")[0].lower()


def region_of(tag: str) -> str:
    """Where the speakers of a BCP 47 tag are at home: "es-MX" -> "MX", "es-419" -> "419", "es" -> ""."""
    import langcodes

    return langcodes.Language.get(tag).territory or ""


def read_target(tag: str) -> tuple[str, str]:
    """Language and region of a tag that is translated into: "es-MX" -> ("es", "MX"), "spa" -> ("es", "").

    Raises:
        UsageError: the region is none (AA, QM to QZ, XA to XZ and ZZ are for private use in ISO 3166-1), or the tag
            says what no result would follow: another script than the usual one of language and region, or a variant.
    """
    import langcodes

    language, asked = canonical_language(tag), langcodes.Language.get(tag)
    region = asked.territory or ""
    if not is_region(region):
        raise UsageError(
            f"--to {tag}: {region} is no country or region: give one, such as es-MX or es-419, or {language}"
        )
    usual = with_region(language, region)
    if asked.script and asked.script != langcodes.Language.get(usual).maximize().script:
        where = langcodes.Language.get(f"{language}-{asked.script}").maximize().territory or ""
        fits = where and langcodes.Language.get(with_region(language, where)).maximize().script == asked.script
        hint = f"{with_region(language, where)} or {language}" if fits else language
        raise UsageError(
            f"--to {tag}: scripts of a language are not told apart, so {asked.script} is lost: give {hint}"
        )
    if asked.variants or asked.extlangs or asked.extensions or asked.private:
        raise UsageError(f"--to {tag}: only language and region of a tag are followed: give {usual}")
    return language, region


def is_region(code: str) -> bool:
    """Whether a region code is one that people live in, or "": "MX", "419" and "XK" (Kosovo) are, "ZZ" and "XA" not."""
    return code == "XK" or not re.fullmatch(r"AA|Q[M-Z]|X[A-Z]|ZZ", code)


def with_region(language: str, region: str) -> str:
    """A language with a region, as a BCP 47 tag: "es" and "MX" -> "es-MX"; the language alone without one."""
    return f"{language}-{region}" if region else language


def wider_region(region: str) -> str:
    """The region of UN M49 whose words serve a country too: "MX" -> "419" (Latin America); any other stays."""
    return "419" if region in _LATIN_AMERICA else region


def region_rank(tag: str, region: str) -> int:
    """How well a text of a language tag serves a region asked for: 0 best, `OTHER_REGION` for another one.

    Without a region asked for, any serves: that of no region first, then the one where most speak the language.
    """
    own = region_of(tag.replace("_", "-")) if "-" in tag or "_" in tag else ""
    if not region:
        return 0 if not own else 1 if own == _likely_region(main_language(tag)) else 2
    if own == region:
        return 0
    if own == wider_region(region):
        return 1
    return 2 if not own else OTHER_REGION


def _likely_region(language: str) -> str:
    import langcodes

    return langcodes.Language.get(language).maximize().territory or ""


def language_name(tag: str) -> str:
    """What a language is called in English, with its tag: "es-MX" -> "Spanish (Mexico) [es-MX]"; a tag without a name
    stays as it is.
    """
    import langcodes

    try:
        language = langcodes.Language.get(tag)
        name = str(language.display_name())
    except (langcodes.LanguageTagError, LookupError):
        return tag
    return f"{name} [{tag}]" if language.is_valid() and language.language not in (None, "und") else tag


def iso639_2(language: str) -> str:
    """Three letters for a container's language tag (ISO 639-2/T), "und" where there are none."""
    import langcodes

    try:
        return str(langcodes.Language.get(language).to_alpha3())
    except LookupError:
        return "und"


def tag_of_name(name: str) -> str:
    """`find_tag` of the heading of a column, in small letters; "" for none. Of two or three letters only usual ones
    are a tag: "in" and "tc" head other columns.
    """
    name = name.strip(" ()[]")
    if re.fullmatch(r"[a-z]{2}[-_]([a-z]{2}|\d{3})", name):
        main, region = re.split("[-_]", name)
        return f"{main}-{region.upper()}"
    if re.fullmatch(r"[a-z]{2,3}", name):
        return name if name in _SHORT else ""
    try:
        return find_tag(name)
    except UsageError:
        return ""
