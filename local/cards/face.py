"""The front of a card, flat and evenly lit: layout of a KTP, contents invented."""

import math
import random

from PIL import Image, ImageDraw, ImageFont

from local.cards.person import Person, place_of, require_invented

# ID-1, 85.6 x 54 mm, at 300 dots an inch.
WIDTH, HEIGHT = 1012, 638
INK = (28, 30, 40)
RELIGIONS = ("ISLAM", "KRISTEN", "KATOLIK", "HINDU", "BUDDHA", "KHONGHUCU")
WORK = ("KARYAWAN SWASTA", "WIRASWASTA", "BELUM/TIDAK BEKERJA", "PETANI/PEKEBUN", "BURUH")


def draw_card(person: Person, seed: int) -> Image.Image:
    """RGBA picture of the card, WIDTH x HEIGHT, with rounded transparent corners."""
    require_invented(person.nik)
    chance = random.Random(f"card {seed}")  # noqa: S311 - reproducible on purpose
    card = _background(chance)
    draw = ImageDraw.Draw(card)
    province, regency, town = place_of(person.nik)
    _centred(draw, 20, f"PROVINSI {province}", 34)
    _centred(draw, 58, regency, 34)
    draw.text((40, 112), "NIK", INK, _font(38))
    draw.text((190, 106), f": {person.nik}", INK, _font(46), stroke_width=1, stroke_fill=INK)
    for row, (label, value) in enumerate(_fields(person, town, chance)):
        top = 172 + 33 * row
        draw.text((40, top), label, INK, _font(25))
        draw.text((262, top), f": {value}", INK, _font(25))
    _portrait(draw, chance)
    _centred(draw, 508, town, 22, middle=860)
    _centred(draw, 536, "17-08-2012", 22, middle=860)
    return _rounded(_with_specimen_mark(card))


def _fields(person: Person, town: str, chance: random.Random) -> list[tuple[str, str]]:
    sex = "LAKI-LAKI" if person.sex == "male" else "PEREMPUAN"
    blood = chance.choice(("A", "B", "AB", "O", "-"))
    return [
        ("Nama", person.name),
        ("Tempat/Tgl Lahir", f"{town}, {person.birth_date:%d-%m-%Y}"),
        ("Jenis Kelamin", f"{sex}    Gol. Darah : {blood}"),
        ("Alamat", person.address),
        ("   RT/RW", f"{chance.randrange(1, 20):03}/{chance.randrange(1, 12):03}"),
        ("   Kel/Desa", "CONTOH JAYA"),
        ("   Kecamatan", "UMPAMA"),
        ("Agama", chance.choice(RELIGIONS)),
        ("Status Perkawinan", chance.choice(("KAWIN", "BELUM KAWIN"))),
        ("Pekerjaan", chance.choice(WORK)),
        ("Kewarganegaraan", "WNI"),
        ("Berlaku Hingga", "SEUMUR HIDUP"),
    ]


def _background(chance: random.Random) -> Image.Image:
    """Pale blue with guilloche: families of fine sine curves in blue, violet and yellow."""
    tint = chance.randrange(-12, 13)
    card = Image.new("RGB", (WIDTH, HEIGHT), (166 + tint, 208 + tint, 230 + tint))
    draw = ImageDraw.Draw(card)
    for colour in ((128, 182, 216), (176, 170, 214), (206, 216, 176)):
        phase, waves = chance.uniform(0, 6), chance.uniform(1.5, 4.5)
        for line in range(-60, HEIGHT + 60, 14):
            points = [
                (x, line + 40 * math.sin(phase + waves * x / 160 + line / 90))
                for x in range(0, WIDTH + 12, 12)
            ]
            draw.line(points, colour, 1)
    return card


def _portrait(draw: ImageDraw.ImageDraw, chance: random.Random) -> None:
    """A neutral silhouette where the photograph would be; red or blue behind it."""
    left, top, right, bottom = 730, 176, 982, 496
    draw.rectangle((left, top, right, bottom), chance.choice(((176, 52, 48), (52, 92, 170))))
    grey = (186, 186, 190)
    draw.ellipse((left + 76, top + 50, right - 76, top + 178), grey)
    draw.pieslice((left + 26, top + 190, right - 26, bottom + 130), 180, 360, grey)


def _with_specimen_mark(card: Image.Image) -> Image.Image:
    mark = Image.new("RGBA", (560, 130), (255, 255, 255, 0))
    ImageDraw.Draw(mark).text((10, 5), "CONTOH", (200, 40, 40, 60), _font(120))
    turned = mark.rotate(24, Image.Resampling.BICUBIC, expand=True)
    card.paste(turned, (200, 230), turned)
    return card


def _rounded(card: Image.Image) -> Image.Image:
    mask = Image.new("L", card.size, 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, WIDTH - 1, HEIGHT - 1), 36, 255)
    card.putalpha(mask)
    return card


def _centred(
    draw: ImageDraw.ImageDraw, top: int, text: str, size: int, middle: int = WIDTH // 2
) -> None:
    draw.text((middle, top), text, INK, _font(size), anchor="ma")


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
