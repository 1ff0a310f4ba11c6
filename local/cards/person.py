"""Invented people to print on cards."""

import datetime
import random
from dataclasses import dataclass
from typing import Literal

Sex = Literal["male", "female"]

GIVEN: dict[Sex, tuple[str, ...]] = {
    "male": ("BUDI", "AGUS", "DEWANTO", "RIZKY", "YOHANES", "MADE", "TEUKU", "SLAMET"),
    "female": ("SITI", "WAHYU", "RATNA", "PUTRI", "MARIA", "KADEK", "CUT", "ENDANG"),
}
FAMILY = ("CONTOHAN", "REKAAN", "UMPAMA", "MISALNYA", "TIRUAN", "ANDAIKAN", "SEMISAL", "PERMISALAN")
STREETS = ("JL. CONTOH", "JL. UMPAMA", "GG. REKAAN", "KP. MISAL", "DUSUN SEMISAL")
# First six digits of a NIK (province, regency, district) and the names that stand on the card.
PLACES = (
    ("320101", "JAWA BARAT", "KABUPATEN BOGOR", "BOGOR"),
    ("337401", "JAWA TENGAH", "KOTA SEMARANG", "SEMARANG"),
    ("357801", "JAWA TIMUR", "KOTA SURABAYA", "SURABAYA"),
    ("517101", "BALI", "KOTA DENPASAR", "DENPASAR"),
    ("127101", "SUMATERA UTARA", "KOTA MEDAN", "MEDAN"),
    ("737101", "SULAWESI SELATAN", "KOTA MAKASSAR", "MAKASSAR"),
)


@dataclass(frozen=True)
class Person:
    """What a card shows of its holder."""

    nik: str
    name: str
    birth_date: datetime.date
    sex: Sex
    address: str


def invented_person(seed: int) -> Person:
    """A person aged 18 to 64 in 2020 who does not exist; the same one for the same seed."""
    chance = random.Random(f"person {seed}")  # noqa: S311 - reproducible on purpose
    sex: Sex = chance.choice(("male", "female"))
    birth_date = datetime.date(1957, 1, 1) + datetime.timedelta(days=chance.randrange(16_000))
    # On a NIK the birth day of a woman is raised by 40.
    day = birth_date.day + (40 if sex == "female" else 0)
    region = chance.choice(PLACES)[0]
    serial = 9000 + chance.randrange(1000)
    return Person(
        nik=f"{region}{day:02}{birth_date:%m%y}{serial}",
        name=f"{chance.choice(GIVEN[sex])} {chance.choice(FAMILY)}",
        birth_date=birth_date,
        sex=sex,
        address=f"{chance.choice(STREETS)} NO. {chance.randrange(1, 200)}",
    )


def require_invented(nik: str) -> None:
    """Raise ValueError unless this is a NIK with a serial no office gives out (9xxx)."""
    if len(nik) != 16 or not (nik.isascii() and nik.isdigit()) or nik[12] != "9":
        raise ValueError("cards are drawn only for invented NIK: 16 digits, serial 9xxx")


def place_of(nik: str) -> tuple[str, str, str]:
    """Province, regency and town for a NIK; of the first place when its region is not listed."""
    for code, province, regency, town in PLACES:
        if nik.startswith(code):
            return province, regency, town
    return PLACES[0][1:]
