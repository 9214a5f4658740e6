"""Faces in a picture and how far their mouths are open, by MediaPipe's BlazeFace and Face Mesh.

Sources: Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs" (2019) for the anchors and
what the detector answers; Kartynnik et al., "Real-time Facial Surface Geometry from Monocular Video on Mobile GPUs"
(2019) for the mesh. The networks were converted by `tools/faces.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..errors import EngineMissing
from ..models import catalogue
from ..runtime.store import package_version
from ..signal.packaged_network import onnx_session

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..models import Models

    Image = NDArray[np.uint8]
    Floats = NDArray[np.float64]
    Pixels = NDArray[np.float32]

MODEL = "faces"
DETECTOR_SIDE, MESH_SIDE = 256, 192
GRIDS = ((16, 2), (8, 6))
"""Cells a side of the detector's two grids, and how many anchors lie in the middle of each cell."""
FOUND, IS_FACE = 0.5, 0.5
"""Probabilities from which a place is looked at, and from which the mesh takes it for a face."""
SAME_FACE = 0.5
"""Boxes whose centres are nearer than this part of their width are one face."""
AROUND = 1.5
"""The mesh is fitted to a square so much wider than the box."""
MOST_FACES = 6
LEAST_PIXELS = 64
"""A picture that is less wide or high shows no lips."""
UPPER_LIP, LOWER_LIP, FOREHEAD, CHIN = 13, 14, 10, 152
"""Points of the mesh: middles of the inner lips; top and bottom of the face."""


@dataclass(frozen=True, slots=True)
class Face:
    """One face in one frame.

    Args:
        x: of its middle, in parts of the picture's width from the left.
        y: of its middle, in parts of the picture's height from the top.
        width: in parts of the picture's width.
        opening: between the lips, in parts of the face's height.
    """

    x: float
    y: float
    width: float
    opening: float


class FaceNetworks:
    """Finds faces and their mouths.

    Raises:
        EngineMissing: onnxruntime is not installed.
        ModelMissing: the weights are not there.
    """

    def __init__(self, models: Models) -> None:
        if not package_version("onnxruntime"):
            how = "--timing lips needs onnxruntime: pip install 'localize-toolkit[offline]'"
            raise EngineMissing(how, package="onnxruntime")
        models.require(catalogue()[MODEL])
        self._folder = models.path(MODEL)
        self.fingerprint = f"{MODEL} {models.fingerprint(MODEL)}"

    @cached_property
    def _detector(self) -> Any:
        return onnx_session(self._folder / "detector.onnx", threads=1)

    @cached_property
    def _mesh(self) -> Any:
        return onnx_session(self._folder / "landmarks.onnx", threads=1)

    def faces_in(self, image: Image) -> tuple[Face, ...]:
        """The faces of a picture, the surest first; one turned away from the camera is none.

        Args:
            image: RGB, shape (height, width, 3).
        """
        height, width = image.shape[:2]
        if min(height, width) < LEAST_PIXELS:
            return ()
        faces = []
        for box in self._boxes(image):
            opening = self._opening(image, box)
            if opening is not None:
                x, y = (float(n) for n in box[:2])
                faces.append(
                    Face(round(x / width, 3), round(y / height, 3), round(float(box[2]) / width, 3), round(opening, 4))
                )
        return tuple(faces)

    def _boxes(self, image: Image) -> list[Floats]:
        """Where faces may be: middle, width, height, and both eyes of each, in pixels."""
        import numpy as np

        height, width = image.shape[:2]
        side = max(height, width)
        middle = np.array([width / 2, height / 2])
        square = _sample(image, middle, side, 0.0, DETECTOR_SIDE, outside=0)
        answers, logits = self._detector.run(None, {"image": (square / 127.5 - 1)[None].astype(np.float32)})
        sure = 1 / (1 + np.exp(-np.clip(logits[0, :, 0].astype(float), -50, 50)))
        likely = np.flatnonzero(sure > FOUND)
        boxes: list[Floats] = []
        for n in likely[np.argsort(-sure[likely])]:
            answer = answers[0, n].astype(float) / DETECTOR_SIDE
            points = np.concatenate([answer[:2], answer[4:8]]).reshape(3, 2) + _anchors()[n]
            points = (points - 0.5) * side + middle
            box = np.concatenate([points[0], answer[2:4] * side, points[1], points[2]])
            if len(boxes) < MOST_FACES and not any(_same(box, other) for other in boxes):
                boxes.append(box)
        return boxes

    def _opening(self, image: Image, box: Floats) -> float | None:
        """How far the mouth of a face is open, in parts of its height; None for what is no face."""
        import numpy as np

        right, left = box[4:6], box[6:8]
        turned = float(np.arctan2(left[1] - right[1], left[0] - right[0]))
        cut = _sample(image, box[:2], AROUND * float(max(box[2:4])), turned, MESH_SIDE)
        points, logit = self._mesh.run(None, {"image": (cut / 255)[None].astype(np.float32)})
        if 1 / (1 + np.exp(-float(np.clip(logit.reshape(-1)[0], -50, 50)))) < IS_FACE:
            return None
        mesh = points.reshape(-1, 3)[:, :2]
        tall = float(np.hypot(*(mesh[FOREHEAD] - mesh[CHIN])))
        return float(np.hypot(*(mesh[UPPER_LIP] - mesh[LOWER_LIP]))) / max(tall, 1.0)


def _same(box: Floats, other: Floats) -> bool:
    away = abs(box[:2] - other[:2]) < SAME_FACE * other[2:4]
    return bool(away.all())


def _anchors() -> Floats:
    """The middle of each anchor, in parts of the detector's square."""
    import numpy as np

    grids = []
    for cells, each in GRIDS:
        middles = (np.arange(cells) + 0.5) / cells
        across, down = np.meshgrid(middles, middles)
        grids.append(np.repeat(np.stack([across.ravel(), down.ravel()], axis=1), each, axis=0))
    return np.concatenate(grids)


def _sample(image: Image, middle: Floats, side: float, turned: float, size: int, outside: int | None = None) -> Pixels:
    """A square of a picture, `side` pixels wide around `middle`, turned by `turned` rad, made `size` pixels wide.

    Beyond the edge it is `outside`, or what is at the edge. A square that becomes smaller is read from a smaller
    picture, so that every pixel counts.
    """
    import numpy as np

    shrink = max(1, int(side / size))
    picture: Image | Pixels = image
    if shrink > 1:
        picture, begun = _shrunk(image, middle, side, shrink)
        middle, side = (middle - begun + 0.5) / shrink - 0.5, side / shrink
    away = ((np.arange(size) + 0.5) / size - 0.5) * side
    height, width = picture.shape[:2]
    if turned:
        across, down = np.meshgrid(away, away)
        x = middle[0] + across * np.cos(turned) - down * np.sin(turned)
        y = middle[1] + across * np.sin(turned) + down * np.cos(turned)
    else:  # rows and columns are read one after the other
        x, y = middle[0] + away, middle[1] + away
    inside_x, inside_y = np.clip(x, 0, width - 1.001), np.clip(y, 0, height - 1.001)
    left, top = inside_x.astype(int), inside_y.astype(int)
    right, below = ((n - whole).astype(np.float32) for n, whole in ((inside_x, left), (inside_y, top)))
    beyond_x, beyond_y = (x < 0) | (x > width - 1), (y < 0) | (y > height - 1)
    if turned:
        points, right, below = picture.reshape(-1, 3), right[..., None], below[..., None]
        at = top * width + left
        upper = points[at] * (1 - right) + points[at + 1] * right
        lower = points[at + width] * (1 - right) + points[at + width + 1] * right
        cut: Pixels = upper * (1 - below) + lower * below
        beyond = beyond_x | beyond_y
    else:
        below = below[:, None, None]
        rows = picture[top] * (1 - below) + picture[top + 1] * below
        cut = rows[:, left] * (1 - right)[:, None] + rows[:, left + 1] * right[:, None]
        beyond = beyond_x[None] | beyond_y[:, None]
    if outside is not None:
        cut[beyond] = outside
    return cut


def _shrunk(image: Image, middle: Floats, side: float, times: int) -> tuple[Pixels, Floats]:
    """The part of a picture around a square, whichever way that is turned, `times` smaller; and where it begins."""
    import numpy as np

    corners = []
    for at, length in zip(middle, (image.shape[1], image.shape[0])):
        edges = (np.array([at - 0.75 * side, at + 0.75 * side]) // times + (-1, 2)) * times
        corners.append(
            np.clip(edges, (0, times), (length // times * times - times, length // times * times)).astype(int)
        )
    (x, x_end), (y, y_end) = corners
    part = image[y:y_end, x:x_end]
    small = np.zeros((part.shape[0] // times, part.shape[1] // times, 3), np.float32)
    for n in range(times):
        for m in range(times):
            small += part[n::times, m::times]
    small /= times**2
    return small, np.array([x, y], np.float64)
