"""Every number a photo is judged by, in one table.

Luma, detail and steps are in grey levels (0-255). "Frame" means the whole upright picture.
"""

from dataclasses import dataclass

from functions.programme import photos


@dataclass(frozen=True)
class Limits:
    """What a photo may be, and what checking it may cost."""

    # The programme's published rule, which the presigned POST enforces too.
    max_bytes: int = photos.MAX_BYTES
    # The largest common phone sensors give 12 to 16 million after binning; checked in the header.
    max_pixels: int = 25_000_000

    # A card this wide in pixels of the original has 5.6 of them to the millimetre: digits 14 high.
    min_card_width: int = 480
    # A card narrower than this in the reduced picture is taken from the file at full scale.
    close_up_width: float = 640.0
    # A frame that cannot hold an ID-1 card (85.6 x 54 mm) of that width is too small whatever it
    # shows.
    min_ktp_sides: tuple[int, int] = (480, 303)
    # A face and a card side by side need more: the short side of the oldest front cameras (VGA).
    min_selfie_sides: tuple[int, int] = (640, 480)
    # A face, from chin to brow, in pixels of the original.
    min_face_height: int = 80

    # Dark: half of the card under the first number and nothing but specks over the second. The
    # second keeps a selfie before a black wall.
    dark_median_luma: float = 50.0
    dark_bright_luma: float = 110.0
    bright_percentile: float = 95.0
    # Without anything like a card in it, a frame is too dark only when hardly a pixel is over this.
    black_bright_luma: float = 60.0

    # How surely the finder sees something like a card where it cannot tell the corners.
    card_present: float = 0.9

    # Blank: at 256 pixels, hardly a pixel differs from its surroundings. Even lighting, vignetting
    # and sensor noise stay under it.
    blank_detail: float = 14.0
    detail_percentile: float = 99.5

    # Print whose edges are flatter than this is blurred (`flat.steepness`).
    min_steepness: float = 0.058
    # The card of a selfie need not be legible, but not a smear either.
    min_selfie_steepness: float = 0.045
    # Without a card: in no part of the frame do edges lose much by blurring once more.
    blurred_sharpness: float = 1.75
    sharpness_percentile: float = 99.0
    sharpness_min_step: float = 12.0

    # Glare: cells of 2 mm in which most pixels are nearly white in every channel, so many in one
    # piece, and within it hardly a pixel of print, under that luma.
    glare_level: int = 242
    glare_cell_part: float = 0.5
    max_glare_cells: int = 12
    glare_ink_luma: int = 180
    max_glare_ink: float = 0.005

    # Obstructed: cells whose colour is not that of the card's ground (natural logarithms of the
    # ratio between channels, and of the light), so many in one piece.
    foreign_chroma: float = 0.25
    foreign_darkness: float = 1.0
    max_foreign_cells: int = 10

    # Grey copy: after white balance not even the most colourful twentieth of the card has colour.
    grey_chroma: float = 0.15
    chroma_percentile: float = 95.0

    # Advice alone: a wave of colour (a screen) or fine dots (a colour copy) all over the card, and
    # how far it stands out of what else is as fine.
    screen_waves: float = 80.0
    printed_dots: float = 60.0

    # A KTP: its heading, the word NIK and its number are where they belong.
    min_heading: float = 0.4

    # The only copy that is kept and served.
    clean_longest_side: int = 2048
    clean_quality: int = 88
    # A JPEG may be decoded at 1/2, 1/4 or 1/8 when this many pixels remain: half the CPU time.
    draft_longest_side: int = 1600

    # One photo's share of the machine, in its own process.
    memory_bytes: int = 768 * 1024 * 1024
    cpu_seconds: int = 10
    wall_seconds: float = 20.0
    # What the parent waits beyond that before it gives up the sandbox itself.
    grace_seconds: float = 5.0
    start_seconds: float = 30.0
    # No verdict is longer; a clean copy of 2048 x 2048 noise has under 4 MB.
    max_answer_bytes: int = 8_000_000


LIMITS = Limits()
