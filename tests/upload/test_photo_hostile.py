"""Whatever the bytes are, there is a verdict; and what is kept contains pixels only."""

import zlib

import pytest
from PIL import Image, ImageCms, ImageOps, PngImagePlugin

from functions.upload.photo.decode import decode
from functions.upload.photo.judge import judge
from functions.upload.photo.limits import LIMITS
from tests.upload.damaged_files import damaged
from tests.upload.photo_files import (
    JPEG_MAGIC,
    PNG_MAGIC,
    card_image,
    encoded,
    jpeg_with_segments,
    ktp,
    opened,
    png_bomb,
    png_chunk,
    png_header,
    png_of_16_bits,
    png_with_chunk,
)


def first_reason(data: bytes) -> str:
    verdict = judge(data, "ktp")
    assert not verdict.accepted and verdict.clean is None
    return verdict.reasons[0]


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", "unknown"),
        (b"\xff\xd8", "unknown"),
        (b"Ini bukan foto.\n", "unknown"),
        (b"%PDF-1.7\n", "pdf"),
        (b"PK\x03\x04" + bytes(60), "zip"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "svg"),
        (b"<?xml version='1.0'?><svg/>", "xml"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "heic"),
        (b"\0\0\0\x18ftypavif\0\0\0\0", "avif"),
    ],
)
def test_what_is_no_jpeg_or_png_is_refused_by_its_first_bytes(data, found) -> None:
    verdict = judge(data, "ktp")
    assert verdict.reasons == ("wrong_format",)
    assert verdict.details == {"wrong_format": {"found": found}}


@pytest.mark.parametrize("form", ["GIF", "TIFF", "WEBP", "BMP"])
def test_other_picture_formats_are_never_opened(form) -> None:
    verdict = judge(encoded(card_image(), form), "ktp")
    assert verdict.reasons == ("wrong_format",)
    assert verdict.details["wrong_format"]["found"] == form.lower()


@pytest.mark.parametrize("magic", [JPEG_MAGIC, PNG_MAGIC, JPEG_MAGIC + b"\xe0" + bytes(500)])
def test_a_file_that_is_little_but_its_first_bytes_is_corrupt(magic) -> None:
    assert first_reason(magic) == "corrupt"


@pytest.mark.parametrize("percent", [1, 5, 20, 40, 60, 80, 95, 99])
@pytest.mark.parametrize("options", [{}, {"progressive": True}], ids=["baseline", "progressive"])
def test_a_jpeg_cut_short_is_corrupt(percent, options) -> None:
    photo = encoded(card_image(), "JPEG", **options)
    assert first_reason(photo[: len(photo) * percent // 100]) == "corrupt"


@pytest.mark.parametrize("percent", [1, 5, 20, 40, 60, 80, 95, 99])
def test_a_png_cut_short_is_corrupt(percent) -> None:
    photo = encoded(card_image(), "PNG")
    assert first_reason(photo[: len(photo) * percent // 100]) == "corrupt"


def test_a_jpeg_cut_short_is_corrupt_also_when_decoded_at_a_reduced_scale() -> None:
    photo = encoded(opened(ktp()).resize((3600, 2700)), "JPEG", quality=60)
    assert judge(photo, "ktp").accepted
    assert first_reason(photo[: len(photo) // 2]) == "corrupt"


@pytest.mark.parametrize("size", [(5001, 5000), (12_000, 12_000), (100_000, 100_000)])
def test_a_header_with_too_many_pixels_is_refused_before_decoding(size) -> None:
    assert first_reason(png_bomb(*size)) == "too_many_pixels"


def test_a_picture_with_just_as_many_pixels_as_allowed_is_decoded() -> None:
    assert first_reason(png_bomb(5000, 5000)) == "corrupt"  # it holds a few rows only
    full = judge(encoded(Image.new("L", (5000, 5000), 200), "PNG"), "ktp")
    assert full.reasons == ("not_ktp",) and full.clean is not None


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
@pytest.mark.parametrize("size", [(1, 1), (1, 2), (1, 5000), (5000, 1), (65_000, 3)])
def test_a_picture_of_odd_shape_is_measured_like_any_other(size, form) -> None:
    area = size[0] * size[1]
    striped = Image.frombytes("L", size, (bytes((90, 90, 90, 200)) * area)[:area])
    reasons = judge(encoded(striped, form), "ktp").reasons
    assert reasons[0] in ("not_ktp", "blurred", "photocopy", "too_small")


@pytest.mark.parametrize("size", [(0, 0), (0, 10), (2**31, 1)])
def test_impossible_dimensions_are_refused(size) -> None:
    assert first_reason(png_bomb(*size)) in ("corrupt", "too_many_pixels")


@pytest.mark.parametrize(
    ("name", "prefix"),
    [(b"zTXt", b"Comment\0\0"), (b"iTXt", b"XML\0\1\0\0\0"), (b"iCCP", b"p\0\0")],
)
def test_a_chunk_that_inflates_without_end_gives_a_verdict(name, prefix) -> None:
    bomb = prefix + zlib.compress(bytes(80_000_000), 9)
    verdict = judge(png_with_chunk(encoded(card_image(), "PNG"), name, bomb), "ktp")
    assert verdict.accepted or verdict.reasons == ("corrupt",)


def test_a_png_without_pixels_is_corrupt() -> None:
    assert first_reason(png_header(800, 600) + png_chunk(b"IEND", b"")) == "corrupt"


def sixteen_bit_grey() -> bytes:
    wide = card_image().convert("L").convert("I").point(lambda value: value * 257)
    return encoded(wide.convert("I;16"), "PNG")


def with_transparency(mode: str) -> Image.Image:
    layered = card_image().convert(mode)
    layered.putalpha(255)
    return layered


UNUSUAL = {
    "cmyk jpeg": lambda: encoded(card_image().convert("CMYK"), "JPEG"),
    "progressive jpeg": lambda: encoded(card_image(), "JPEG", progressive=True),
    "4:4:4 jpeg": lambda: encoded(card_image(), "JPEG", subsampling=0),
    "palette png": lambda: encoded(card_image().quantize(200), "PNG"),
    "palette png with transparency": lambda: encoded(
        card_image().quantize(200), "PNG", transparency=3
    ),
    "rgba png": lambda: encoded(with_transparency("RGB"), "PNG"),
    "16-bit rgb png": lambda: png_of_16_bits(card_image()),
    "apng": lambda: encoded(
        card_image(), "PNG", save_all=True, append_images=[Image.new("RGB", (800, 600))]
    ),
    "mpo": lambda: encoded(
        card_image(), "MPO", save_all=True, append_images=[Image.new("RGB", (800, 600))]
    ),
}
GREY = {
    "grey jpeg": lambda: encoded(card_image().convert("L"), "JPEG"),
    "16-bit grey png": sixteen_bit_grey,
    "1-bit png": lambda: encoded(card_image().convert("1"), "PNG"),
    "grey png with alpha": lambda: encoded(with_transparency("L"), "PNG"),
}


@pytest.mark.parametrize("name", UNUSUAL)
def test_a_good_card_is_accepted_in_every_encoding(name) -> None:
    verdict = judge(UNUSUAL[name](), "ktp")
    assert verdict.reasons == ()
    assert_same_picture(opened(verdict.clean), card_image())


@pytest.mark.parametrize("name", GREY)
def test_a_grey_encoding_keeps_its_brightness_and_is_refused_as_a_copy(name) -> None:
    verdict = judge(GREY[name](), "ktp")
    assert verdict.reasons == ("photocopy",)
    assert_same_picture(opened(verdict.clean), card_image().convert("L").convert("RGB"))


def assert_same_picture(one: Image.Image, other: Image.Image) -> None:
    """Equal in the coarse: no inversion, wrong frame, wrong scale of values or turned side."""
    assert one.mode == "RGB" and one.size == other.size
    pairs = zip(
        one.resize((8, 6), Image.Resampling.BOX).tobytes(),
        other.resize((8, 6), Image.Resampling.BOX).tobytes(),
        strict=True,
    )
    assert max(abs(a - b) for a, b in pairs) < 24


def test_transparent_parts_become_white() -> None:
    card = card_image().convert("RGBA")
    card.paste((0, 0, 0, 0), (0, 0, 100, 100))
    clean = opened(judge(encoded(card, "PNG"), "ktp").clean)
    assert min(clean.getpixel((50, 50))) > 250


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_every_exif_orientation_ends_upright(orientation, form) -> None:
    marked = card_image().copy()
    marked.paste((255, 0, 0), (0, 0, 200, 100))
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = encoded(marked, form, exif=exif)
    expected = ImageOps.exif_transpose(opened(stored))
    picture = decode(stored, LIMITS)
    assert_same_picture(opened(judge(stored, "ktp").clean), expected)
    assert (picture.source_width, picture.source_height) == expected.size


def test_a_broken_exif_block_does_not_refuse_a_good_photo() -> None:
    broken = jpeg_with_segments(ktp(), (0xE1, b"Exif\0\0II*\0\xff\xff\xff\xff"))
    assert judge(broken, "ktp").accepted


SECRET = b"rahasia-6.2088S-106.8456E"


def jpeg_full_of_metadata() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    exif.get_ifd(0x8825)[0x001D] = SECRET.decode()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    photo = encoded(
        card_image(), "JPEG", exif=exif, comment=SECRET, icc_profile=profile + SECRET, dpi=(72, 72)
    )
    xmp = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>" + SECRET + b"</x:xmpmeta>"
    iptc = b"Photoshop 3.0\x008BIM" + SECRET
    return jpeg_with_segments(photo, (0xE1, xmp), (0xED, iptc)) + b"PK\x03\x04" + SECRET


def png_full_of_metadata() -> bytes:
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", SECRET.decode())
    text.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    return encoded(card_image(), "PNG", pnginfo=text, exif=exif) + SECRET


@pytest.mark.parametrize("make", [jpeg_full_of_metadata, png_full_of_metadata])
def test_the_clean_copy_contains_no_metadata_at_all(make) -> None:
    photo = make()
    assert SECRET in photo
    clean = judge(photo, "ktp").clean
    assert SECRET not in clean
    assert not opened(clean).getexif()
    assert clean.endswith(b"\xff\xd9")
    # Only what decoding needs: JFIF, tables, frame, scan.
    assert markers_of(clean) <= {0xE0, 0xDB, 0xC0, 0xC4, 0xDA}


def markers_of(data: bytes) -> set[int]:
    """The markers of a JPEG's segments up to its scan."""
    position, found = 2, set()
    while 0xDA not in found:
        assert data[position] == 0xFF
        found.add(data[position + 1])
        position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return found


def test_a_large_photo_is_kept_at_2048_pixels() -> None:
    photo = encoded(card_image().resize((3000, 2250)), "JPEG", quality=60)
    assert opened(judge(photo, "ktp").clean).size == (2048, 1536)


@pytest.mark.parametrize("seed", range(10))
def test_a_damaged_file_always_has_a_verdict(seed) -> None:
    for data in damaged(seed, 32):
        verdict = judge(data, "ktp")
        assert not verdict.accepted and verdict.reasons  # 160 x 120 is too small at best
