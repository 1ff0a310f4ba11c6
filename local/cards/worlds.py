"""Worlds of photographs that share no typeface, layout, background or light.

What is trained on TRAINING is measured on UNSEEN, so that a checker that learnt the renderer is
found out. EVERYDAY is small and committed: samples and quick tests come from it.
"""

from dataclasses import dataclass

from local.cards.fonts import Typeface
from local.cards.ktp import Layout
from local.cards.light import Lighting


@dataclass(frozen=True)
class World:
    """The settings of the renderer that a set of photographs is made with.

    name         also names its folder of backgrounds
    typefaces    on cards
    print        on paper and things that lie around
    layouts      of the KTP
    lighting     falls, shadows and colours of the light
    focal        shortest and longest lens, in longer sides of the picture
    """

    name: str
    typefaces: tuple[Typeface, ...]
    print: str
    layouts: tuple[Layout, ...]
    lighting: Lighting
    focal: tuple[float, float]


PALE_BLUE = ((168, 208, 226), (186, 222, 232), (112, 168, 204))
CYAN = ((150, 206, 222), (196, 226, 222), (98, 162, 190))
SKY = ((176, 200, 232), (160, 214, 232), (130, 150, 206))
MILKY = ((198, 220, 230), (172, 206, 228), (120, 176, 196))
SEA = ((158, 198, 214), (188, 214, 236), (104, 150, 180))

ARIAL = "LiberationSans-Regular"
HELVETICA = "NimbusSans-Regular"

TRAINING = World(
    "training",
    (
        Typeface(ARIAL, ARIAL, ARIAL, "OCRB"),
        Typeface("LiberationSans-Bold", ARIAL, ARIAL, "OCRB"),
        Typeface("Roboto-Medium", "Roboto-Regular", "Roboto-Regular", "LiberationMono-Bold"),
        Typeface("DejaVuSans", "RobotoCondensed-Regular", "RobotoCondensed-Regular", "Roboto-Bold"),
        Typeface("LiberationSans-Bold", "DejaVuSans", "Roboto-Medium", "DejaVuSansMono-Bold"),
    ),
    ARIAL,
    (
        Layout(
            (1.7, 3.3), 3.1, (9.2, 3.4, 15.9), (3.4, 4.1), (14.7, 2.85, 2.35), (3.4, 21.8),
            (62.2, 14.2, 20.6, 26.6), 42.6, False, PALE_BLUE,
        ),
        Layout(
            (2.6, 3.5), 2.8, (10.4, 4.4, 18.6), (3.1, 3.7), (16.0, 2.75, 2.2), (4.4, 23.6),
            (61.0, 12.6, 19.8, 25.2), 40.2, True, CYAN,
        ),
        Layout(
            (2.0, 3.2), 3.0, (9.6, 3.0, 13.2), (3.3, 3.9), (15.2, 2.9, 2.4), (3.0, 22.6),
            (63.6, 15.6, 18.8, 25.6), 43.2, False, SKY,
        ),
    ),
    Lighting(("window", "lamp"), ("phone", "hand"), 0.10),
    (0.72, 1.2),
)  # fmt: skip

UNSEEN = World(
    "unseen",
    (
        Typeface(HELVETICA, HELVETICA, HELVETICA, "OCRA"),
        Typeface("NimbusSans-Bold", HELVETICA, HELVETICA, "OCRA"),
        Typeface("OpenSans-Semibold", "OpenSans-Regular", "OpenSans-Regular", "NimbusMonoPS-Bold"),
        Typeface("NimbusSansNarrow-Bold", "OpenSans-Regular", HELVETICA, "NimbusSans-Bold"),
    ),
    "OpenSans-Regular",
    (
        Layout(
            (2.2, 3.4), 2.9, (9.9, 3.9, 17.2), (3.5, 4.2), (15.4, 2.8, 2.3), (3.9, 23.0),
            (61.6, 13.6, 20.0, 26.0), 41.6, False, MILKY,
        ),
        Layout(
            (1.5, 3.1), 3.2, (8.8, 2.8, 14.6), (3.2, 3.8), (14.4, 2.95, 2.45), (2.8, 20.8),
            (63.0, 16.2, 19.4, 25.0), 43.4, True, SEA,
        ),
    ),
    Lighting(("two lamps", "corner"), ("head", "blind"), 0.12),
    (0.85, 1.5),
)  # fmt: skip

EVERYDAY = World(
    "everyday",
    (Typeface("OpenSans-Semibold", "OpenSans-Regular", "OpenSans-Regular", "OCRA"),),
    "OpenSans-Regular",
    (
        Layout(
            (2.0, 3.3), 3.0, (9.6, 3.6, 16.6), (3.3, 4.0), (15.2, 2.85, 2.3), (3.6, 22.4),
            (61.8, 14.4, 20.2, 26.2), 42.2, False, PALE_BLUE,
        ),
    ),
    Lighting(("window", "two lamps"), ("phone", "head"), 0.06),
    (0.8, 1.2),
)  # fmt: skip

WORLDS = {world.name: world for world in (TRAINING, UNSEEN, EVERYDAY)}
