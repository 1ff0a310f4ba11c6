"""What lies around a card and what a phone makes of it: table, tilt, light, lens, sensor."""

import io

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

Corners = tuple[tuple[float, float], ...]


def table(chance: np.random.Generator, width: int, height: int) -> Image.Image:
    """A textured surface (grain or cloth) with a few things lying on it."""
    colour = chance.uniform((60, 45, 35), (190, 170, 150)).astype(np.float32)
    rows = np.arange(height, dtype=np.float32)[:, None]
    columns = np.arange(width, dtype=np.float32)[None, :]
    grain = 9 * np.sin(rows / chance.uniform(5, 14) + 3 * np.sin(columns / chance.uniform(90, 300)))
    coarse = chance.normal(0, 12, (height // 40 + 1, width // 40 + 1)).astype(np.float32)
    patches = np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))
    surface = colour + (grain + patches)[:, :, None]
    picture = Image.fromarray(np.clip(surface, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    for _ in range(chance.integers(3, 8)):
        x, y = chance.uniform(0, width), chance.uniform(0, height)
        w, h = chance.uniform(60, 420, 2)
        shade = tuple(int(value) for value in chance.integers(20, 235, 3))
        if chance.random() < 0.5:
            draw.rectangle((x, y, x + w, y + h), shade)
        else:
            draw.ellipse((x, y, x + w, y + w), shade)
    return picture


def tilted_corners(
    chance: np.random.Generator, centre: tuple[float, float], width: float, degrees: float
) -> Corners:
    """Corners (top left, clockwise) of an ID-1 card of this width, turned and seen askew."""
    half = np.array([width, width / 1.586]) / 2
    flat = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * half
    flat = flat * (1 + chance.uniform(-0.04, 0.04, (4, 1)))
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return tuple((float(x), float(y)) for x, y in flat @ turn + np.array(centre))


def lay(scene: Image.Image, card: Image.Image, corners: Corners) -> None:
    """Put the RGBA card into the scene so that its corners come to lie on these, with a shadow."""
    coefficients = _perspective(corners, card.size)
    placed = card.transform(
        scene.size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC
    )
    mask = placed.getchannel("A")
    shadow = mask.filter(ImageFilter.BoxBlur(9)).point(lambda value: value // 3)
    scene.paste((0, 0, 0), (6, 8), shadow)
    scene.paste(placed, (0, 0), mask)


def _perspective(corners: Corners, size: tuple[int, int]) -> tuple[float, ...]:
    """Pillow's eight numbers: they map a point of the scene back to the card."""
    width, height = size
    rows: list[list[float]] = []
    wanted: list[float] = []
    for (x, y), (u, v) in zip(
        corners, ((0, 0), (width, 0), (width, height), (0, height)), strict=True
    ):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        wanted += [u, v]
    return tuple(float(value) for value in np.linalg.solve(np.array(rows), np.array(wanted)))


def lit(chance: np.random.Generator, scene: Image.Image, exposure: float) -> Image.Image:
    """Light falling off from one side, with a colour cast; exposure 1 is a good photo."""
    height, width = scene.height, scene.width
    direction = chance.uniform(0, 2 * np.pi)
    across = (np.arange(width) / width - 0.5)[None, :] * np.cos(direction)
    down = (np.arange(height) / height - 0.5)[:, None] * np.sin(direction)
    fall = 1 + chance.uniform(0.05, 0.3) * (across + down)
    cast = 1 + chance.uniform(-0.06, 0.06, 3)
    light = (exposure * fall)[:, :, None] * cast
    pixels = np.asarray(scene, np.float32) * light.astype(np.float32)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def photographed(
    chance: np.random.Generator, scene: Image.Image, *, blur: float = 0.7, quality: int = 88
) -> bytes:
    """JPEG of the scene through a lens (Gaussian blur in pixels) and onto a noisy sensor."""
    seen = scene.filter(ImageFilter.GaussianBlur(blur))
    noise = 2 * chance.standard_normal((scene.height, scene.width, 1), np.float32)
    pixels = np.clip(np.asarray(seen, np.float32) + noise, 0, 255).astype(np.uint8)
    return as_jpeg(Image.fromarray(pixels), quality)


def as_jpeg(picture: Image.Image, quality: int = 88) -> bytes:
    """The picture as JPEG bytes."""
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()
