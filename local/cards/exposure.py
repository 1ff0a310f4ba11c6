"""The scene as the light falls on it and as the sensor takes it."""

import io

import numpy as np
from PIL import Image, ImageFilter

from local.cards import lens, light
from local.cards.camera import CARD_MM, View
from local.cards.worlds import World

GOOD = (0.66, 1.12)
DARK = (0.05, 0.17)
# Where text stands on the card, mm from its middle: heading, NIK and fields.
TEXT = ((-36.0, -22.0), (12.0, 20.0))


def exposed(
    scene: Image.Image,
    chance: np.random.Generator,
    world: World,
    defect: str,
    view: View,
    card: Image.Image | None,
) -> Image.Image:
    """The scene under the world's light; `card` is where it lies, for sheen on its laminate."""
    size = scene.size
    field = light.fall(chance, size, world.lighting)
    level = chance.uniform(*(DARK if defect == "dark" else GOOD))
    pixels = np.asarray(scene, np.float32)
    lit = light.spread(field * np.float32(level), size)
    if defect != "dark" and chance.random() < 0.3:
        lit = lit * light.spread(light.shade(chance, size, world.lighting), size)
    pixels = pixels * lit[:, :, None] * light.cast(chance, world.lighting)
    if card is not None and chance.random() < 0.45:
        strength = chance.uniform(12, 60) * min(level, 1)
        band = light.spread(_sheen(chance, size, view), size) * np.asarray(card, np.float32)
        # Broad and not clipped: it fades as it nears white, and what lies under it stays readable.
        room = np.clip((244 - pixels) / 90, 0, 1)
        pixels = pixels + band[:, :, None] * np.float32(strength / 255) * room
    if defect == "glare":
        pixels = pixels + _glare(chance, size, view)[:, :, None] * np.array(
            (330, 330, 326), np.float32
        )
    elif defect != "dark" and chance.random() < 0.06:
        pixels = pixels + _glint(chance, size, view)[:, :, None] * np.float32(280)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def _sheen(chance: np.random.Generator, size: tuple[int, int], view: View) -> np.ndarray:
    """A broad reflection lying over part of the card."""
    centre = view.seen(chance.uniform(-40, 40, (1, 2)))[0]
    unit = view.pixels_per_mm()
    radii = (chance.uniform(3, 14) * unit, chance.uniform(30, 90) * unit)
    return light.blob(size, tuple(centre), radii, chance.uniform(0, 180), chance.uniform(1.5, 4))


def _glare(chance: np.random.Generator, size: tuple[int, int], view: View) -> np.ndarray:
    """One to three clipped highlights, the first over the NIK or the lines below it."""
    unit = view.pixels_per_mm()
    centre = view.seen(np.array([chance.uniform((-26, -20), (6, 6))]))[0]
    radii = chance.uniform(6, 15) * unit, chance.uniform(5.5, 11) * unit
    turn, skirt = chance.uniform(0, 180), chance.uniform(0.4, 1.3)
    total = light.spread(light.blob(size, tuple(centre), radii, turn, skirt), size)
    for _ in range(chance.integers(0, 3)):
        other = view.seen(chance.uniform((-40, -25), (40, 25), (1, 2)))[0]
        radii = chance.uniform(2, 8) * unit, chance.uniform(2, 8) * unit
        total = np.maximum(total, light.spread(light.blob(size, tuple(other), radii, 0, 0.8), size))
    return np.clip(total, 0, 1)


def _glint(chance: np.random.Generator, size: tuple[int, int], view: View) -> np.ndarray:
    """A small highlight that touches no text: beside the card."""
    unit = view.pixels_per_mm()
    side = chance.choice((-1, 1))
    place = np.array([[chance.uniform(-40, 40), side * (CARD_MM[1] / 2 + 14)]])
    centre = view.seen(place)[0]
    radius = chance.uniform(2, 6) * unit
    return np.clip(
        light.spread(light.blob(size, tuple(centre), (radius, radius), 0, 0.7), size), 0, 1
    )


def sensed(picture: Image.Image, chance: np.random.Generator, defect: str) -> Image.Image:
    """The sensor's noise, the phone's sharpening and its JPEG."""
    strength = chance.gamma(2, 1.3) if defect != "dark" else chance.uniform(2, 9)
    if chance.random() < 0.35 and defect != "blurred":
        picture = picture.filter(ImageFilter.UnsharpMask(1.2, int(chance.integers(20, 90)), 2))
    pixels = np.asarray(picture, np.float32) + lens.noise(chance, picture.size, min(strength, 9))
    picture = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    if chance.random() < 0.5:
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=int(chance.integers(62, 96)))
        with Image.open(buffer) as again:
            picture = again.convert("RGB")
    return picture


def blank(chance: np.random.Generator, size: tuple[int, int], world: World) -> Image.Image:
    """A wall, or a lens with a finger over it: nothing at all to be seen."""
    level = chance.uniform(60, 240) * np.ones(3) + chance.uniform(-20, 20, 3)
    field = light.spread(light.fall(chance, size, world.lighting), size)
    pixels = field[:, :, None] * level.astype(np.float32)
    picture = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    return sensed(picture, chance, "blank")
