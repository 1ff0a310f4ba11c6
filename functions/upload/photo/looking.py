"""The stages of looking at a photo: each takes what is seen so far and sees a little more."""

from dataclasses import dataclass, field, replace

import numpy as np
from PIL import Image

from functions.upload.photo import measure, texture
from functions.upload.photo.anchors import card_from_text
from functions.upload.photo.card import CARD_SIZE, Card, Search, rectified
from functions.upload.photo.decode import Picture, close_up
from functions.upload.photo.faces import Face, find_faces
from functions.upload.photo.finder import find_card
from functions.upload.photo.flat import Flat
from functions.upload.photo.limits import Limits
from functions.upload.photo.reading import Reading, possible, read_card


@dataclass(frozen=True)
class Sight:
    """What is seen of one photo.

    frame    the whole picture, measured
    search   what looking for a card came to, in pixels of `picture.rgb`
    card     the card from straight above, when one was found
    reading  what stands on it, when it was read
    faces    of a selfie: faces but the portrait on the card, largest first; pixels of `frame.rgb`
    """

    picture: Picture
    frame: measure.View
    search: Search = field(default_factory=lambda: Search(None, 0.0))
    card: Flat | None = None
    reading: Reading | None = None
    faces: tuple[Face, ...] = ()

    @property
    def found(self) -> Card | None:
        """Where the card is."""
        return self.search.card


def at_frame(picture: Picture) -> Sight:
    """The picture at the sizes it is measured at."""
    return Sight(picture, measure.view_of(picture.rgb))


def for_card(sight: Sight) -> Sight:
    """A card by its outline."""
    search = find_card(sight.frame.rgb)
    extent = search.extent * _enlargement(sight)
    return replace(sight, search=replace(search, card=_enlarged(search.card, sight), extent=extent))


def for_text(sight: Sight) -> Sight:
    """A card by the words on it, where the outline could not be made out."""
    card = card_from_text(sight.frame.rgb)
    if card is None:
        return sight
    cut = card.cut or sight.search.cut
    search = replace(sight.search, card=_enlarged(card, sight), cut=cut)
    return replace(sight, search=search)


def _enlarged(card: Card | None, sight: Sight) -> Card | None:
    """The card in pixels of the picture, from pixels of the reduced one."""
    if card is None:
        return None
    return replace(card, corners=(card.corners + 0.5) * _enlargement(sight) - 0.5)


def _enlargement(sight: Sight) -> float:
    return sight.picture.rgb.width / sight.frame.rgb.width


def at_card(sight: Sight, data: bytes, limits: Limits) -> Sight:
    """The card from straight above; from the file once more when decoding had shrunk it."""
    assert sight.found is not None
    card, picture = sight.found, sight.picture.rgb
    if card.width < limits.close_up_width and sight.picture.scale > 1.2:
        left, top = np.maximum(np.floor(card.corners.min(axis=0)) - 2, 0)
        right, bottom = np.minimum(np.ceil(card.corners.max(axis=0)) + 3, picture.size)
        size = np.array(picture.size)
        box = (left / size[0], top / size[1], right / size[0], bottom / size[1])
        picture = close_up(data, box, limits)
        scale = np.array(picture.size) / (right - left, bottom - top)
        card = replace(card, corners=(card.corners + 0.5 - (left, top)) * scale - 0.5)
    return replace(sight, card=Flat(rectified(picture, card, CARD_SIZE)))


def at_print(sight: Sight) -> Sight:
    """What stands on the card, and the card the right way up when it lay upside down."""
    assert sight.card is not None
    reading = read_card(sight.card.rgb)
    if reading.turned == 180:
        upright = Flat(sight.card.rgb.transpose(Image.Transpose.ROTATE_180))
        return replace(sight, card=upright, reading=reading)
    return replace(sight, reading=reading)


def for_faces(sight: Sight) -> Sight:
    """Faces, but for the portrait on the card."""
    card = sight.found
    factor = sight.frame.rgb.width / sight.picture.rgb.width
    faces = find_faces(sight.frame.rgb)
    if card is not None:
        corners = (card.corners + 0.5) * factor - 0.5
        faces = [face for face in faces if not _inside(face, corners)]
    return replace(sight, faces=tuple(faces))


def _inside(face: Face, corners: np.ndarray) -> bool:
    """Whether the middle of the face lies on the card (a convex quad)."""
    left, top, right, bottom = face.box
    middle = np.array(((left + right) / 2, (top + bottom) / 2))
    sides = np.roll(corners, -1, axis=0) - corners
    away = middle - corners
    turns = sides[:, 0] * away[:, 1] - sides[:, 1] * away[:, 0]
    return bool((turns > 0).all() or (turns < 0).all())


def warm_up() -> None:
    """Go once through what a picture without a card never reaches."""
    corners = np.array([(10, 10), (600, 12), (598, 390), (12, 388)], np.float64)
    picture = Image.linear_gradient("L").resize((640, 480)).convert("RGB")
    card = rectified(picture, Card(corners, 1.0))
    read_card(card)
    texture.screen_waves(card)
    texture.printed_dots(card)
    card_from_text(picture)
    find_card(picture)
    find_faces(picture)
    possible("0000000000000000")
