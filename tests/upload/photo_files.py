"""Files for the photo tests, made by hand where an encoder would be too well behaved."""

import io
import struct
import zlib
from functools import cache

import numpy as np
from PIL import Image

from local.cards.person import invented_person
from local.cards.render import Variation, photo_of, render_selfie

JPEG_MAGIC = b"\xff\xd8\xff"
# Seeds of a card that lies clear in the middle, and of a clear selfie.
CLEAR = 5
PNG_MAGIC = b"\x89PNG\r\n\x1a\n"


def nik_on(seed: int = CLEAR) -> str:
    """The number on the card of `ktp(seed)`."""
    return invented_person(seed).nik


@cache
def ktp(seed: int = CLEAR, variation: Variation = "good") -> bytes:
    return photo_of(invented_person(seed), seed, variation)


@cache
def selfie(seed: int = CLEAR, variation: Variation = "good") -> bytes:
    return render_selfie(seed, variation)


@cache
def card_image() -> Image.Image:
    """A good card photo of 880 x 660, for files that are encoded in unusual ways."""
    with Image.open(io.BytesIO(ktp())) as image:
        return image.resize((880, 660))


def encoded(image: Image.Image, form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def jpeg_with_segments(data: bytes, *segments: tuple[int, bytes]) -> bytes:
    """The JPEG with (marker, payload) segments put in after its first two bytes."""
    extra = b"".join(
        struct.pack("!BBH", 0xFF, marker, len(payload) + 2) + payload
        for marker, payload in segments
    )
    return data[:2] + extra + data[2:]


def png_chunk(name: bytes, payload: bytes) -> bytes:
    checksum = zlib.crc32(name + payload)
    return struct.pack("!I", len(payload)) + name + payload + struct.pack("!I", checksum)


def png_header(width: int, height: int, depth: int = 8, colour: int = 2) -> bytes:
    return PNG_MAGIC + png_chunk(
        b"IHDR", struct.pack("!IIBBBBB", width, height, depth, colour, 0, 0, 0)
    )


def png_bomb(width: int, height: int) -> bytes:
    """A small file that claims to be huge."""
    pixels = zlib.compress(bytes(1_000_000), 9)
    return png_header(width, height) + png_chunk(b"IDAT", pixels) + png_chunk(b"IEND", b"")


def png_with_chunk(data: bytes, name: bytes, payload: bytes) -> bytes:
    after_header = len(PNG_MAGIC) + 25
    return data[:after_header] + png_chunk(name, payload) + data[after_header:]


def png_of_16_bits(image: Image.Image) -> bytes:
    """16 bits a channel RGB, which Pillow itself cannot write."""
    pixels = np.asarray(image.convert("RGB")).astype(">u2") * 257
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    header = png_header(image.width, image.height, depth=16)
    return header + png_chunk(b"IDAT", zlib.compress(rows)) + png_chunk(b"IEND", b"")
