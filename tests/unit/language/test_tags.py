"""What a tag of a target language asks for, and what of it nothing would follow."""

from __future__ import annotations

import pytest

from localize.errors import UsageError
from localize.job import Job
from localize.language.tags import find_tag, read_target


@pytest.mark.parametrize(
    ("tag", "language", "region"),
    [
        ("es", "es", ""),
        ("spa", "es", ""),
        ("es-MX", "es", "MX"),
        ("es_mx", "es", "MX"),
        ("es-419", "es", "419"),
        ("es-Latn-MX", "es", "MX"),  # the usual script
        ("sq-XK", "sq", "XK"),  # Kosovo: a private code in use
        ("zh-TW", "zh", "TW"),
        ("zh-Hant-TW", "zh", "TW"),
        ("Traditional Chinese", "zh", "TW"),
        ("Simplified Chinese", "zh", "CN"),
        ("sr-Cyrl", "sr", ""),
    ],
)
def test_language_and_region_are_read(tag: str, language: str, region: str) -> None:
    assert read_target(find_tag(tag)) == (language, region)


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("es-ZZ", "ZZ is no country es-MX"),
        ("es-XX", "XX is no country"),
        ("pt-AA", "AA is no country"),
        ("pt-QM", "QM is no country"),
        ("es-Cyrl", "Cyrl give es"),
        ("sr-Latn", "Latn give sr"),
        ("zh-Hant", "Hant zh-TW or zh"),
        ("es-x-foo", "give es"),
        ("ca-valencia", "give ca"),
        ("es-MX-u-ca-gregory", "give es-MX"),
    ],
)
def test_what_nothing_would_follow_is_refused(tag: str, words: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_target(find_tag(tag))
    assert not [word for word in words.split() if word not in refused.value.message], refused.value.message


@pytest.mark.parametrize(
    ("to", "words"),
    [
        (("es", "es"), "es twice: name it once"),
        (("es", "Spanish"), "es twice: name it once"),
        (("es-MX", "pt", "es-ES"), "es twice, as es-ES and es-MX: --variant"),
        (("es", "es-MX"), "es twice, as es and es-MX: --variant"),
    ],
)
def test_two_of_one_language_have_the_same_names(to: tuple[str, ...], words: str) -> None:
    with pytest.raises(UsageError) as refused:
        Job("film.mp4", to=to)
    assert not [word for word in words.split() if word not in refused.value.message], refused.value.message
