"""Where the upper lines of a card stand, and each of them cut out level.

The card's corners are known to a few hundredths of its width, so a line may stand a line higher or
lower than on a perfect card, and lean. Lines are found by their ink: darker than what is around.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from functions.upload.photo.card import CARD_SIZE
from functions.upload.photo.reading_text import STRIP_HEIGHT

# All in pixels of a card of CARD_SIZE, ten a millimetre.
WIDTH, HEIGHT = CARD_SIZE
SCALE = 2  # ink is looked at in half size
BOTTOM = 300  # below it only fields
# Between the left border and the portrait.
TEXT_LEFT, TEXT_RIGHT = 20, 590
SURROUNDINGS = 24
LEANS = np.arange(-0.075, 0.0751, 0.0125)
BLOCK = 10  # columns that are moved together when a lean is tried
LOWEST_LINE, HIGHEST_LINE = 8, 64
# Columns in half size: a letter, what a frame's edge may reach into the card, a wide space.
GAP, BORDER, WORDS_APART = 7, 8, 24


@dataclass(frozen=True)
class TextLine:
    """One line of print: y of its upper and lower end where x is 0, pixels down a pixel right
    (lean), and its ink, the sum of darkness over the part left of the portrait."""

    top: float
    bottom: float
    lean: float
    ink: float

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


def ink_of(flat: Image.Image) -> np.ndarray:
    """How much darker than its surroundings each pixel of the upper part is, 0 to 1, half size.

    The brightest channel is taken: the print is black in all three, while the blue of the ground,
    its pattern and red stamps are bright in one.
    """
    upper = flat.resize(
        (WIDTH // SCALE, BOTTOM // SCALE),
        Image.Resampling.BOX,
        (0, 0, flat.width, flat.height * BOTTOM / HEIGHT),
    )
    red, green, blue = upper.split()
    brightest = np.maximum(np.maximum(np.asarray(red), np.asarray(green)), np.asarray(blue))
    around = Image.fromarray(brightest).filter(ImageFilter.BoxBlur(SURROUNDINGS / SCALE))
    ground = np.maximum(np.asarray(around, np.float32), 24.0)
    return np.clip(1.0 - brightest / ground, 0.0, 0.5)


def text_lines(ink: np.ndarray) -> list[TextLine]:
    """The lines of print between left border and portrait, from top to bottom."""
    blocks, middles = _in_blocks(ink)
    profiles = [_profile(blocks, middles, lean) for lean in LEANS]
    best = int(np.argmax([float(np.square(profile).sum()) for profile in profiles]))
    lean, profile = float(LEANS[best]), profiles[best]
    ground = np.percentile(profile, 20)
    threshold = ground + 0.28 * (np.percentile(profile, 95) - ground)
    inside = np.concatenate(([False], profile > threshold, [False]))
    edges = np.flatnonzero(inside[1:] != inside[:-1]).reshape(-1, 2)
    lines = []
    for start, end in edges:
        line = TextLine(
            float(start * SCALE), float(end * SCALE), lean, float(profile[start:end].sum())
        )
        if LOWEST_LINE <= line.height <= HIGHEST_LINE:
            lines.append(line)
    return lines


def _in_blocks(ink: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ink averaged over BLOCK columns, shape (rows, blocks), and the x of each block's middle."""
    left, right = TEXT_LEFT // SCALE, TEXT_RIGHT // SCALE
    count = (right - left) // BLOCK
    blocks = ink[:, left : left + count * BLOCK].reshape(len(ink), count, BLOCK).mean(axis=2)
    return blocks, left + (np.arange(count) + 0.5) * BLOCK


def _profile(blocks: np.ndarray, middles: np.ndarray, lean: float) -> np.ndarray:
    """Mean ink of each row when lines lean so; a row is named by its y where x is 0."""
    shift = np.rint(middles * lean).astype(int)
    rows = np.arange(len(blocks))[:, None] + shift[None, :]
    within = (rows >= 0) & (rows < len(blocks))
    moved = blocks[rows.clip(0, len(blocks) - 1), np.arange(len(shift))[None, :]]
    return np.where(within, moved, 0.0).mean(axis=1)


def levelled(line: TextLine, ink: np.ndarray) -> TextLine:
    """The same line with a lean of its own: perspective turns each line a little differently."""
    blocks, middles = _in_blocks(ink)
    best = (0.0, line)
    margin = 6 // SCALE
    for lean in line.lean + np.arange(-0.015, 0.0151, 0.005):
        # Turned about the middle of the text, so that the line stays where it is.
        moved = line.top + (line.lean - lean) * (TEXT_LEFT + TEXT_RIGHT) / 2
        start = round(moved / SCALE) - margin
        end = start + round(line.height / SCALE) + 2 * margin
        part = _profile(blocks, middles, float(lean))[max(0, start) : max(0, end)]
        energy = float(np.square(part).sum())
        if energy > best[0]:
            best = (energy, TextLine(moved, moved + line.height, float(lean), line.ink))
    return best[1]


def extent(ink: np.ndarray, line: TextLine) -> tuple[float, float]:
    """x where the ink of a line begins and ends, over the whole width of the card."""
    columns = np.arange(ink.shape[1])
    rows = np.arange(line.top / SCALE, line.bottom / SCALE)[:, None]
    rows = np.rint(rows + line.lean * columns[None, :]).astype(int).clip(0, len(ink) - 1)
    dark = ink[rows, columns[None, :]].mean(axis=0)
    smooth = np.convolve(dark, np.ones(GAP) / GAP, "same")
    inked = np.flatnonzero(smooth > 0.3 * np.percentile(smooth, 95))
    inked = inked[(inked > BORDER) & (inked < len(columns) - BORDER)]
    if len(inked) == 0:
        return 0.0, float(WIDTH)
    start, end = _middle_run(inked)
    return max(0.0, (start - GAP) * SCALE), min(float(WIDTH), (end + GAP) * SCALE)


def _middle_run(inked: np.ndarray) -> tuple[int, int]:
    """First and last of the inked columns that belong to the longest stretch of words."""
    breaks = np.flatnonzero(np.diff(inked) > WORDS_APART)
    starts, ends = np.r_[inked[0], inked[breaks + 1]], np.r_[inked[breaks], inked[-1]]
    longest = int(np.argmax(ends - starts))
    return int(starts[longest]), int(ends[longest])


def strip(
    flat: Image.Image, line: TextLine, left: float, right: float, width: int, fill: float
) -> np.ndarray:
    """The line between two x of the card, levelled: uint8 RGB (48, width, 3).

    fill is the share of the strip's height that the line takes.
    """
    factor = flat.width / WIDTH
    height = line.height / fill
    top = line.middle - height / 2
    across = (right - left) / width * factor
    down = height / STRIP_HEIGHT * factor
    # Pillow asks for the place in the card of each pixel of the strip.
    coefficients = (
        across,
        0.0,
        left * factor,
        across * line.lean,
        down,
        (top + line.lean * left) * factor,
    )
    cut = flat.transform(
        (width, STRIP_HEIGHT), Image.Transform.AFFINE, coefficients, Image.Resampling.BICUBIC
    )
    return np.asarray(cut)
