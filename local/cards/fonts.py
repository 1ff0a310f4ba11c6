"""Typefaces of the worlds: committed ones beside this file, others out of Debian packages."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import ImageFont

from local.cards.packages import BUILD, Package, unpacked

HERE = Path(__file__).parent / "assets" / "fonts"

# package, and which of its files are used
PACKAGES: tuple[tuple[Package, tuple[str, ...]], ...] = (
    (
        Package(
            "fonts-liberation",
            "1:1.07.4-11",
            "efd381517f958b01969343634ffcbdd60056be7779af84c6f53a005090430204",
            "GPL-2 with font exception",
        ),
        ("LiberationSans-Regular", "LiberationSans-Bold", "LiberationMono-Bold"),
    ),
    (
        Package(
            "fonts-dejavu-core",
            "2.37-6",
            "8892669e51aab4dc56682c8e39d8ddb7d70fad83c369344e1e240bf3ca22bb76",
            "Bitstream Vera",
        ),
        ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSansMono-Bold"),
    ),
    (
        Package(
            "fonts-roboto-unhinted",
            "2:0~20170802-3",
            "f89cf7d8a589489daecf750031ec50456ab3e648d49ff544f0f08753268fbd91",
            "Apache-2.0",
        ),
        ("Roboto-Regular", "Roboto-Medium", "Roboto-Bold", "RobotoCondensed-Regular"),
    ),
    (
        Package(
            "fonts-ocr-b",
            "0.3~dfsg1-1",
            "56e6a6bfe5d77bbb4f0a6964ce1f8ed3679d7c1a138064bcaf6cc3480c3628f3",
            "public domain, GNU all-permissive",
        ),
        ("OCRB",),
    ),
    (
        Package(
            "fonts-ocr-a",
            "1.0-10",
            "d2b11ad1789233dfdc6c6aa98c8b8deabf11be90b62261362b8d8fe7fd9e2eae",
            "public domain",
        ),
        ("OCRA",),
    ),
    (
        Package(
            "fonts-urw-base35",
            "20200910-7",
            "93e4997c99c4c31ea88c5d37e2259af0a0c826b9358931d5a69f794f7f0c73ac",
            "AGPL-3 with font exception",
        ),
        ("NimbusSans-Regular", "NimbusSans-Bold", "NimbusMonoPS-Bold", "NimbusSansNarrow-Bold"),
    ),
    (
        Package(
            "fonts-open-sans",
            "1.11-2",
            "ed8c4258af6c23e5105fa18940544f060f3c9664fbe881f25130fe0c65bc1485",
            "Apache-2.0",
        ),
        ("OpenSans-Regular", "OpenSans-Semibold", "OpenSans-Bold"),
    ),
)


@dataclass(frozen=True)
class Typeface:
    """The four hands of one card: names of font files without their ending."""

    heading: str
    label: str
    value: str
    digits: str


def gather(at_hand: Path | None = None) -> int:
    """Fetch every font that is not committed; how many there are. Raises NotAvailable."""
    folder = BUILD / "fonts"
    folder.mkdir(parents=True, exist_ok=True)
    for package, wanted in PACKAGES:
        for path in unpacked(package, at_hand).rglob("*.[ot]tf"):
            if path.stem in wanted:
                (folder / path.name).write_bytes(path.read_bytes())
    return sum(1 for _ in folder.glob("*.[ot]tf"))


@cache
def path_of(name: str) -> Path:
    """Where this font lies. Raises FileNotFoundError that says how to get it."""
    for folder in (HERE, BUILD / "fonts"):
        for ending in (".ttf", ".otf"):
            if (folder / (name + ending)).is_file():
                return folder / (name + ending)
    raise FileNotFoundError(f"font {name}: run python -m local.cards.fetch")


@cache
def font(name: str, pixels: int) -> ImageFont.FreeTypeFont:
    """The font at a height of so many pixels to the em."""
    return ImageFont.truetype(str(path_of(name)), pixels, layout_engine=ImageFont.Layout.BASIC)
