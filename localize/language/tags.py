"""Language tags (BCP 47): canonical form, region, ISO 639-2 code for containers, names."""

from __future__ import annotations

from functools import lru_cache

from ..errors import UsageError


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
