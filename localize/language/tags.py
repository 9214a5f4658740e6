"""Language tags (BCP 47): canonical form, region, ISO 639-2 code for containers, names."""

from __future__ import annotations

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


def primary_subtag(tag: str) -> str:
    """The language as the tag writes it, in small letters: "pt-BR" and "pt_BR" -> "pt"."""
    return tag.replace("_", "-").split("-")[0].lower()


def region_of(tag: str) -> str:
    """Where the speakers of a BCP 47 tag are at home: "es-MX" -> "MX", "es-419" -> "419", "es" -> ""."""
    import langcodes

    return langcodes.Language.get(tag).territory or ""


def iso639_2(language: str) -> str:
    """Three letters for a container's language tag (ISO 639-2/T), "und" where there are none."""
    import langcodes

    try:
        return str(langcodes.Language.get(language).to_alpha3())
    except LookupError:
        return "und"
