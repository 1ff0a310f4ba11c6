"""Files damaged on purpose, the same ones for the same seed: small originals of every encoding, and
one random wound each."""

import random
from collections.abc import Iterator
from functools import cache

from PIL import Image, PngImagePlugin

from tests.upload.photo_files import card_image, encoded, png_of_16_bits


@cache
def originals(width: int, height: int) -> tuple[bytes, ...]:
    """The same picture as JPEG (baseline, progressive, grey, CMYK, MPO) and PNG (plain, palette,
    RGBA, 16 bits, full of metadata, animated)."""
    small = card_image().resize((width, height))
    return (
        encoded(small, "JPEG"),
        encoded(small, "JPEG", progressive=True),
        encoded(small.convert("L"), "JPEG"),
        encoded(small.convert("CMYK"), "JPEG"),
        encoded(small, "MPO", save_all=True, append_images=[small]),
        encoded(small, "PNG"),
        encoded(small.quantize(16), "PNG", transparency=2),
        encoded(small.convert("RGBA"), "PNG"),
        png_of_16_bits(small),
        _full_of_metadata(small),
        encoded(small, "PNG", save_all=True, append_images=[small.rotate(90)]),
    )


def damaged(seed: int, count: int, width: int = 160, height: int = 120) -> Iterator[bytes]:
    """`count` damaged files."""
    chance = random.Random(seed)
    whole = originals(width, height)
    for _ in range(count):
        yield mutated(chance, chance.choice(whole))


def mutated(chance: random.Random, original: bytes) -> bytes:
    """The file with a few bytes changed, a piece missing, a piece twice, or a length blown up."""
    data = bytearray(original)
    action = chance.randrange(6)
    start = chance.randrange(len(data))
    if action == 0:  # a few bytes anywhere
        for _ in range(chance.randrange(1, 12)):
            data[chance.randrange(len(data))] = chance.randrange(256)
    elif action == 1:  # in the headers, where decoders are most surprised
        for _ in range(chance.randrange(1, 8)):
            data[chance.randrange(min(700, len(data)))] = chance.randrange(256)
    elif action == 2:  # a hole
        del data[start : start + chance.randrange(1, 400)]
    elif action == 3:  # a piece twice
        data[start:start] = data[max(0, start - chance.randrange(1, 400)) : start]
    elif action == 4:  # one bit
        data[start] ^= 1 << chance.randrange(8)
    else:  # numbers at their limits: lengths, sizes, counts
        width = chance.choice((1, 2, 4))
        value = chance.choice((0, 1, 2 ** (8 * width) - 1, 2 ** (8 * width - 1)))
        start = chance.randrange(min(700, len(data) - width))
        data[start : start + width] = value.to_bytes(width)
    return bytes(data)


def _full_of_metadata(image: Image.Image) -> bytes:
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "x" * 300, zip=True)
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(image, "PNG", pnginfo=text, exif=exif)
