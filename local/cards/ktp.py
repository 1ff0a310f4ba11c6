"""The front of a KTP, flat and evenly lit: where things stand on it, contents invented."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from local.cards.camera import CARD_MM
from local.cards.fonts import Typeface, font
from local.cards.ground import guilloche
from local.cards.person import Person, place_of, require_invented
from local.cards.portrait import portrait
from local.cards.sheet import Colour, Sheet, colour

CORNER_MM = 3.18
RELIGIONS = ("ISLAM", "KRISTEN", "KATOLIK", "HINDU", "BUDDHA", "KHONGHUCU")
WORK = ("KARYAWAN SWASTA", "WIRASWASTA", "BELUM/TIDAK BEKERJA", "PETANI/PEKEBUN", "BURUH")
VILLAGES = ("CONTOH JAYA", "UMPAMA BARU", "SUKA REKA", "MISAL INDAH", "REKAAN TIMUR")
DISTRICTS = ("UMPAMA", "SEMISAL", "REKAAN", "ANDAIKAN", "CONTOH UTARA")


@dataclass(frozen=True)
class Layout:
    """One way the card is printed; mm from the upper left corner, type by its em.

    heading     top of the province's line; step to the regency's
    nik         top of the NIK; left of its label and of its digits; sizes of both
    fields      top of the first row; step; size of type
    columns     left of the labels and of the values
    photo       left, top, width, height
    place       top of the town under the photo (the date follows)
    short       the label set: whether blood group has its own row and the nation is spelt out
    inks        ranges of the ground: left, right, waves
    """

    heading: tuple[float, float]
    heading_size: float
    nik: tuple[float, float, float]
    nik_sizes: tuple[float, float]
    fields: tuple[float, float, float]
    columns: tuple[float, float]
    photo: tuple[float, float, float, float]
    place: float
    short: bool
    inks: tuple[Colour, Colour, Colour]


def draw_ktp(
    person: Person,
    chance: np.random.Generator,
    layout: Layout,
    typeface: Typeface,
    scale: float,
) -> Sheet:
    """The card at `scale` pixels a mm. Raises ValueError for a NIK that could be real."""
    require_invented(person.nik)
    inks = np.array(layout.inks, np.float32) + chance.uniform(-14, 14, (3, 3))
    sheet = Sheet(*CARD_MM, scale, (200, 220, 230), CORNER_MM)
    guilloche(sheet, chance, inks.astype(np.float32), chance.uniform(0.25, 0.8))
    ink = colour(chance, 10, 52)
    shift = chance.uniform(-0.7, 0.7, 2)
    spacing = chance.choice((0, 0, 0.05, 0.12))
    province, regency, town = place_of(person.nik)
    _headings(sheet, chance, layout, typeface, shift, (province, regency), ink)
    top, label_left, digits_left = layout.nik
    label_size, digits_size = np.array(layout.nik_sizes) * chance.uniform(0.94, 1.06)
    level = top + shift[1]
    # The digits end before the photo begins, however wide the typeface.
    room = layout.photo[0] - digits_left - 2.2 - 0.8 - 16 * spacing
    wide = font(typeface.digits, 100).getlength(person.nik) / 100
    digits_size = min(digits_size, room / wide)
    sheet.text(label_left + shift[0], level, "NIK", typeface.label, label_size, ink)
    sheet.text(digits_left + shift[0], level, ":", typeface.label, label_size, ink)
    sheet.text(
        digits_left + shift[0] + 2.2,
        level + (label_size - digits_size) * 0.5,
        person.nik,
        typeface.digits,
        digits_size,
        ink,
        spacing=spacing,
    )
    _rows(sheet, chance, layout, typeface, shift, _fields(person, town, layout.short, chance), ink)
    _photo(sheet, chance, layout, typeface, shift, town, ink)
    _specimen_mark(sheet, chance, typeface)
    return sheet


def _headings(
    sheet: Sheet,
    chance: np.random.Generator,
    layout: Layout,
    typeface: Typeface,
    shift: np.ndarray,
    names: tuple[str, str],
    ink: Colour,
) -> None:
    top, step = layout.heading
    size = layout.heading_size * chance.uniform(0.93, 1.07)
    middle = CARD_MM[0] / 2 + shift[0]
    for row, words in enumerate((f"PROVINSI {names[0]}", names[1])):
        level = top + shift[1] + row * step
        sheet.text(middle, level, words, typeface.heading, size, ink, anchor="ma")


def _rows(
    sheet: Sheet,
    chance: np.random.Generator,
    layout: Layout,
    typeface: Typeface,
    shift: np.ndarray,
    fields: list[tuple[str, str]],
    ink: Colour,
) -> None:
    top, step, size = layout.fields
    size *= chance.uniform(0.94, 1.06)
    left, values = layout.columns + shift[0] + chance.uniform(-0.4, 0.4, 2)
    widest = font(typeface.label, max(4, round(size * sheet.scale))).getlength("Status Perkawinan")
    values = max(values, left + widest / sheet.scale + 0.8)
    for row, (label, value) in enumerate(fields):
        level = top + shift[1] + row * step
        indent = 1.6 if label.startswith(" ") else 0
        sheet.text(left + indent, level, label.strip(), typeface.label, size, ink)
        sheet.text(values, level, ":", typeface.label, size, ink)
        sheet.text(values + 1.3, level, value, typeface.value, size, ink)


def _fields(
    person: Person, town: str, short: bool, chance: np.random.Generator
) -> list[tuple[str, str]]:
    sex = "LAKI-LAKI" if person.sex == "male" else "PEREMPUAN"
    blood = str(chance.choice(("A", "B", "AB", "O", "-")))
    until = "SEUMUR HIDUP" if chance.random() < 0.7 else f"{person.birth_date:%d-%m}-2017"
    return [
        ("Nama", person.name),
        ("Tempat/Tgl Lahir", f"{town}, {person.birth_date:%d-%m-%Y}"),
        ("Jenis Kelamin" if not short else "Jenis kelamin", f"{sex}    Gol. Darah : {blood}"),
        ("Alamat", person.address),
        (" RT/RW", f"{chance.integers(1, 20):03}/{chance.integers(1, 12):03}"),
        (" Kel/Desa", str(chance.choice(VILLAGES))),
        (" Kecamatan", str(chance.choice(DISTRICTS))),
        ("Agama", str(chance.choice(RELIGIONS))),
        ("Status Perkawinan", str(chance.choice(("KAWIN", "BELUM KAWIN", "CERAI HIDUP")))),
        ("Pekerjaan", str(chance.choice(WORK))),
        ("Kewarganegaraan", "WNI"),
        ("Berlaku Hingga", until),
    ]


def _photo(
    sheet: Sheet,
    chance: np.random.Generator,
    layout: Layout,
    typeface: Typeface,
    shift: np.ndarray,
    town: str,
    ink: Colour,
) -> None:
    left, top, width, height = layout.photo
    left, top = left + shift[0], top + shift[1]
    size = (max(8, round(width * sheet.scale)), max(8, round(height * sheet.scale)))
    sheet.paste(portrait(chance, size), left, top)
    middle, level = left + width / 2, layout.place + shift[1]
    size_of_type = layout.fields[2] * 0.85
    date = f"{chance.integers(1, 29):02}-{chance.integers(1, 13):02}-{chance.integers(2012, 2020)}"
    sheet.text(middle, level, town, typeface.value, size_of_type, ink, anchor="ma")
    sheet.text(middle, level + 2.3, date, typeface.value, size_of_type, ink, anchor="ma")
    _signature(sheet, chance, middle, level + 6.2)


def _signature(sheet: Sheet, chance: np.random.Generator, x: float, y: float) -> None:
    steps = np.linspace(0, 1, 24)
    wave = np.sin(steps * chance.uniform(9, 22) + chance.uniform(0, 6)) * chance.uniform(0.5, 1.6)
    across = x - 6 + 12 * steps + chance.normal(0, 0.25, 24)
    sheet.line(list(zip(across, y + wave, strict=True)), (20, 20, 28), 0.25)


def _specimen_mark(sheet: Sheet, chance: np.random.Generator, typeface: Typeface) -> None:
    """CONTOH (specimen) across the card, too faint to disturb the text."""
    size = sheet.picture.size
    mark = Sheet(46, 14, sheet.scale, (0, 0, 0))
    mark.text(23, 0, "CONTOH", typeface.heading, 11, (34, 34, 34), anchor="ma")
    turned = mark.picture.convert("L").rotate(
        float(chance.uniform(15, 30)), Image.Resampling.BILINEAR, expand=True
    )
    mask = Image.new("L", size, 0)
    mask.paste(turned, (round(size[0] * 0.2), round(size[1] * 0.3)))
    sheet.picture.paste((196, 60, 60), (0, 0), mask)
