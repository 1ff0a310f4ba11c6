"""A picture as the files that phones and programs make of it."""

import io
from collections.abc import Callable

from PIL import Image

MAX_BYTES = 2_000_000
QUALITIES = (82, 74, 64, 52, 40, 28, 18)
ORIENTATION = 0x0112
# What undoes each EXIF orientation's display turn; a viewer turns the stored pixels back.
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
FORMS = (
    "jpeg",
    "jpeg 4:4:4",
    "progressive",
    "png",
    "cmyk",
    "mpo",
    *(f"exif {orientation}" for orientation in STORED),
)


def encode(
    picture: Image.Image, form: str = "jpeg", max_bytes: int = MAX_BYTES, quality: int = 90
) -> bytes:
    """The picture as a file of this form (one of FORMS) of at most `max_bytes`, and of `quality` or
    the first lower one that fits.

    All forms look the same upright and keep the picture's size. Raises ValueError for an unknown
    form, or when no quality is small enough.
    """
    if form not in FORMS:
        raise ValueError(f"form is one of {', '.join(FORMS)}")
    if form == "png":
        return _fitting(lambda lower: _png(picture, lower), max_bytes, 90)
    return _fitting(lambda lower: _jpeg(picture, form, lower), max_bytes, quality)


def _fitting(write: Callable[[int], bytes], max_bytes: int, best: int) -> bytes:
    for quality in (best, *QUALITIES):
        if quality <= best and len(data := write(quality)) <= max_bytes:
            return data
    raise ValueError(f"no quality brings this picture under {max_bytes} bytes")


def _jpeg(picture: Image.Image, form: str, quality: int) -> bytes:
    options: dict[str, object] = {"quality": quality, "subsampling": "4:2:0"}
    if form == "jpeg 4:4:4":
        options["subsampling"] = "4:4:4"
    elif form == "progressive":
        options["progressive"] = True
    elif form == "cmyk":
        picture = picture.convert("CMYK")
    elif form == "mpo":  # a phone's second frame is a small one
        second = picture.resize((max(1, picture.width // 4), max(1, picture.height // 4)))
        options |= {"save_all": True, "append_images": [second]}
    elif form.startswith("exif "):
        orientation = int(form.split()[1])
        turn = STORED[orientation]
        picture = picture if turn is None else picture.transpose(turn)
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        options["exif"] = exif
    buffer = io.BytesIO()
    picture.save(buffer, "MPO" if form == "mpo" else "JPEG", **options)
    return buffer.getvalue()


def _png(picture: Image.Image, quality: int) -> bytes:
    """Lossless; where that is too much, the lowest bits, which are noise, are cleared first.

    Packed quickly, which is the longest part of it, but for the last try.
    """
    cleared = {90: 0, 82: 1, 74: 2, 64: 3, 52: 4}.get(quality, 5)
    keep = 0xFF << cleared & 0xFF
    buffer = io.BytesIO()
    level = 1 if cleared < 5 else 9
    picture.point(lambda value: value & keep).save(buffer, "PNG", compress_level=level)
    return buffer.getvalue()
