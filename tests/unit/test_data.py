"""The nouns: every record survives JSON, and whatever comes from outside is a record or a ValueError."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import make_dataclass
from typing import Any, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localize import data
from localize.data import Span
from localize.runtime.records import from_json, shape, to_json

RECORDS = [
    kind
    for kind in vars(data).values()
    if dataclasses.is_dataclass(kind) and isinstance(kind, type) and kind.__module__ == data.__name__
]
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
st.register_type_strategy(float, FLOATS)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def record(kind: type) -> st.SearchStrategy[Any]:
    return st.from_type(kind)


@pytest.mark.costly
@pytest.mark.parametrize("kind", RECORDS, ids=lambda k: k.__name__)
def test_every_record_survives_json(kind: type) -> None:
    @settings(max_examples=6)
    @given(record(kind))
    def survives(value: Any) -> None:
        text = json.dumps(to_json(value), ensure_ascii=False)
        assert from_json(kind, json.loads(text)) == value

    survives()


@pytest.mark.parametrize("kind", RECORDS, ids=lambda k: k.__name__)
def test_whatever_comes_from_outside_is_a_record_or_a_value_error(kind: type) -> None:
    @settings(max_examples=10)
    @given(JSON)
    def hostile(value: Any) -> None:
        try:
            made = from_json(kind, value)
        except ValueError:
            return
        assert isinstance(made, kind)

    hostile()


@pytest.mark.slow
@pytest.mark.parametrize("kind", RECORDS, ids=lambda k: k.__name__)
def test_one_wrong_field_of_a_right_record_is_named(kind: type) -> None:
    """Any field's value swapped for any JSON: a record of the right types, or a ValueError that names the field."""
    hints = get_type_hints(kind)
    names = [f.name for f in dataclasses.fields(kind)]

    @settings(max_examples=30)
    @given(record(kind), st.sampled_from(names), JSON)
    def swapped(value: Any, name: str, other: Any) -> None:
        said = ""
        try:
            made = from_json(kind, {**to_json(value), name: other})
        except ValueError as error:
            said = str(error)
        if said:
            assert name in said
        else:
            whole = isinstance(other, int) and not isinstance(other, bool)
            assert repr(to_json(made)[name]) in (repr(to_json(other)), repr(float(other)) if whole else "")

    assert set(hints) == set(names)
    swapped()


def test_a_number_beyond_any_float_is_a_value_error() -> None:
    """JSON has whole numbers of any size: `{"score": 1000…0}` must not end a run with an OverflowError."""
    with pytest.raises(ValueError, match="score"):
        from_json(data.Candidate, {"text": "a", "score": 10**400})


def test_unknown_and_missing_keys_are_named() -> None:
    with pytest.raises(ValueError, match="Span: unknown key 'middle_ms'"):
        from_json(Span, {"start_ms": 0, "end_ms": 1, "middle_ms": 2})
    with pytest.raises(ValueError, match="end_ms"):
        from_json(Span, {"start_ms": 0})
    segment = {"id": "s0001", "span": {"start_ms": 0, "end_ms": True}, "speaker": "S1", "text": ""}
    with pytest.raises(ValueError, match=r"Transcript\.segments\[0\]\.span\.end_ms: expected int, found bool"):
        from_json(data.Transcript, {"language": "en", "segments": [segment]})


def test_fields_without_content_are_left_out_only_where_asked() -> None:
    source = data.Source("ab" * 32, 5, "/home/me/film.mp4")
    assert to_json(source)["path"] == "/home/me/film.mp4"
    assert "path" not in to_json(source, content_only=True)
    voice = data.Voice("v", "V", ("es",), "female", "kokoro", (("style.bin", "00"),), "/somewhere")
    assert set(to_json(voice)) - set(to_json(voice, content_only=True)) == {"folder"}


@pytest.mark.parametrize("value", [object(), open, b"bytes", {"a": b"inside"}, [print]])
def test_what_has_no_content_is_a_type_error(value: Any) -> None:
    with pytest.raises(TypeError, match="has no content"):
        to_json(value)


def test_the_shape_of_a_record_changes_with_its_fields() -> None:
    first = make_dataclass("R", [("a", int)])
    retyped = make_dataclass("R", [("a", str)])
    others = [
        make_dataclass("R", [("b", int)]),
        make_dataclass("R", [("a", int), ("inside", tuple[first, ...])]),
        make_dataclass("R", [("a", int), ("inside", tuple[retyped, ...])]),
        make_dataclass("R", [("a", int | None)]),
        make_dataclass("R", [("a", dict[str, int])]),
    ]
    shapes = [json.dumps(shape(kind)) for kind in (first, retyped, *others)]
    assert len(set(shapes)) == len(shapes)


@given(st.from_type(Span), st.from_type(Span), st.integers(-(10**9), 10**9))
def test_spans_overlap_both_ways_and_move_together(a: Span, b: Span, by: int) -> None:
    assert a.overlap_ms(b) == b.overlap_ms(a) >= 0
    assert a.shifted(by).overlap_ms(b.shifted(by)) == a.overlap_ms(b)
    assert a.shifted(by).length_ms == a.length_ms


@given(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))
def test_overlap_counts_the_milliseconds_in_both(a: int, b: int, c: int, d: int) -> None:
    assert Span(a, b).overlap_ms(Span(c, d)) == len(set(range(a, b)) & set(range(c, d)))


def test_a_cover_picture_is_no_film() -> None:
    cover = data.Stream(0, "video", "mjpeg", cover=True)
    film = data.Stream(0, "video", "h264")
    blob = data.Blob("00", 1, ".wav")
    source = data.Source("00", 1, "x")

    def media(*streams: data.Stream) -> data.Media:
        return data.Media(source, "mov", streams, 1, 1, 48, 2, "stereo", "24/1", blob, blob)

    assert not media(cover, data.Stream(1, "audio", "aac")).has_picture
    assert media(film, cover).has_picture
