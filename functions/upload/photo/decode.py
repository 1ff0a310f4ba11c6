"""Bytes to an upright RGB picture, or the reason why not. No byte given is trusted here."""

import io
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from functions.upload.photo.limits import Limits
from functions.upload.photo.verdict import Finding

# First bytes of what people send instead of JPEG and PNG, so that the page can say what it was.
# HEIC is what an iPhone keeps by default; its brand stands after a box length of four bytes.
SIGNATURES = (
    (0, b"\xff\xd8\xff", "jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "png"),
    (0, b"GIF8", "gif"),
    (8, b"WEBP", "webp"),
    (0, b"II*\0", "tiff"),
    (0, b"MM\0*", "tiff"),
    (0, b"BM", "bmp"),
    (4, b"ftyphei", "heic"),
    (4, b"ftypmif1", "heic"),
    (4, b"ftypavif", "avif"),
    (0, b"%PDF", "pdf"),
    (0, b"PK\x03\x04", "zip"),
    (0, b"<svg", "svg"),
    (0, b"<?xml", "xml"),
)
BAND = 256  # rows of the result that are made at once
READABLE = {"jpeg": "JPEG", "png": "PNG"}

ORIENTATION_TAG = 0x0112
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# Where a point of the upright picture lies in the stored one; both in parts of width and height.
STORED: dict[Image.Transpose | None, Callable[[float, float], tuple[float, float]]] = {
    None: lambda x, y: (x, y),
    UPRIGHT[2]: lambda x, y: (1 - x, y),
    UPRIGHT[3]: lambda x, y: (1 - x, 1 - y),
    UPRIGHT[4]: lambda x, y: (x, 1 - y),
    UPRIGHT[5]: lambda x, y: (y, x),
    UPRIGHT[6]: lambda x, y: (y, 1 - x),
    UPRIGHT[7]: lambda x, y: (1 - y, 1 - x),
    UPRIGHT[8]: lambda x, y: (1 - y, x),
}

Box = tuple[float, float, float, float]


class Unreadable(Exception):
    """The bytes give no picture; carries the `Finding` that says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


@dataclass(frozen=True)
class Picture:
    """A decoded photo, upright, RGB, without metadata.

    rgb            at most `clean_longest_side` long; never changed by a check
    source_width   pixels of the upright original, before any reduction
    source_height  likewise
    """

    rgb: Image.Image
    source_width: int
    source_height: int

    @property
    def scale(self) -> float:
        """Pixels of the original for one of `rgb`."""
        return self.source_width / self.rgb.width


def sniff(data: bytes) -> str:
    """What the first bytes say it is: a word of `SIGNATURES`, or "unknown"."""
    for offset, signature, name in SIGNATURES:
        if data.startswith(signature, offset):
            return name
    return "unknown"


def decode(data: bytes, limits: Limits) -> Picture:
    """The picture in a JPEG (MPO: its first frame) or PNG (APNG: its first frame).

    Raises Unreadable with wrong_format, too_many_pixels or corrupt; no other exception.
    """
    found = sniff(data)
    if found not in READABLE:
        raise Unreadable(Finding("wrong_format", {"found": found}))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # decoders comment on broken files; nobody reads it
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _decode(data, READABLE[found], limits)
    except Unreadable:
        raise
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise Unreadable(Finding("too_many_pixels", {"limit": limits.max_pixels})) from None
    except Exception:  # noqa: BLE001 - decoders raise nearly anything on a broken file
        raise Unreadable(Finding("corrupt", {"cause": "decode"})) from None


def _decode(data: bytes, plugin: str, limits: Limits) -> Picture:
    reduced, (width, height), transpose = _read(data, plugin, limits)
    rgb = _shrunk(reduced, limits.clean_longest_side)
    if transpose is not None:
        rgb = rgb.transpose(transpose)
        if transpose not in (UPRIGHT[2], UPRIGHT[3], UPRIGHT[4]):
            width, height = height, width
    # Pillow's encoder would copy comment and colour profile from here into the clean file.
    rgb.info = {}
    return Picture(rgb=rgb, source_width=width, source_height=height)


def _read(
    data: bytes, plugin: str, limits: Limits
) -> tuple[Image.Image, tuple[int, int], Image.Transpose | None]:
    """The stored picture, reduced, its size before, and how to turn it. What it was reduced from,
    up to 100 MB, ends here: nothing that follows need stand beside it."""
    with Image.open(io.BytesIO(data), formats=(plugin,)) as image:
        width, height = image.size
        if width * height > limits.max_pixels:
            details = {"pixels": width * height, "limit": limits.max_pixels}
            raise Unreadable(Finding("too_many_pixels", details))
        _draft(image, limits.draft_longest_side)
        image.load()  # every row; a truncated file raises here
        transpose = UPRIGHT.get(_orientation(image))
        return _reduced(image, limits.clean_longest_side), (width, height), transpose


def close_up(data: bytes, box: Box, limits: Limits) -> Image.Image:
    """A part of a picture that `decode` has read, at the scale of the original; upright, RGB.

    box: left, top, right, bottom in parts of the upright picture; grows to whole pixels.
    """
    with Image.open(io.BytesIO(data), formats=(READABLE[sniff(data)],)) as image:
        transpose = UPRIGHT.get(_orientation(image))
        stored = STORED[transpose]
        (x0, y0), (x1, y1) = stored(box[0], box[1]), stored(box[2], box[3])
        left, right = sorted((x0 * image.width, x1 * image.width))
        top, bottom = sorted((y0 * image.height, y1 * image.height))
        image.load()
        part = image.crop((math.floor(left), math.floor(top), math.ceil(right), math.ceil(bottom)))
    rgb = _shrunk(_reduced(part, limits.clean_longest_side), limits.clean_longest_side)
    return rgb if transpose is None else rgb.transpose(transpose)


def _draft(image: Image.Image, longest_side: int) -> None:
    """Ask the JPEG decoder for 1/8, 1/4 or 1/2; it still reads the whole file. PNG ignores it."""
    for scale in (8, 4, 2):
        if max(image.size) // scale >= longest_side:
            image.draft(None, (max(1, image.width // scale), max(1, image.height // scale)))
            return


def _orientation(image: Image.Image) -> int:
    """EXIF orientation 1-8; 1 when the EXIF block is missing or broken, which harms no pixel."""
    try:
        return int(image.getexif().get(ORIENTATION_TAG, 1))
    except Exception:  # noqa: BLE001 - as above; a good picture with a bad tag stays good
        return 1


def _reduced(image: Image.Image, longest_side: int) -> Image.Image:
    """RGB or grey, on white, reduced by a whole number to no less than that, from any mode the two
    formats have.

    Embedded colour profiles are dropped, not applied: reading them is one more parser for hostile
    bytes, and a wide-gamut phone photo taken as sRGB only looks a little paler.
    """
    factor = max(1, max(image.size) // longest_side)
    if image.mode.startswith("I"):  # 16 bits a pixel; Pillow's own conversion clips at 255
        high_bytes = (np.asarray(image) >> 8).clip(0, 255).astype(np.uint8)
        image = Image.fromarray(high_bytes)
    if image.has_transparency_data:
        return _on_white(image, factor)
    flat = image if image.mode in ("L", "RGB") else image.convert("RGB")
    return flat.reduce(factor) if factor > 1 else flat


def _on_white(image: Image.Image, factor: int) -> Image.Image:
    """RGB, reduced by a whole number, a band at a time: Pillow makes three copies on the way."""
    width, height = image.size
    white = Image.new("RGB", (-(-width // factor), -(-height // factor)), "white")
    for top in range(0, height, BAND * factor):
        band = image.crop((0, top, width, min(height, top + BAND * factor))).convert("RGBA")
        band = band.reduce(factor) if factor > 1 else band
        white.paste(band, (0, top // factor), band)
    return white


def _shrunk(image: Image.Image, longest_side: int) -> Image.Image:
    """RGB, no longer than that."""
    ratio = longest_side / max(image.size)
    if ratio < 1:
        size = (max(1, round(image.width * ratio)), max(1, round(image.height * ratio)))
        image = image.resize(size, Image.Resampling.LANCZOS)
    return image if image.mode == "RGB" else image.convert("RGB")


def encode_clean(picture: Picture, limits: Limits) -> bytes:
    """The only copy that is kept: a baseline JPEG of the pixels, nothing else in it."""
    buffer = io.BytesIO()
    picture.rgb.save(buffer, "JPEG", quality=limits.clean_quality)
    return buffer.getvalue()
