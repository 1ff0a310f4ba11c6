"""The files that the local page offers for trying uploads: some good, each bad in one way."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from local.cards.person import invented_person
from local.cards.render import Variation, blank_in_the_dark, photo_of, render_selfie

SEED = 11
# Scenes that show well what they are samples of; another seed is another table and light.
SCENES = {"good": 22, "cropped": 13, "glare": 13, "obstructed": 13, "screen": 13, "grey": 14}


@dataclass(frozen=True)
class Sample:
    """A file to download and upload again; `make()` gives its bytes, the same each time.

    file_name    as offered, which need not be true to the contents
    kind         which of the two uploads it is for
    indonesian   what it is and what should happen, for the local page
    english      likewise
    make         draws it (about a second)
    """

    file_name: str
    kind: Literal["ktp", "selfie"]
    indonesian: str
    english: str
    make: Callable[[], bytes]


def _card(variation: Variation = "good") -> bytes:
    return photo_of(invented_person(SEED), SCENES.get(variation, SEED), variation)


def _someone_elses() -> bytes:
    return photo_of(invented_person(SEED + 1), SCENES["good"])


def _too_large() -> bytes:
    """A good photo followed by zeros, which every viewer ignores."""
    return _card().ljust(3_000_000, b"\0")


def _cut_short() -> bytes:
    photo = _card()
    return photo[: len(photo) * 2 // 3]


def _pdf() -> bytes:
    return b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def _text() -> bytes:
    return b"Ini bukan foto.\n"


SAMPLES: tuple[Sample, ...] = (
    Sample("ktp-baik.jpg", "ktp", "KTP yang baik: diterima", "A good card: accepted", _card),
    Sample(
        "ktp-gelap.jpg",
        "ktp",
        "KTP terlalu gelap: ditolak",
        "A card in the dark: refused",
        partial(_card, "dark"),
    ),
    Sample(
        "ktp-buram.jpg",
        "ktp",
        "KTP buram: ditolak",
        "A card out of focus: refused",
        partial(_card, "blurred"),
    ),
    Sample(
        "ktp-keluar-bingkai.jpg",
        "ktp",
        "Sebagian KTP di luar bingkai: ditolak",
        "Part of the card outside the frame: refused",
        partial(_card, "cropped"),
    ),
    Sample(
        "ktp-silau.jpg",
        "ktp",
        "Pantulan cahaya menutupi tulisan: ditolak",
        "Glare over the text: refused",
        partial(_card, "glare"),
    ),
    Sample(
        "ktp-tertutup.jpg",
        "ktp",
        "Tulisan KTP tertutup: ditolak",
        "Something over the text: refused",
        partial(_card, "obstructed"),
    ),
    Sample(
        "kartu-lain.jpg",
        "ktp",
        "Kartu lain, bukan KTP: ditolak",
        "Another card, not a KTP: refused",
        partial(_card, "not_ktp"),
    ),
    Sample(
        "ktp-orang-lain.jpg",
        "ktp",
        "KTP orang lain, NIK tidak cocok: ditolak",
        "The card of someone else, another NIK: refused",
        _someone_elses,
    ),
    Sample(
        "ktp-di-layar.jpg",
        "ktp",
        "KTP di layar: diterima, dicatat untuk diperiksa",
        "A card on a screen: accepted, noted for review",
        partial(_card, "screen"),
    ),
    Sample(
        "ktp-fotokopi.jpg",
        "ktp",
        "Fotokopi KTP: ditolak",
        "A black-and-white copy: refused",
        partial(_card, "grey"),
    ),
    Sample(
        "ktp-kecil.jpg",
        "ktp",
        "Gambar KTP terlalu kecil: ditolak",
        "Too few pixels: refused",
        partial(_card, "tiny"),
    ),
    Sample(
        "kosong.jpg",
        "ktp",
        "Tembok kosong, bukan KTP: ditolak",
        "A blank wall, no card: refused",
        partial(_card, "blank"),
    ),
    Sample(
        "hitam.jpg",
        "ktp",
        "Lensa tertutup: ditolak",
        "A hand over the lens: refused",
        partial(blank_in_the_dark, SEED),
    ),
    Sample(
        "ktp-3-mb.jpg",
        "ktp",
        "File 3 MB: terlalu besar, ditolak",
        "A file of 3 MB: too large, refused",
        _too_large,
    ),
    Sample(
        "ktp-pdf.jpg",
        "ktp",
        "PDF yang diberi nama .jpg: ditolak",
        "A PDF renamed to .jpg: refused",
        _pdf,
    ),
    Sample("catatan.txt", "ktp", "File teks: ditolak", "A text file: refused", _text),
    Sample(
        "ktp-terpotong.jpg",
        "ktp",
        "File rusak, unggahan terputus: ditolak",
        "A file cut short on the way: refused",
        _cut_short,
    ),
    Sample(
        "selfie-baik.jpg",
        "selfie",
        "Selfie dengan KTP: diterima",
        "A selfie with the card: accepted",
        partial(render_selfie, SEED, "good", invented_person(SEED)),
    ),
    Sample(
        "selfie-gelap.jpg",
        "selfie",
        "Selfie terlalu gelap: ditolak",
        "A selfie in the dark: refused",
        partial(render_selfie, SEED, "dark"),
    ),
)
