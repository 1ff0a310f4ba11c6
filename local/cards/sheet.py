"""Something flat to print on, measured in millimetres."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from local.cards.fonts import font

Colour = tuple[int, int, int]
# Transparent rim around what is laid into a picture, so that its edge is drawn without steps.
RIM = 2


def colour(chance: np.random.Generator, low: int = 20, high: int = 240) -> Colour:
    """Any colour between these levels."""
    red, green, blue = (int(value) for value in chance.integers(low, high, 3))
    return red, green, blue


class Sheet:
    """A flat surface of `width` x `height` mm at `scale` pixels a mm, RGB, with rounded corners.

    Positions and sizes of all its methods are mm; sizes of type are the height of the em.
    """

    def __init__(
        self, width: float, height: float, scale: float, colour: Colour, corner: float = 0
    ) -> None:
        self.width, self.height, self.scale, self.corner = width, height, scale, corner
        self.picture = Image.new("RGB", (round(width * scale), round(height * scale)), colour)
        self._draw = ImageDraw.Draw(self.picture)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        face: str,
        size: float,
        ink: Colour = (30, 32, 42),
        anchor: str = "la",
        spacing: float = 0,
    ) -> float:
        """Write; `spacing` is added after each letter (left anchors only). The width written."""
        chosen = font(face, max(4, round(size * self.scale)))
        if not spacing:
            self._draw.text((x * self.scale, y * self.scale), words, ink, chosen, anchor)
            return chosen.getlength(words) / self.scale
        at = x * self.scale
        for letter in words:
            self._draw.text((at, y * self.scale), letter, ink, chosen, anchor)
            at += chosen.getlength(letter) + spacing * self.scale
        return at / self.scale - x

    def box(
        self,
        left: float,
        top: float,
        right: float,
        bottom: float,
        fill: Colour | None,
        outline: Colour | None = None,
        radius: float = 0,
        line: float = 0.3,
    ) -> None:
        """A rectangle, with round corners when there is a radius."""
        corners = tuple(value * self.scale for value in (left, top, right, bottom))
        width = max(1, round(line * self.scale))
        self._draw.rounded_rectangle(corners, radius * self.scale, fill, outline, width)

    def disc(self, x: float, y: float, radius: float, fill: Colour) -> None:
        """A filled circle."""
        self._draw.circle((x * self.scale, y * self.scale), radius * self.scale, fill)

    def line(self, points: Sequence[tuple[float, float]], ink: Colour, thick: float = 0.2) -> None:
        """A line through these points."""
        scaled = [(x * self.scale, y * self.scale) for x, y in points]
        self._draw.line(scaled, ink, max(1, round(thick * self.scale)), "curve")

    def paste(self, picture: Image.Image, left: float, top: float) -> None:
        """Put a picture on it, by its mask when it has one."""
        place = (round(left * self.scale), round(top * self.scale))
        self.picture.paste(picture, place, picture if picture.mode == "RGBA" else None)
        self._draw = ImageDraw.Draw(self.picture)

    def repaint(self, pixels: np.ndarray) -> None:
        """Replace all of it: float or integer (rows, columns, 3)."""
        self.picture = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
        self._draw = ImageDraw.Draw(self.picture)

    def cut_out(self) -> Image.Image:
        """RGBA with the rounded corners and RIM transparent pixels all around."""
        width, height = self.picture.size
        mask = Image.new("L", (width + 2 * RIM, height + 2 * RIM), 0)
        edge = (RIM, RIM, RIM + width - 1, RIM + height - 1)
        ImageDraw.Draw(mask).rounded_rectangle(edge, self.corner * self.scale, 255)
        rim = ((RIM, RIM), (RIM, RIM), (0, 0))
        cut = Image.fromarray(np.pad(np.asarray(self.picture), rim, mode="edge"))
        cut.putalpha(mask)
        return cut
