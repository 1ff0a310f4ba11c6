"""What a phone makes of the light: focus, shaking hands, sensor."""

import numpy as np
from PIL import Image, ImageFilter


def defocused(picture: Image.Image, sigma: float, chance: np.random.Generator) -> Image.Image:
    """Out of focus as wide as a Gaussian of `sigma` pixels; sometimes as a disc is, flat-topped."""
    if sigma < 0.25:
        return picture
    if sigma > 1.5 and chance.random() < 0.5:
        # Two boxes of radius r have the variance of 2 ((2r+1)^2 - 1) / 12.
        radius = float(np.sqrt(6 * sigma**2 + 1) - 1) / 2
        return picture.filter(ImageFilter.BoxBlur(radius)).filter(ImageFilter.BoxBlur(radius))
    return picture.filter(ImageFilter.GaussianBlur(sigma))


def shaken(picture: Image.Image, length: float, degrees: float) -> Image.Image:
    """Smeared along a line of `length` pixels."""
    steps = max(2, min(48, round(length * 1.5)))
    pixels = np.asarray(picture, np.float32)
    total = np.zeros_like(pixels)
    angle = np.deg2rad(degrees)
    reach = int(np.ceil(length / 2)) + 1
    padded = np.pad(pixels, ((reach, reach), (reach, reach), (0, 0)), mode="edge")
    for share in np.linspace(-0.5, 0.5, steps):
        x = reach + round(share * length * np.cos(angle))
        y = reach + round(share * length * np.sin(angle))
        total += padded[y : y + pixels.shape[0], x : x + pixels.shape[1]]
    return Image.fromarray((total / steps).astype(np.uint8))


def noise(chance: np.random.Generator, size: tuple[int, int], strength: float) -> np.ndarray:
    """(rows, columns, 3) float32, mostly in brightness, some of it in colour and coarser."""
    width, height = size
    fine = chance.standard_normal((height, width), np.float32)[:, :, None] * np.float32(strength)
    shape = (height // 3 + 1, width // 3 + 1, 3)
    coarse = chance.standard_normal(shape, np.float32) * np.float32(strength)
    tint = coarse.repeat(3, axis=0).repeat(3, axis=1)[:height, :width]
    return tint + fine
