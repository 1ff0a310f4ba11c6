"""Things that lie around a card: most of them rectangular, because those look like cards."""

from collections.abc import Callable

import numpy as np
from PIL import Image

from local.cards.camera import View, lay, rectangle
from local.cards.sheet import Sheet, colour

WORDS = (
    *("laporan", "harga", "pasar", "kopi", "rumah", "jalan", "surat", "nomor", "tanggal", "jumlah"),
    *("catatan", "toko", "meja", "buku", "pelatihan", "kerja", "daftar", "alamat", "telepon"),
    *("siang", "malam", "hujan", "kota", "desa", "pulau", "kapal", "ikan", "beras"),
)


def _lines(sheet: Sheet, chance: np.random.Generator, face: str, size: float) -> None:
    """Cover the sheet with lines of words."""
    ink = colour(chance, 10, 90)
    level, margin = size * 2, sheet.width * 0.08
    while level < sheet.height - size:
        if chance.random() < 0.9:
            count = max(1, int(sheet.width / size / 3.6 * chance.uniform(0.3, 1)))
            words = " ".join(str(word) for word in chance.choice(WORDS, count))
            sheet.text(margin, level, words[: int(sheet.width * 1.6 / size)], face, size, ink)
        level += size * 1.45


def paper(chance: np.random.Generator, face: str, scale: float) -> Sheet:
    """A sheet of A4 to A6 with lines of text."""
    width = chance.uniform(100, 210)
    sheet = Sheet(width, width * chance.choice((1.41, 0.71)), scale, colour(chance, 205, 255))
    if chance.random() < 0.85:
        _lines(sheet, chance, face, chance.uniform(3, 7))
    return sheet


def book(chance: np.random.Generator, face: str, scale: float) -> Sheet:
    """A book, notebook or envelope: one colour, a title, perhaps a band."""
    width = chance.uniform(60, 200)
    sheet = Sheet(width, width * chance.uniform(0.55, 1.5), scale, colour(chance), 2)
    if chance.random() < 0.6:
        top = sheet.height * chance.uniform(0, 0.8)
        sheet.box(0, top, sheet.width, top + sheet.height * 0.15, colour(chance))
    title = " ".join(str(word) for word in chance.choice(WORDS, 2)).upper()
    size = sheet.width * chance.uniform(0.06, 0.12)
    sheet.text(sheet.width / 2, sheet.height * 0.3, title, face, size, colour(chance), anchor="ma")
    return sheet


def phone(chance: np.random.Generator, face: str, scale: float) -> Sheet:
    """A phone lying on its back, its screen on or off."""
    sheet = Sheet(72, 150, scale, colour(chance, 8, 60), 9)
    screen = colour(chance, 5, 30) if chance.random() < 0.5 else colour(chance, 120, 255)
    sheet.box(3, 5, 69, 145, screen, radius=6)
    if sum(screen) > 350:
        for row in range(6):
            sheet.box(8, 20 + 20 * row, 64, 34 + 20 * row, colour(chance, 150, 255), radius=2)
    return sheet


def keyboard(chance: np.random.Generator, face: str, scale: float) -> Sheet:
    """Rows of keys."""
    dark = chance.random() < 0.7
    body, keys = ((26, 26, 30), (48, 48, 54)) if dark else ((206, 206, 210), (240, 240, 242))
    sheet = Sheet(285, 108, scale, body, 3)
    ink = (225, 225, 228) if dark else (60, 60, 66)
    for row in range(5):
        for column in range(14):
            x, y = 6 + 19.5 * column + 4 * (row % 2), 6 + 20 * row
            sheet.box(x, y, x + 17, y + 17.5, keys, radius=2)
            sheet.text(x + 3, y + 2, chr(65 + (row * 14 + column) % 26), face, 6, ink)
    return sheet


def pen(chance: np.random.Generator, face: str, scale: float) -> Sheet:
    """A pen or pencil."""
    sheet = Sheet(140, 9, scale, colour(chance), 4)
    sheet.box(0, 2, 140, 4, colour(chance, 150, 255))
    sheet.box(118, 0, 140, 9, colour(chance), radius=4)
    return sheet


def coin(chance: np.random.Generator, face: str, scale: float) -> Sheet:
    """A coin with a number."""
    size = chance.uniform(22, 30)
    metal = (190, 188, 180) if chance.random() < 0.5 else (196, 164, 92)
    sheet = Sheet(size, size, scale, metal, size / 2)
    sheet.disc(size / 2, size / 2, size * 0.42, tuple(int(v * 0.88) for v in metal))  # type: ignore[arg-type]
    sheet.text(size / 2, size * 0.3, "500", face, size * 0.36, (90, 86, 80), anchor="ma")
    return sheet


def tile(chance: np.random.Generator, face: str, scale: float) -> Sheet:
    """A plain rectangle of the shape of a card or nearly so: a mat, a tile, a packet."""
    width = chance.uniform(60, 150)
    sheet = Sheet(width, width / chance.uniform(1.3, 1.8), scale, colour(chance), 3)
    inner = colour(chance)
    if chance.random() < 0.7:
        edge = width * 0.06
        sheet.box(edge, edge, sheet.width - edge, sheet.height - edge, inner, radius=2)
    return sheet


THINGS: tuple[tuple[Callable[[np.random.Generator, str, float], Sheet], float], ...] = (
    (paper, 0.26),
    (book, 0.24),
    (tile, 0.18),
    (phone, 0.1),
    (pen, 0.08),
    (keyboard, 0.07),
    (coin, 0.07),
)


def strew(
    scene: Image.Image, chance: np.random.Generator, view: View, face: str, count: int
) -> None:
    """Lay so many things on the table, some of them partly under where the card will lie."""
    per_mm = view.pixels_per_mm()
    chances = [share for _, share in THINGS]
    for _ in range(count):
        thing = THINGS[chance.choice(len(THINGS), p=chances)][0]
        sheet = thing(chance, face, float(np.clip(per_mm * 1.1, 0.5, 8)))
        angle, away = chance.uniform(0, 2 * np.pi), chance.uniform(20, 150)
        place = (away * np.cos(angle), away * np.sin(angle))
        turn = chance.normal(0, 8) + chance.choice((0, 90, 180, 270, chance.uniform(0, 360)))
        flat = rectangle(*place, sheet.width, sheet.height, float(turn))
        if view.before(flat):
            lay(scene, sheet.cut_out(), view.seen(flat), shadow=chance.uniform(0, 0.6))


def cable(scene: Image.Image, chance: np.random.Generator, view: View) -> None:
    """A cable winding over the table."""
    from PIL import ImageDraw

    steps = np.linspace(-1, 1, 40)
    path = np.column_stack(
        [steps * 200, 70 * np.sin(steps * chance.uniform(1, 4) + chance.uniform(0, 6))]
    )
    path = path + chance.uniform(-70, 70, 2)
    turn = np.deg2rad(chance.uniform(0, 180))
    path = path @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    points = [(float(x), float(y)) for x, y in view.seen(path)]
    width = max(1, round(view.pixels_per_mm() * chance.uniform(2.5, 4.5)))
    ImageDraw.Draw(scene).line(points, colour(chance, 10, 235), width, "curve")
