"""A pinhole camera over the plane that the card lies in."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from functions.upload.photo.card import perspective
from local.cards.sheet import RIM

# ID-1 (ISO/IEC 7810).
CARD_MM = (85.6, 53.98)


@dataclass(frozen=True)
class View:
    """What maps the plane (mm, origin in the middle of the card, y down) into the picture.

    `plane` is a (3, 3) homography into continuous coordinates, where the first pixel spans 0 to 1.
    """

    plane: np.ndarray

    def seen(self, points: np.ndarray) -> np.ndarray:
        """(n, 2) mm to (n, 2) continuous pixels."""
        flat = np.column_stack([points, np.ones(len(points))]) @ self.plane.T
        return flat[:, :2] / flat[:, 2:]

    def before(self, points: np.ndarray) -> bool:
        """Whether these mm (n, 2) lie in front of the camera, no nearer than a third of the card's
        distance: what lies nearer has no sensible place in the picture."""
        depth = np.column_stack([points, np.ones(len(points))]) @ self.plane[2]
        return bool((depth > 0.33 * self.plane[2, 2]).all())

    def card(self) -> np.ndarray:
        """Corners of the card (4, 2): top left, clockwise as it is read; continuous pixels."""
        return self.seen(rectangle(0, 0, *CARD_MM))

    def pixels_per_mm(self) -> float:
        """At the card, along its longer side."""
        return width_of(self.card()) / CARD_MM[0]


def rectangle(x: float, y: float, width: float, height: float, degrees: float = 0) -> np.ndarray:
    """Corners (4, 2) of a rectangle around (x, y), turned clockwise."""
    half = np.array([(-width, -height), (width, -height), (width, height), (-width, height)]) / 2
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return half @ turn + (x, y)


def width_of(corners: np.ndarray) -> float:
    """Mean of the upper and the lower edge."""
    upper = np.linalg.norm(corners[1] - corners[0])
    lower = np.linalg.norm(corners[2] - corners[3])
    return float(upper + lower) / 2


def looking(
    size: tuple[int, int],
    *,
    width: float,
    centre: tuple[float, float],
    roll: float,
    pitch: float,
    yaw: float,
    focal: float,
) -> View:
    """The view in which the card is `width` pixels wide and its middle at `centre`.

    Angles in degrees: roll turns the card clockwise in the picture, pitch and yaw tilt it away.
    focal is in longer sides of the picture (a phone's main lens: 0.75).
    """
    length = focal * max(size)
    turned = _rotation(roll, pitch, yaw)
    offset = np.array([centre[0] - size[0] / 2, centre[1] - size[1] / 2, length]) / length
    distance = length * CARD_MM[0] / width
    for _ in range(4):
        lens = np.array([[length, 0, size[0] / 2], [0, length, size[1] / 2], [0, 0, 1]])
        place = np.column_stack([turned[:, 0], turned[:, 1], offset * distance])
        view = View(lens @ place)
        distance *= width_of(view.card()) / width
    return view


def _rotation(roll: float, pitch: float, yaw: float) -> np.ndarray:
    a, b, c = np.deg2rad([roll, pitch, yaw])
    around_z = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    around_x = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    around_y = np.array([[np.cos(c), 0, np.sin(c)], [0, 1, 0], [-np.sin(c), 0, np.cos(c)]])
    turned: np.ndarray = around_x @ around_y @ around_z
    return turned


def lay(
    scene: Image.Image,
    cut: Image.Image,
    corners: np.ndarray,
    shadow: float = 0,
    fine: bool = False,
) -> Image.Image | None:
    """Put an RGBA cut-out (with its RIM) so that its corners come to lie on these (continuous).

    `shadow` 0..1 darkens what is around it. Returns the mask laid, as large as the scene, or None
    when nothing of it is in the picture.
    """
    margin = 2 if not shadow else round(0.04 * width_of(corners)) + 2
    left, top = np.floor(corners.min(axis=0) - margin).astype(int)
    right, bottom = np.ceil(corners.max(axis=0) + margin).astype(int)
    left, top = max(left, 0), max(top, 0)
    right, bottom = min(right, scene.width), min(bottom, scene.height)
    if right <= left or bottom <= top:
        return None
    cut = _no_finer_than_needed(cut, width_of(corners))
    wide, high = cut.width - RIM, cut.height - RIM
    flat = np.array([(RIM, RIM), (wide, RIM), (wide, high), (RIM, high)], np.float64)
    coefficients = perspective(corners - (left, top), flat)
    placed = cut.transform(
        (int(right - left), int(bottom - top)),
        Image.Transform.PERSPECTIVE,
        coefficients,
        Image.Resampling.BICUBIC if fine else Image.Resampling.BILINEAR,
    )
    mask = placed.getchannel("A")
    place = (int(left), int(top))
    if shadow:
        soft = mask.filter(ImageFilter.BoxBlur(margin / 2))
        scene.paste((8, 8, 12), place, soft.point(lambda value: int(value * shadow)))
    scene.paste(placed, place, mask)
    whole = Image.new("L", scene.size, 0)
    whole.paste(mask, place)
    return whole


def _no_finer_than_needed(cut: Image.Image, width: float) -> Image.Image:
    """The cut-out with fewer pixels when it would be shrunk much, which would leave steps."""
    shrink = (cut.width - 2 * RIM) / max(width, 8)
    if shrink < 1.7:
        return cut
    body = cut.crop((RIM, RIM, cut.width - RIM, cut.height - RIM))
    size = (max(4, round(body.width / shrink)), max(4, round(body.height / shrink)))
    pixels = np.asarray(body.resize(size, Image.Resampling.BOX))
    padded = np.pad(pixels, ((RIM, RIM), (RIM, RIM), (0, 0)), mode="edge").copy()
    padded[:RIM, :, 3] = padded[-RIM:, :, 3] = padded[:, :RIM, 3] = padded[:, -RIM:, 3] = 0
    return Image.fromarray(padded, "RGBA")
