"""Values as versioned JSON: every kind of field there and back, and what is not ours refused by name."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum

import pytest

from roomtone.core.ids import CallId
from roomtone.core.shapes import VERSION, Shape


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True)
class Point:
    x: int
    y: float = 0.5


@dataclass(frozen=True, slots=True)
class Nothing:
    pass


@dataclass(frozen=True, slots=True)
class Everything:
    call: CallId
    name: str
    open: bool
    colour: Colour
    point: Point
    maybe: CallId | None
    either: Point | Nothing
    perhaps: Point | Nothing | None
    points: tuple[Point, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    colours: frozenset[Colour] = frozenset()


FULL = Everything(
    CallId(10), 'é\n"', True, Colour.RED, Point(1), CallId(11), Nothing(), Point(2, -1.25),
    (Point(3), Point(4)), (("a", "b"), ("c", "d")), frozenset(Colour),
)  # fmt: skip
BARE = Everything(CallId(0), "", False, Colour.BLUE, Point(-5), None, Point(1), None)


@pytest.mark.parametrize("value", [FULL, BARE])
def test_every_kind_of_field_comes_back(value):
    shape = Shape(Everything)
    assert shape.from_json(shape.to_json(value)) == value


def test_the_spelling_is_as_described():
    assert Shape(Everything).to_json(FULL) == (
        '{"v":1,"call":"0000000000000000000000000000000a","name":"é\\n\\"","open":true,"colour":"red",'
        '"point":{"x":1,"y":0.5},"maybe":"0000000000000000000000000000000b","either":{"kind":"Nothing"},'
        '"perhaps":{"kind":"Point","x":2,"y":-1.25},"points":[{"x":3,"y":0.5},{"x":4,"y":0.5}],'
        '"pairs":[["a","b"],["c","d"]],"colours":["blue","red"]}'
    )


def test_one_of_several_is_told_apart_by_its_name():
    shape = Shape(Point | Nothing)
    assert shape.to_json(Nothing()) == '{"v":1,"kind":"Nothing"}'
    assert shape.from_json('{"v":1,"kind":"Point","x":3}') == Point(3)


def test_a_missing_field_takes_its_default():
    assert Shape(Point).from_json('{"v":1,"x":3}') == Point(3)


def test_an_unknown_field_is_passed_over():
    assert Shape(Point).from_json('{"v":1,"x":3,"z":9}') == Point(3)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"v":2,"x":3}', f"version 2; this release reads version {VERSION}"),
        ('{"x":3}', "version None"),
        ('{"v":"1","x":3}', "version '1'"),
        ("[1]", "version None"),
        ("{", "not JSON"),
        ('{"v":1}', "not the shape"),
    ],
)
def test_what_cannot_be_read_says_why(text, problem):
    with pytest.raises(ValueError, match=problem):
        Shape(Point).from_json(text)


@pytest.mark.parametrize("text", ['{"v":1}', '{"v":1,"kind":"Line"}'])
def test_an_unknown_kind_cannot_be_read(text):
    with pytest.raises(ValueError, match="not the shape"):
        Shape(Point | Nothing).from_json(text)


def test_text_without_a_kind_is_of_the_one_that_once_was_alone():
    shape = Shape(Point | Nothing, otherwise=Point)
    assert shape.from_json(Shape(Point).to_json(Point(3))) == Point(3)
    assert shape.from_json(shape.to_json(Nothing())) == Nothing()


@pytest.mark.parametrize("field", ["call", "colour", "points", "point", "either"])
@pytest.mark.parametrize("wrong", [None, "zz", 7, [7]])
def test_a_field_of_another_kind_cannot_be_read(field, wrong):
    shape = Shape(Everything)
    spelled = json.loads(shape.to_json(FULL)) | {field: wrong}
    with pytest.raises(ValueError, match=r"."):
        shape.from_json(json.dumps(spelled))


@pytest.mark.parametrize("declared", [bytes, dict[str, str], tuple[str, int], list[str]])
def test_a_type_without_a_spelling_is_refused_at_once(declared):
    with pytest.raises(TypeError, match="no spelling"):
        Shape(declared)
