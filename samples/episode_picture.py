"""The picture of the sample: two people at a table by a window at dusk, drawn in flat colours.

Over 400 lines: one picture, part by part, in one system of coordinates.

Everything is drawn in the units of a room of 640 by 360 through a camera that can come closer, at twice the
size, and then made smaller, so that edges are smooth.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache

from PIL import Image, ImageDraw

SIZE = (640, 360)
SCALE = 2
Colour = tuple[int, int, int]
Point = tuple[float, float]
Box = tuple[float, float, float, float]


class Shot(Enum):
    """What the camera sees: the point in the middle, and how near."""

    WIDE = (320.0, 168.0, 1.12)
    LEFT = (208.0, 168.0, 2.15)
    RIGHT = (432.0, 168.0, 2.15)
    WINDOW = (320.0, 132.0, 1.75)


@dataclass(frozen=True, slots=True)
class Moment:
    """One frame.

    Args:
        ms: on the film's clock.
        shot: where the camera stands.
        shot_ms: since the cut.
        speaking: whether the left and the right one speak.
        mouths: how far their mouths are open, 0 to 1.
        since_knock_ms: since the first knock on the door; less than 0 before it.
        since_door_ms: since the door opened; less than 0 before it.
    """

    ms: int
    shot: Shot
    shot_ms: int
    speaking: tuple[bool, bool]
    mouths: tuple[float, float]
    since_knock_ms: int
    since_door_ms: int


# --- drawing ---------------------------------------------------------------------------------------------------------


def rgb(code: str) -> Colour:
    """A colour from six hexadecimal digits."""
    return int(code[:2], 16), int(code[2:4], 16), int(code[4:], 16)


def between(a: float, b: float, part: float) -> float:
    """`part` of the way from `a` to `b`."""
    return a + (b - a) * part


def blend(a: Colour, b: Colour, part: float) -> Colour:
    """`part` of the way from colour `a` to `b`."""
    mixed = [round(between(x, y, part)) for x, y in zip(a, b)]
    return mixed[0], mixed[1], mixed[2]


def ease(ms: float, length_ms: float) -> float:
    """0 before, 1 after, and smooth between."""
    part = min(1.0, max(0.0, ms / length_ms))
    return part * part * (3 - 2 * part)


@dataclass(frozen=True, slots=True)
class Pen:
    """Draws on an image through a camera, in a light.

    Args:
        image: twice the film's size.
        camera: the point in the middle and the zoom.
        light: 1 for colours as they are, less for dusk.
    """

    image: Image.Image
    camera: tuple[float, float, float]
    light: float = 1.0

    def _draw(self) -> ImageDraw.ImageDraw:
        return ImageDraw.Draw(self.image)

    def _at(self, x: float, y: float) -> Point:
        cx, cy, zoom = self.camera
        return ((x - cx) * zoom + SIZE[0] / 2) * SCALE, ((y - cy) * zoom + SIZE[1] / 2) * SCALE

    def _lit(self, colour: Colour) -> Colour:
        return blend(DUSK, colour, between(0.55, 1.0, self.light))

    def shape(self, points: Sequence[Point], colour: Colour) -> None:
        """A polygon."""
        self._draw().polygon([self._at(x, y) for x, y in points], self._lit(colour))

    def curve(self, points: Sequence[Point], colour: Colour) -> None:
        """A smooth closed shape through `points`."""
        self.shape(_smooth(points), colour)

    def ellipse(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        """An ellipse around a point, given its half axes."""
        box = [*self._at(x - width, y - height), *self._at(x + width, y + height)]
        self._draw().ellipse(box, self._lit(colour))

    def box(self, box: Box, colour: Colour, radius: float = 0) -> None:
        """A rectangle, its corners rounded."""
        corners = [*self._at(box[0], box[1]), *self._at(box[2], box[3])]
        self._draw().rounded_rectangle(corners, radius * self.camera[2] * SCALE, self._lit(colour))

    def line(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        """A line with round ends."""
        thick = max(1, round(width * self.camera[2] * SCALE))
        mapped = [self._at(x, y) for x, y in points]
        draw = self._draw()
        draw.line(mapped, self._lit(colour), thick, joint="curve")
        if thick > 2:
            for x, y in (mapped[0], mapped[-1]):
                draw.ellipse([x - thick / 2, y - thick / 2, x + thick / 2, y + thick / 2], self._lit(colour))

    def bow(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        """A smooth line along `points`."""
        self.line(_smooth(points, closed=False), width, colour)


def _smooth(points: Sequence[Point], *, closed: bool = True, steps: int = 8) -> list[Point]:
    """Points of a Catmull-Rom spline."""
    count = len(points)
    ends = range(count) if closed else range(count - 1)

    def at(i: int) -> Point:
        return points[i % count] if closed else points[min(max(i, 0), count - 1)]

    result: list[Point] = []
    for i in ends:
        p0, p1, p2, p3 = at(i - 1), at(i), at(i + 1), at(i + 2)
        for step in range(steps):
            t = step / steps
            weights = (
                -0.5 * t + t**2 - 0.5 * t**3,
                1 - 2.5 * t**2 + 1.5 * t**3,
                0.5 * t + 2 * t**2 - 1.5 * t**3,
                -0.5 * t**2 + 0.5 * t**3,
            )
            x, y = (sum(w * p[axis] for w, p in zip(weights, (p0, p1, p2, p3))) for axis in (0, 1))
            result.append((x, y))
    return result if closed else [*result, points[-1]]


# --- the room --------------------------------------------------------------------------------------------------------

DUSK = rgb("26264a")
WALL = rgb("4a3f63")
WALL_LIT = (rgb("54456a"), rgb("624e71"), rgb("735978"))
PANEL = rgb("3b3357")
RAIL = rgb("5a4b72")
FRAME = rgb("d8c2a8")
FRAME_SHADE = rgb("b39a86")
SKY = tuple(rgb(c) for c in ("2f3b70", "414580", "5b5090", "7d5c98", "a46a99", "c97b92", "e79383", "f8b37e", "ffd08a"))
FAR_CITY = rgb("7a5a8f")
NEAR_CITY = rgb("372f5c")
GLOW = rgb("ffd98a")
RAIN = rgb("aab0d8")
WOOD = rgb("a8683f")
WOOD_EDGE = rgb("7d4a31")
WOOD_LEG = rgb("5f3728")
LAMP = rgb("e9a93f")
LEAF = rgb("4f9467")
LEAF_DARK = rgb("3a7556")
POT = rgb("c66b4a")
WHITE = rgb("f6ead8")
PANE: Box = (236, 44, 404, 206)


@cache
def room(shot: Shot) -> Image.Image:
    """All that never moves behind the people."""
    image = Image.new("RGB", (SIZE[0] * SCALE, SIZE[1] * SCALE), WALL)
    pen = Pen(image, shot.value)
    for reach, colour in zip((250, 185, 125), WALL_LIT):
        pen.ellipse(320, 62, reach, reach * 0.86, colour)
    pen.box((-20, 262, 660, 380), PANEL)
    pen.box((-20, 256, 660, 263), RAIL)
    _sky(pen)
    _picture_on_wall(pen)
    _shelf(pen)
    return image


def _sky(pen: Pen) -> None:
    left, top, right, bottom = PANE
    step = (bottom - top) / len(SKY)
    for i, colour in enumerate(SKY):
        pen.box((left, top + i * step, right, bottom), colour)
    pen.ellipse(372, 74, 9, 9, rgb("fbe9c6"))
    pen.ellipse(376, 71.5, 8, 8, SKY[1])
    dice = random.Random(5)
    for colour, widths, heights in ((FAR_CITY, (12, 20), (34, 66)), (NEAR_CITY, (15, 26), (16, 50))):
        x = left
        while x < right:
            width = min(dice.uniform(*widths), right - x)
            roof = bottom - dice.uniform(*heights)
            pen.box((x, roof, x + width, bottom), colour)
            if colour == NEAR_CITY:
                _city_windows(pen, dice, (x, roof, x + width, bottom))
            x += width


def _city_windows(pen: Pen, dice: random.Random, house: Box) -> None:
    y = house[1] + 5
    while y < house[3] - 6:
        x = house[0] + 3
        while x < house[2] - 4:
            if dice.random() < 0.38:
                pen.box((x, y, x + 2.2, y + 3.2), GLOW)
            x += 5
        y += 7


def _picture_on_wall(pen: Pen) -> None:
    pen.box((520, 74, 586, 122), FRAME_SHADE, 2)
    pen.box((524, 78, 582, 118), rgb("35567a"))
    pen.ellipse(566, 92, 7, 7, rgb("f3b66b"))
    pen.shape([(524, 118), (524, 106), (540, 94), (556, 108), (564, 102), (582, 114), (582, 118)], rgb("28405f"))


def _shelf(pen: Pen) -> None:
    pen.box((44, 128, 130, 134), WOOD_EDGE, 1)
    colours = ("c9604f", "e2a650", "4c8a8b", "d9c7a4", "7a5a9a")
    x = 50.0
    for n, code in enumerate(colours):
        width, height = 7 + n % 3, 30 + 5 * (n * 2 % 3)
        pen.box((x, 128 - height, x + width, 128), rgb(code), 1)
        x += width + 0.8
    pen.shape([(102, 112), (122, 112), (119, 128), (105, 128)], POT)
    for dx, dy in ((-14, -12), (-7, -22), (1, -27), (9, -21), (15, -10)):
        _leaf(pen, (112, 113), (dx, dy), LEAF)


def _leaf(pen: Pen, root: Point, tip: Point, colour: Colour) -> None:
    (x, y), (dx, dy) = root, tip
    pen.curve([(x, y), (x + dx * 0.7 - 4, y + dy * 0.6), (x + dx, y + dy), (x + dx * 0.6 + 4, y + dy * 0.45)], colour)


def window(pen: Pen, ms: int) -> None:
    """The rain that runs, then the frame and what stands on the sill."""
    _rain(pen, ms)
    left, top, right, bottom = PANE
    for box in (
        (left - 8, top - 8, right + 8, top),
        (left - 8, top - 8, left, bottom),
        (right, top - 8, right + 8, bottom),
        (317, top, 323, bottom),
        (left, 116, right, 121),
    ):
        pen.box(box, FRAME)
    pen.box((323, top, 324.5, bottom), FRAME_SHADE)
    pen.box((left, 121, right, 122.5), FRAME_SHADE)
    pen.box((left - 20, bottom, right + 20, bottom + 9), FRAME, 2)
    pen.box((left - 16, bottom + 9, right + 16, bottom + 12), FRAME_SHADE)
    _cat(pen, ms)
    _flowerpot(pen)


def _rain(pen: Pen, ms: int) -> None:
    left, top, right, bottom = PANE
    dice = random.Random(17)
    for _ in range(34):
        x, phase = dice.uniform(left + 4, right + 2), dice.random()
        speed, length = dice.uniform(0.28, 0.36), dice.uniform(9, 18)
        fall = (bottom - top) + length
        y = top - length + (phase * fall + speed * ms) % fall
        a, b = max(y, top), min(y + length, bottom)
        if b > a:
            pen.line([(x - 0.12 * (a - top) * 0.3, a), (x - 0.12 * (b - top) * 0.3, b)], 0.7, RAIN)


def _cat(pen: Pen, ms: int) -> None:
    """It sleeps on the sill; the tip of its tail does not."""
    fur, stripe = rgb("2b2540"), rgb("463c63")
    wag = 4 * math.sin(ms / 620) * (0.4 + 0.6 * math.sin(ms / 2900) ** 2)
    breath = 0.7 * math.sin(ms / 780)
    pen.bow([(284, 202), (272, 203), (263, 209), (260, 218 + wag * 0.3), (264 + wag, 226)], 4.6, fur)
    pen.curve([(280, 206), (281, 194), (291, 186 - breath), (304, 185 - breath), (315, 191), (319, 206)], fur)
    for x in (290, 297, 304):
        pen.bow([(x, 187.5 - breath), (x + 1.5, 193), (x + 0.5, 198)], 1.6, stripe)
    pen.shape([(308, 194), (309, 183), (316, 189)], fur)
    pen.shape([(318, 189), (325, 183.5), (325, 194)], fur)
    pen.ellipse(316.5, 197, 10, 8.6, fur)
    for x in (312, 321):
        pen.bow([(x - 2.2, 196.5), (x, 198), (x + 2.2, 196.5)], 0.9, rgb("d9b48a"))
    pen.ellipse(316.7, 200.2, 1.3, 0.9, rgb("d98a7e"))
    pen.ellipse(309, 205, 6, 2.6, stripe)


def _flowerpot(pen: Pen) -> None:
    for tip in ((-10, -16), (10, -17)):
        _leaf(pen, (382, 192), tip, LEAF_DARK)
    for tip in ((-4, -25), (5, -23), (-13, -7), (13, -8)):
        _leaf(pen, (382, 192), tip, LEAF)
    pen.shape([(372, 190), (392, 190), (389.5, 206), (374.5, 206)], POT)
    pen.box((370.5, 188, 393.5, 193), rgb("d88262"), 1)


def lamp(pen: Pen) -> None:
    """It hangs over the table."""
    pen.line([(320, -10), (320, 12)], 1.6, DUSK)
    pen.shape([(308, 12), (332, 12), (352, 34), (288, 34)], LAMP)
    pen.box((288, 33, 352, 36.5), rgb("fff0c4"), 1)


# --- the table -------------------------------------------------------------------------------------------------------


def table(pen: Pen, ms: int) -> None:
    """With a pot of soup, a candle and two cups."""
    pen.box((150, 300, 166, 380), WOOD_LEG)
    pen.box((474, 300, 490, 380), WOOD_LEG)
    pen.box((92, 286, 548, 308), WOOD_EDGE, 4)
    pen.shape([(112, 275), (528, 275), (552, 292), (88, 292)], WOOD)
    pen.box((88, 290, 552, 297), rgb("93583a"), 2)
    pen.ellipse(320, 285, 74, 6, rgb("c17c4a"))
    _soup(pen, ms)
    _candle(pen, ms)
    for x, code in ((256, "4c8a8b"), (386, "c9604f")):
        pen.box((x - 7, 270, x + 7, 285), rgb(code), 2.5)
        pen.ellipse(x, 270.5, 7, 1.9, rgb("3a2a2a"))
        side = 1 if x > 320 else -1
        pen.bow([(x + side * 7, 274), (x + side * 11.5, 276), (x + side * 7, 281)], 2, rgb(code))


def _soup(pen: Pen, ms: int) -> None:
    for n in range(3):
        x, drift = 308 + 11 * n, ms / 900 + 2.1 * n
        foot = 251 if n == 1 else 254
        points = [(x + (2.2 + up * 0.55) * math.sin(drift + up * 0.9), foot - up * 5.5) for up in range(5)]
        pen.bow(points, 1.5, rgb("8d7897"))
    pen.box((292, 262, 348, 288), rgb("d9dbe6"), 6)
    pen.box((292, 262, 348, 270), rgb("b7bacd"), 3)
    pen.ellipse(320, 262, 28, 4, rgb("eceef5"))
    pen.ellipse(320, 262, 24, 2.8, rgb("d8863f"))
    pen.bow([(292, 270), (284, 271), (285, 278), (292, 279)], 3, rgb("b7bacd"))
    pen.bow([(348, 270), (356, 271), (355, 278), (348, 279)], 3, rgb("b7bacd"))


def _candle(pen: Pen, ms: int) -> None:
    flicker = math.sin(ms / 83) + math.sin(ms / 137)
    pen.ellipse(360, 286, 9, 2.6, FRAME_SHADE)
    pen.box((356.5, 264, 363.5, 286), WHITE, 1.5)
    pen.curve([(360 + flicker * 0.4, 250 - flicker), (363.5, 258.5), (360, 263.5), (356.5, 258.5)], rgb("ffb347"))
    pen.curve([(360 + flicker * 0.2, 255), (361.8, 259.5), (360, 262.5), (358.2, 259.5)], rgb("fff3c0"))


# --- the people ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Person:
    """How one looks, and where the middle of the head is."""

    x: float
    y: float
    facing: int
    skin: Colour
    shade: Colour
    hair: Colour
    coat: Colour
    coat_dark: Colour
    lips: Colour
    female: bool


TOM = Person(
    186, 150, 1, rgb("efbf98"), rgb("d99f78"), rgb("8a4526"), rgb("2f8088"), rgb("25656f"), rgb("b4605a"), female=False
)
MAYA = Person(
    454, 154, -1, rgb("c68658"), rgb("a96c45"), rgb("2c1b22"), rgb("e0a437"), rgb("bd8428"), rgb("a8434a"), female=True
)
PEOPLE = (TOM, MAYA)


@dataclass(frozen=True, slots=True)
class Pose:
    """How one is held in one frame: `turn` from -1 (to the left) to 1, all others from 0 to 1 but the bob, in units."""

    turn: float
    mouth: float
    hand: float
    brow: float
    lids: float
    bob: float


def person(pen: Pen, who: Person, pose: Pose) -> None:
    """One of the two, without the arms."""
    x, y = who.x + 1.5 * who.facing * pose.hand, who.y + pose.bob
    if who.female:
        _hair_behind(pen, who, x, y, pose.turn)
    _body(pen, who)
    pen.curve([(x - 10, y + 22), (x + 10, y + 22), (x + 12, y + 54), (x, y + 59), (x - 12, y + 54)], who.shade)
    _head(pen, who, x, y, pose)


def arms(pen: Pen, who: Person, pose: Pose) -> None:
    """Both arms, which lie on the table or speak along."""
    _arm(pen, who, -who.facing, 0.0)
    _arm(pen, who, who.facing, pose.hand)


def _body(pen: Pen, who: Person) -> None:
    x, y = who.x, who.y
    half = 43 if who.female else 50
    pen.curve(
        [(x - 16, y + 48), (x, y + 51), (x + 16, y + 48), (x + half - 6, y + 60), (x + half, y + 84),
         (x + half - 5, y + 132), (x - half + 5, y + 132), (x - half, y + 84), (x - half + 6, y + 60)],
        who.coat,
    )  # fmt: skip
    if who.female:
        pen.bow([(x - 17, y + 49), (x - 8, y + 57), (x + 8, y + 57), (x + 17, y + 49)], 5.5, who.coat_dark)
    else:
        pen.shape([(x - 15, y + 46), (x - 3, y + 66), (x - 20, y + 58)], WHITE)
        pen.shape([(x + 15, y + 46), (x + 3, y + 66), (x + 20, y + 58)], WHITE)


def _arm(pen: Pen, who: Person, side: int, lift: float) -> None:
    shoulder = (who.x + side * (33 if who.female else 39), who.y + 72)
    elbow = (who.x + side * between(47, 52, lift), who.y + between(122, 116, lift))
    rest = (who.x + who.facing * (26 if side == who.facing else 2) + side * 14, 280.0)
    raised = (who.x + who.facing * 72, who.y + 88)
    hand = (between(rest[0], raised[0], lift), between(rest[1], raised[1], lift))
    wrist = (between(elbow[0], hand[0], 0.82), between(elbow[1], hand[1], 0.82))
    pen.bow([shoulder, (elbow[0] + side * 1.5, between(shoulder[1], elbow[1], 0.62)), elbow], 18, who.coat_dark)
    pen.line([elbow, wrist], 16, who.coat_dark)
    pen.line([(between(elbow[0], hand[0], 0.76), between(elbow[1], hand[1], 0.76)), wrist], 16, who.coat)
    pen.ellipse(hand[0], hand[1], 8.2, 7.2, who.skin)
    if lift > 0.3:
        across, up = who.facing * 6.5, -4.5
        pen.line([hand, (hand[0] + across, hand[1] + up)], 4.4, who.skin)
        pen.line([hand, (hand[0] + across * 0.4, hand[1] - 9)], 4.0, who.skin)


def _hair_behind(pen: Pen, who: Person, x: float, y: float, turn: float) -> None:
    pen.curve(
        [(x, y - 48), (x + 30, y - 38), (x + 41, y - 8), (x + 42, y + 28), (x + 33, y + 58), (x + 12, y + 62),
         (x - 12, y + 62), (x - 33, y + 58), (x - 42, y + 28), (x - 41, y - 8), (x - 30, y - 38)],
        who.hair,
    )  # fmt: skip
    pen.ellipse(x - turn * 14, y - 50, 17, 15, who.hair)


def _head(pen: Pen, who: Person, x: float, y: float, pose: Pose) -> None:
    look = pose.turn * 8
    for side in (-1, 1):
        pen.ellipse(x + side * 31 - look * 0.5, y + 3, 5.5, 8.5, who.shade)
    chin = 41 + 3 * pose.mouth
    jaw = 22 if who.female else 25
    pen.curve(
        [(x, y - 40), (x + 25, y - 30), (x + 32, y - 4), (x + 28, y + 20), (x + jaw * 0.62 + look * 0.3, y + chin - 6),
         (x + look * 0.5, y + chin), (x - jaw * 0.62 + look * 0.3, y + chin - 6), (x - 28, y + 20), (x - 32, y - 4),
         (x - 25, y - 30)],
        who.skin,
    )  # fmt: skip
    for side in (-1, 1):
        pen.ellipse(x + look + side * 17, y + 14, 6, 4, blend(who.skin, rgb("e2705f"), 0.28))
    _eyes(pen, who, x + look, y, pose)
    nose = x + look * 1.35
    lean = 3.4 * pose.turn
    pen.bow([(nose - lean * 0.4, y - 1), (nose + lean, y + 9), (nose - lean * 0.2, y + 11)], 2.2, who.shade)
    _mouth(pen, who, x + look * 1.15, y + 23, pose.mouth)
    _hair(pen, who, x, y, pose.turn)
    if not who.female:
        _glasses(pen, x + look, y)


def _eyes(pen: Pen, who: Person, x: float, y: float, pose: Pose) -> None:
    for side in (-1, 1):
        middle = x + side * 12.5
        open_ = 4.9 * (1 - pose.lids)
        if open_ < 1:
            pen.bow([(middle - 5, y - 2), (middle, y), (middle + 5, y - 2)], 1.8, who.hair)
        else:
            pen.ellipse(middle, y - 2.5, 5.4, open_, WHITE)
            pen.ellipse(middle + pose.turn * 2, y - 2.5, 3.1, min(open_, 3.5), rgb("2a1d2a"))
            pen.ellipse(middle + pose.turn * 2 + 1, y - 3.7, 0.9, 0.9, WHITE)
            lash = [(middle - 5.6, y - 3.2), (middle, y - 3 - open_), (middle + 5.6, y - 3.2)]
            pen.bow(lash, 1.5 if who.female else 1.1, who.hair)
        height = y - 13 - 3.5 * pose.brow
        brow = [(middle - side * 6.5, height - 0.6), (middle + side, height - 1.8), (middle + side * 7, height + 1.8)]
        pen.bow(brow, 2.0 if who.female else 3.0, who.hair)


def _mouth(pen: Pen, who: Person, x: float, y: float, level: float) -> None:
    if level < 0.06:
        pen.bow([(x - 8, y), (x, y + 2.2), (x + 8, y)], 2.2, who.lips)
        return
    wide, tall = 8.4 - 1.2 * level, 1.4 + 5.6 * level
    pen.ellipse(x, y + tall * 0.45, wide + 1.5, tall + 1.5, who.lips)
    pen.ellipse(x, y + tall * 0.45, wide, tall, rgb("4b1520"))
    if tall > 3:
        pen.box((x - wide * 0.62, y - tall * 0.45, x + wide * 0.62, y - tall * 0.45 + 2.1), WHITE, 1)
    if tall > 4.5:
        pen.ellipse(x, y + tall * 1.05, wide * 0.6, tall * 0.3, rgb("c5565a"))


def _hair(pen: Pen, who: Person, x: float, y: float, turn: float) -> None:
    if who.female:
        part = x + turn * 9
        for side in (-1, 1):
            pen.curve(
                [(part, y - 41), (part, y - 30), (x + side * 22, y - 19), (x + side * 30, y), (x + side * 35, y + 26),
                 (x + side * 41, y + 6), (x + side * 38, y - 22), (x + side * 22, y - 42)],
                who.hair,
            )  # fmt: skip
        for side in (-1, 1):
            pen.ellipse(x + side * 32.5 - turn * 3, y + 15, 2.6, 2.6, rgb("ffd36e"))
        return
    pen.curve(
        [(x - 33, y - 2), (x - 36, y - 22), (x - 27, y - 43), (x - 4, y - 51), (x + 20, y - 48), (x + 35, y - 30),
         (x + 33, y - 2), (x + 28, y - 17), (x + 18 + turn * 4, y - 27), (x + turn * 6, y - 24),
         (x - 16 + turn * 4, y - 28), (x - 28, y - 17)],
        who.hair,
    )  # fmt: skip
    pen.bow([(x - 12, y - 43), (x + 4, y - 45), (x + 18, y - 40)], 2, blend(who.hair, GLOW, 0.3))


def _glasses(pen: Pen, x: float, y: float) -> None:
    metal = rgb("3a2c3c")
    for side in (-1, 1):
        middle, angles = x + side * 12.5, [n * math.pi / 8 for n in range(17)]
        ring = [(middle + 9.3 * math.cos(a), y - 2.3 + 8.2 * math.sin(a)) for a in angles]
        pen.line(ring, 1.2, metal)
    pen.line([(x - 3.4, y - 3.5), (x + 3.4, y - 3.5)], 1.2, metal)


# --- frames ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mood:
    """What moves on slowly from frame to frame, for each of the two: how lit, and how far the hand is up."""

    light: tuple[float, float] = (0.6, 0.6)
    hand: tuple[float, float] = (0.0, 0.0)

    def after(self, moment: Moment) -> Mood:
        """The mood one frame later: light follows the speaker within a few frames, hands follow more slowly."""
        light = [between(old, 1.0 if speaks else 0.5, 0.3) for old, speaks in zip(self.light, _lit(moment))]
        hand = [between(old, 1.0 if speaks else 0.0, 0.12) for old, speaks in zip(self.hand, moment.speaking)]
        return replace(self, light=(light[0], light[1]), hand=(hand[0], hand[1]))


def _lit(moment: Moment) -> tuple[bool, bool]:
    """Who stands in the light: the one who speaks, both at the welcome."""
    return moment.speaking if moment.since_door_ms < 0 else (True, True)


def frames(moments: Sequence[Moment]) -> Iterator[bytes]:
    """Every frame as rows of RGB."""
    mood = Mood()
    for moment in moments:
        mood = mood.after(moment)
        yield frame(moment, mood).tobytes()


def frame(moment: Moment, mood: Mood) -> Image.Image:
    """One frame, in the film's size."""
    image = room(moment.shot).copy()
    camera = moment.shot.value
    pen = Pen(image, camera)
    _open_door(pen, moment.since_door_ms)
    window(pen, moment.ms)
    lamp(pen)
    if moment.shot is not Shot.WINDOW:
        seen = [(Pen(image, camera, mood.light[n]), who, _pose(n, moment, mood)) for n, who in enumerate(PEOPLE)]
        for one in seen:
            person(*one)
        table(pen, moment.ms)
        for one in seen:
            arms(*one)
    return image.reduce(SCALE)


def _pose(n: int, moment: Moment, mood: Mood) -> Pose:
    who = PEOPLE[n]
    seconds = moment.ms / 1000 + 1.7 * n
    turn = float(who.facing)
    if who.facing < 0:  # the door is to the right, behind her
        at_knock = ease(moment.since_knock_ms, 320) - ease(moment.since_knock_ms - 2600, 400)
        turn = between(turn, 0.9, at_knock + ease(moment.since_door_ms, 360))
    gesture = mood.hand[n] * (0.55 + 0.2 * math.sin(seconds * 2.6) + 0.25 * moment.mouths[n])
    startled = ease(moment.since_knock_ms, 120) - ease(moment.since_knock_ms - 1800, 500)
    return Pose(
        turn=turn,
        mouth=moment.mouths[n],
        hand=max(0.0, gesture),
        brow=min(1.0, 0.7 * moment.mouths[n] * mood.hand[n] + startled),
        lids=_lids(n, moment.ms),
        bob=1.0 * math.sin(seconds * 1.9) - 1.8 * moment.mouths[n],
    )


@cache
def _blinks(n: int) -> tuple[int, ...]:
    dice = random.Random(31 + n)
    at = 900 + 700 * n
    result = []
    while at < 120_000:
        result.append(at)
        at += dice.randint(1900, 4600)
    return tuple(result)


def _lids(n: int, ms: int) -> float:
    return max((1 - abs(ms - at) / 90 for at in _blinks(n) if abs(ms - at) < 90), default=0.0)


def _open_door(pen: Pen, since_ms: int) -> None:
    """Light from the hall falls on the wall from the right."""
    part = ease(since_ms, 700)
    if part == 0:
        return
    for wide, strength in ((170, 0.15), (140, 0.3), (105, 0.45)):
        reach = 660 - wide * part
        pen.shape([(660, 10), (reach, 60), (reach, 256), (660, 256)], blend(WALL, rgb("f2b766"), strength * part))
        floor = blend(PANEL, rgb("f2b766"), 0.7 * strength * part)
        pen.shape([(660, 263), (reach, 263), (reach - 50, 380), (660, 380)], floor)
    _picture_on_wall(pen)
