"""Cards that are no KTP, and paper forms: invented, a different set of designs for each world."""

from collections.abc import Callable

import numpy as np

from local.cards.camera import CARD_MM
from local.cards.fonts import Typeface
from local.cards.ground import guilloche
from local.cards.person import Person
from local.cards.portrait import portrait
from local.cards.sheet import Colour, Sheet, colour

CORNER_MM = 3.18
Design = Callable[[Person, np.random.Generator, Typeface, float], Sheet]


def _card(scale: float, ground: Colour) -> Sheet:
    return Sheet(*CARD_MM, scale, ground, CORNER_MM)


def _dark(chance: np.random.Generator) -> Colour:
    return colour(chance, 8, 110)


def _face(sheet: Sheet, chance: np.random.Generator, left: float, top: float, width: float) -> None:
    size = (max(8, round(width * sheet.scale)), max(8, round(width * 1.3 * sheet.scale)))
    sheet.paste(portrait(chance, size), left, top)


def _rows(
    sheet: Sheet, face: str, place: tuple[float, float], step: float, size: float, rows: list[str]
) -> None:
    for number, row in enumerate(rows):
        sheet.text(place[0], place[1] + number * step, row, face, size)


def _number(chance: np.random.Generator, count: int) -> str:
    """Digits that begin with 9."""
    return "9" + "".join(str(digit) for digit in chance.integers(0, 10, count - 1))


def _chip(sheet: Sheet, left: float, top: float) -> None:
    sheet.box(left, top, left + 11, top + 8.5, (212, 182, 104), (120, 100, 60), radius=1.6)
    for part in (3.0, 5.6):
        sheet.line([(left, top + part), (left + 11, top + part)], (130, 108, 66), 0.25)


def driving_licence(
    person: Person, chance: np.random.Generator, face: Typeface, scale: float
) -> Sheet:
    """Photo at the left, numbered rows, a broad heading."""
    sheet = _card(scale, (232, 226, 200))
    inks = np.array(((236, 224, 190), (214, 226, 204), (206, 186, 130)), np.float32)
    guilloche(sheet, chance, inks, 0.4)
    sheet.box(0, 0, CARD_MM[0], 10, _dark(chance))
    white = (246, 246, 246)
    sheet.text(42.8, 1.2, "SURAT IZIN MENGEMUDI", face.heading, 3.8, white, "ma")
    sheet.text(42.8, 5.6, "DRIVING LICENSE", face.heading, 3, white, "ma")
    _face(sheet, chance, 4, 14, 19)
    rows = [
        f"1. {person.name}",
        f"2. {person.birth_date:%d-%m-%Y}",
        "3. PRIA" if person.sex == "male" else "3. WANITA",
        f"4. {person.address}",
        "5. WIRASWASTA",
        f"6. {_number(chance, 12)}",
    ]
    _rows(sheet, face.value, (27, 14), 4.6, 3.1, rows)
    sheet.text(78, 12, str(chance.choice(("A", "C", "B1"))), face.heading, 9, (170, 30, 30), "ma")
    return sheet


def bank_card(person: Person, chance: np.random.Generator, face: Typeface, scale: float) -> Sheet:
    """A chip, a number in four groups, a name; one colour running into another."""
    sheet = _card(scale, (0, 0, 0))
    inks = chance.uniform(0, 200, (3, 3)).astype(np.float32)
    guilloche(sheet, chance, inks, chance.uniform(0, 0.3))
    pale = (240, 240, 236)
    sheet.text(5, 4, str(chance.choice(("BANK REKAAN", "BANK MISAL"))), face.heading, 5, pale)
    _chip(sheet, 8, 17)
    digits = _number(chance, 16)
    groups = "  ".join(digits[part : part + 4] for part in range(0, 16, 4))
    sheet.text(8, 29, groups, face.digits, 5.2, pale)
    sheet.text(8, 38, f"{chance.integers(1, 13):02}/{chance.integers(24, 31)}", face.value, 3, pale)
    sheet.text(8, 44, person.name, face.value, 3.8, pale)
    sheet.disc(70, 44, 5.5, colour(chance))
    sheet.disc(76, 44, 5.5, colour(chance))
    return sheet


def student_card(
    person: Person, chance: np.random.Generator, face: Typeface, scale: float
) -> Sheet:
    """A coloured band on top, a crest, photo at the left or the right."""
    sheet = _card(scale, (248, 248, 244))
    band = colour(chance, 10, 190)
    sheet.box(0, 0, CARD_MM[0], 13, band)
    sheet.disc(9, 6.5, 5, (244, 214, 90))
    sheet.text(17, 1.6, "UNIVERSITAS CONTOH", face.heading, 4.4, (250, 250, 250))
    sheet.text(17, 7.2, "KARTU TANDA MAHASISWA", face.heading, 3.2, (250, 250, 250))
    right = chance.random() < 0.5
    _face(sheet, chance, 61 if right else 5, 18, 19)
    rows = [person.name, f"NIM {_number(chance, 10)}", "Fakultas Ilmu Rekaan", person.address]
    _rows(sheet, face.value, (6 if right else 28, 20), 6, 3.5, rows)
    sheet.box(0, 50, CARD_MM[0], CARD_MM[1], band)
    return sheet


def business_card(
    person: Person, chance: np.random.Generator, face: Typeface, scale: float
) -> Sheet:
    """White or coloured, few lines, a mark."""
    ground = (250, 250, 250) if chance.random() < 0.6 else colour(chance, 160, 250)
    sheet = Sheet(*CARD_MM, scale, ground, 0)
    ink = _dark(chance)
    sheet.box(6, 8, 18, 20, ink, radius=float(chance.uniform(0, 6)))
    sheet.text(24, 9, "TOKO UMPAMA", face.heading, 5.4, ink)
    sheet.text(24, 16, "alat tulis dan buku", face.value, 3.2, ink)
    sheet.line([(6, 26), (80, 26)], ink, 0.4)
    rows = [person.name.title(), "Telp. 0800-9000-9000", "toko@umpama.example", person.address]
    _rows(sheet, face.value, (6, 30), 5.2, 3.4, rows)
    return sheet


def member_card(person: Person, chance: np.random.Generator, face: Typeface, scale: float) -> Sheet:
    """A shop's card: big letters, a barcode."""
    sheet = _card(scale, colour(chance, 30, 220))
    sheet.text(42.8, 6, "MEMBER", face.heading, 11, (252, 252, 252), "ma")
    sheet.text(42.8, 20, "Swalayan Semisal", face.value, 5, (252, 252, 252), "ma")
    _barcode(sheet, chance, 12, 30, 61, 13)
    sheet.text(42.8, 45, _number(chance, 13), face.digits, 4, (252, 252, 252), "ma")
    return sheet


def tax_card(person: Person, chance: np.random.Generator, face: Typeface, scale: float) -> Sheet:
    """Yellow over blue, a dotted number, no photo."""
    sheet = _card(scale, (238, 214, 110))
    inks = np.array(((244, 220, 120), (196, 208, 220), (150, 160, 200)), np.float32)
    guilloche(sheet, chance, inks, 0.3)
    sheet.text(42.8, 3, "KEMENTERIAN CONTOH", face.heading, 3.6, anchor="ma")
    sheet.text(42.8, 8, "DIREKTORAT JENDERAL REKAAN", face.heading, 3.4, anchor="ma")
    digits = _number(chance, 15)
    dotted = f"{digits[:2]}.{digits[2:5]}.{digits[5:8]}.{digits[8]}-{digits[9:12]}.{digits[12:]}"
    sheet.text(6, 18, f"NPWP {dotted}", face.digits, 3.5)
    rows = [
        person.name,
        f"NIK : {person.nik}",
        person.address,
        "KOTA CONTOH",
        "TERDAFTAR 09-09-2019",
    ]
    _rows(sheet, face.value, (6, 26), 4.8, 3.2, rows)
    return sheet


def health_card(person: Person, chance: np.random.Generator, face: Typeface, scale: float) -> Sheet:
    """White with green, a number, rows, no photo; it bears a NIK too."""
    sheet = _card(scale, (250, 252, 250))
    sheet.box(0, 0, CARD_MM[0], 12, (30, 140, 80))
    sheet.text(5, 2, "KARTU SEHAT REKAAN", face.heading, 5.4, (252, 252, 252))
    sheet.disc(78, 6, 4, (244, 252, 244))
    rows = [
        f"Nomor Kartu : {_number(chance, 13)}",
        f"Nama : {person.name}",
        f"Tanggal Lahir : {person.birth_date:%d-%m-%Y}",
        f"NIK : {person.nik}",
        f"Alamat : {person.address}",
        "Faskes Tingkat I : PUSKESMAS UMPAMA",
    ]
    _rows(sheet, face.value, (5, 16), 5.6, 3.2, rows)
    sheet.box(0, 51, CARD_MM[0], CARD_MM[1], (30, 140, 80))
    return sheet


def badge(person: Person, chance: np.random.Generator, face: Typeface, scale: float) -> Sheet:
    """An employee's badge: a stripe down one side, a large photo."""
    sheet = _card(scale, (244, 244, 248))
    stripe = colour(chance, 10, 200)
    sheet.box(0, 0, 26, CARD_MM[1], stripe)
    _face(sheet, chance, 3, 10, 20)
    sheet.text(31, 6, "PT ANDAIKAN JAYA", face.heading, 4.8, stripe)
    rows = [person.name, "BAGIAN GUDANG", f"ID {_number(chance, 6)}", "KARTU PEGAWAI"]
    _rows(sheet, face.value, (31, 18), 7, 3.8, rows)
    return sheet


def library_card(
    person: Person, chance: np.random.Generator, face: Typeface, scale: float
) -> Sheet:
    """Pale, a heading in a frame, a barcode at the bottom, photo at the right."""
    sheet = _card(scale, colour(chance, 196, 245))
    sheet.box(2, 2, CARD_MM[0] - 2, CARD_MM[1] - 2, None, _dark(chance), radius=2, line=0.6)
    sheet.text(42.8, 4, "PERPUSTAKAAN KOTA MISAL", face.heading, 4, anchor="ma")
    sheet.text(42.8, 9.5, "KARTU ANGGOTA", face.heading, 3.4, anchor="ma")
    _face(sheet, chance, 64, 15, 15)
    rows = [f"No. {_number(chance, 8)}", person.name, person.address, "Berlaku s.d. 2027"]
    _rows(sheet, face.value, (6, 17), 5, 3.3, rows)
    _barcode(sheet, chance, 8, 40, 50, 9)
    return sheet


def transit_card(
    person: Person, chance: np.random.Generator, face: Typeface, scale: float
) -> Sheet:
    """Bold waves of colour, a name of the fare card, a number below."""
    sheet = _card(scale, (0, 0, 0))
    inks = chance.uniform(40, 250, (3, 3)).astype(np.float32)
    guilloche(sheet, chance, inks, 0.9)
    sheet.text(
        6, 6, str(chance.choice(("e-Misal", "KARTU JALAN"))), face.heading, 9, (252, 252, 252)
    )
    sheet.text(6, 42, " ".join(_number(chance, 12)), face.digits, 3.6, (250, 250, 250))
    return sheet


def _barcode(
    sheet: Sheet, chance: np.random.Generator, left: float, top: float, width: float, height: float
) -> None:
    sheet.box(left - 2, top - 1, left + width + 2, top + height + 1, (252, 252, 252))
    x = left
    while x < left + width - 1:
        bar = float(chance.choice((0.3, 0.6, 0.9)))
        sheet.box(x, top, x + bar, top + height, (12, 12, 14))
        x += bar + float(chance.choice((0.35, 0.7, 1.0)))


DESIGNS: dict[str, tuple[Design, ...]] = {
    "training": (driving_licence, bank_card, student_card, business_card, member_card),
    "unseen": (tax_card, health_card, badge, library_card, transit_card),
    "everyday": (library_card, badge, transit_card),
}


def form(person: Person, chance: np.random.Generator, face: Typeface, scale: float) -> Sheet:
    """A filled-in paper form (A5), which is no card."""
    sheet = Sheet(210, 148, scale, (250, 250, 246))
    sheet.text(105, 10, "FORMULIR PENDAFTARAN", face.heading, 9, anchor="ma")
    for row, label in enumerate(
        ("Nama", "Alamat", "Telepon", "Pekerjaan", "Tanggal", "Tanda tangan")
    ):
        y = 32 + 18 * row
        sheet.text(14, y, label, face.value, 6)
        sheet.box(62, y - 3, 196, y + 9, None, (90, 90, 96), line=0.5)
        filled = (person.name, person.address, "0800 9000 9000", "WIRASWASTA", "9-9-2020", "")[row]
        sheet.text(66, y - 1, filled, face.value, 6, (30, 50, 140))
    return sheet
