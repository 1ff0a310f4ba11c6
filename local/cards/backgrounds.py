"""Photographs that cards lie on: surfaces and scenes, a different set for each world.

TRAINING and UNSEEN come out of Debian packages and share none; EVERYDAY is committed beside this
file (SOURCES there says where each picture is from), so that running and testing need no downloads.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from local.cards.packages import BUILD, Package, unpacked

HERE = Path(__file__).parent / "assets" / "backgrounds"
LONGEST_SIDE = 1600
# Pictures that cannot be a place where a card lies: painted, symbols, maps of a 3D model's skin.
NEVER = re.compile(
    r"_norm|_nm\b|_bump|_gloss|_spec|_glow|_luma|_alpha|blood|gore|flesh|skin|slime|sfx|sky|sign|"
    r"stripe|warn|logo|flag|door|window|light|jump|kill|trim|pipe|hair|dress|casual|suit|sport|"
    r"career|sitting|standing|lying|euro|leaf|chicken|face|banner|symbol|number|mask|splat|"
    r"minimap|screenshot|preview|arrow|billboard|advert|icon|button|font|egypt|tree.?texture",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Source:
    """Pictures in one package: those whose path (in the package, or in its archives) matches."""

    package: Package
    pattern: str


SOURCES: dict[str, tuple[Source, ...]] = {
    "training": (
        Source(
            Package(
                "ufoai-textures",
                "2.5-2",
                "51c9c6a778249a3fa432c81c8c30ac5675ae5a1e675a33b0ce04545753d3218c",
                "GPL-2+, CC-BY-SA-3.0, public domain",
            ),
            r"/tex_(buildings|ctp1|dirt|furniture|material|mattn|nature|streets|terrain)/"
            r"(wall|floor|concrete|carpet|wallpaper|wood|bricks?|tiles?|metall?|street|grass|rock|"
            r"dirt|ground|desert|roof|rust|couch|textil|soil|rockyground|pebbles|sand|marble|"
            r"curtains|hedge|stucco|asphalt|bark|straw|paving|japwall|jungle)",
        ),
        Source(
            Package(
                "sweethome3d-furniture",
                "1.8-1",
                "3ccb90c63f9525e887a767b9cd5c8b6933b8b6b2973a615a5359ee68a2118668",
                "CC0, CC-BY-3.0",
            ),
            r"wood|oak|pine|marble|rock|ground|fabric|cloth|denim|leather|carpet|rug|rattan|stone|"
            r"tile|bois|madera|alder|chocolat|asphalt|mat(te)?\b|bed|sand|tatami|pebble|grass|"
            r"plaid|wicker|ceramica|pool|jackets|wall",
        ),
        Source(
            Package(
                "supertuxkart-data",
                "1.4+dfsg-2",
                "568d69cda50dc8ad1facb89514bd14953dfca736fdb83c49ae330b0aa7dd2364",
                "CC-BY-SA-3.0, CC-BY-SA-4.0, CC0, public domain",
            ),
            r"data/(textures|tracks)/.*(wood|plank|grass|rock|stone|sand|brick|wall|floor|tile|"
            r"concrete|ground|dirt|gravel|pav|marble|cloth|carpet|metal|roof|wheat|mud|cobble)"
            r"[^/]*\.jpg",
        ),
        Source(
            Package(
                "plasma-workspace-wallpapers",
                "4:5.27.5-2",
                "32cd18b71c8c938a18b3b351f217c02ac590e323caa3cf322fbb875ce8892f8b",
                "LGPL-3, CC-BY-SA-4.0",
            ),
            r"/(Autumn|BytheWater|ColorfulCups|EveningGlow|FallenLeaf|Kite|OneStandsOut|Path)/"
            r"contents/images/(1920x1200|1920x1080|2560x1600)\.",
        ),
    ),
    "unseen": (
        Source(
            Package(
                "openarena-081-textures",
                "0.8.5split-14",
                "72bf05abd5286a1523b56ca04e25bceb775813d747f92ecd20749d512361a81f",
                "GPL-2+",
            ),
            r"textures/(?!clown|gothic_(cath|door)|organics|common)(?!.*(blocks1[0-9]|killblock|"
            r"basewall|manhole|broke|cath|kcgrate|window|throat))"
            r".*(wood|concr|crete|grass|brick|stone|rock|sand|tile|block|floor|dirt|mud|"
            r"metal|pewter|tin\b|rust|steel|slate|beton|ground|roof|wall)",
        ),
        Source(
            Package(
                "mate-backgrounds",
                "1.26.0-1",
                "7bf4c2209f34b4f61ba6d24c8b58c28b361e82e4b943aae6d42c030169af9e04",
                "GPL-2+, CC-BY-SA-4.0",
            ),
            r"/(nature|abstract)/.*\.jpg|/Wood\.jpg",
        ),
        Source(
            Package(
                "lomiri-wallpapers-16.04",
                "20.04.0-2",
                "a99ff6a3bfe451e4cc0682ecb3cc82e71740626d59e4845ae34a0a0e45421eab",
                "CC-BY-4.0, CC-BY-SA-3.0, CC-BY-SA-4.0, CC0",
            ),
            r"\.jpg",
        ),
        Source(
            Package(
                "gnome-backgrounds",
                "43.1-1",
                "a670dea21572652127d6e55f9cdb3a226d0037854fdbfd037003c7d00ee0dc4e",
                "CC-BY-SA-3.0, CC0",
            ),
            r"/wood-[dl]\.webp",
        ),
    ),
}


def gather(world: str, at_hand: Path | None = None) -> int:
    """Unpack the world's packages and keep their photographs, reduced; how many there are.

    Raises packages.NotAvailable where a package cannot be had.
    """
    folder = BUILD / "backgrounds" / world
    folder.mkdir(parents=True, exist_ok=True)
    seen: set[bytes] = set()
    kept: set[Path] = set()
    for source in SOURCES[world]:
        for path, read in _pictures(unpacked(source.package, at_hand), source):
            picture = _reduced(read())
            if picture is None:
                continue
            likeness = picture.resize((6, 6)).quantize(24).tobytes()
            if likeness not in seen:
                seen.add(likeness)
                stem = f"{source.package.name}--" + re.sub(r"\W+", "-", path)[-70:]
                kept.add(folder / f"{stem}.jpg")
                picture.save(folder / f"{stem}.jpg", quality=88)
    for stale in set(folder.glob("*.jpg")) - kept:
        stale.unlink()
    return len(kept)


def _pictures(root: Path, source: Source) -> Iterator[tuple[str, Callable[[], bytes]]]:
    wanted = re.compile(source.pattern, re.IGNORECASE)
    kind = re.compile(r"\.(jpe?g|png|webp|tga)$", re.IGNORECASE)

    def fits(path: str) -> bool:
        return bool(kind.search(path) and wanted.search(path) and not NEVER.search(path))

    for file in sorted(root.rglob("*")):
        path = str(file.relative_to(root))
        if file.suffix in (".pk3", ".sh3f"):
            with zipfile.ZipFile(file) as archive:
                for name in sorted(archive.namelist()):
                    if fits(name):
                        yield name, lambda name=name: archive.read(name)  # type: ignore[misc]
        elif fits(path) and file.is_file():
            yield path, file.read_bytes


def _reduced(data: bytes) -> Image.Image | None:
    """The picture in RGB, at most LONGEST_SIDE; None when it is not a photograph of something."""
    with Image.open(io.BytesIO(data)) as opened:
        if min(opened.size) < 256 or max(opened.size) > 2.4 * min(opened.size):
            return None
        if np.asarray(opened.convert("RGBA").resize((64, 64)))[:, :, 3].min() < 250:
            return None
        picture = opened.convert("RGB")
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    small = np.asarray(picture.resize((192, 192))).astype(int)
    luma = small.mean(axis=2)
    flat = np.mean(np.abs(np.diff(luma, axis=1)) < 0.5)
    tones = len(np.unique(small // 8 @ np.array((1024, 32, 1))))
    red, green, blue = small.mean(axis=(0, 1))
    normals = blue > 190 and abs(red - 128) < 25 and abs(green - 128) < 25
    if flat > 0.5 or tones < 60 or luma.std() < 5 or luma.mean() < 22 or normals:
        return None
    return picture


@cache
def _listed(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted(folder.glob("*--*.jpg" if folder != HERE else "*.jpg")))


def pictures(world: str) -> tuple[Path, ...]:
    """The world's pictures. Raises FileNotFoundError that says how to get them."""
    found = _listed(HERE if world == "everyday" else BUILD / "backgrounds" / world)
    if not found:
        raise FileNotFoundError(f"pictures for {world}: run python -m local.cards.fetch")
    return found


@cache
def _shares(world: str) -> np.ndarray:
    """How often each picture is taken: as if each package had the square root of its number, so
    that the largest does not drown the others."""
    sources = [path.name.split("--")[0] for path in pictures(world)]
    if world == "everyday":
        return np.full(len(sources), 1 / len(sources))
    weights = np.array([sources.count(source) ** -0.5 for source in sources])
    shares: np.ndarray = weights / weights.sum()
    return shares


def any_picture(chance: np.random.Generator, world: str) -> Path:
    """One of the world's pictures, drawn by chance."""
    found = pictures(world)
    return found[int(chance.choice(len(found), p=_shares(world)))]


@lru_cache(maxsize=2000)
def small(path: Path) -> Image.Image:
    """The picture at 400 pixels or less, kept: enough under a picture of half a megapixel."""
    with Image.open(path) as opened:
        picture = opened.convert("RGB")
    picture.thumbnail((400, 400))
    return picture


def full(path: Path) -> Image.Image:
    """The picture as stored."""
    with Image.open(path) as opened:
        return opened.convert("RGB")
