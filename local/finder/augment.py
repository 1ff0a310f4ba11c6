"""What is done to a stored picture each time it is learnt from, on whole batches.

Points are in parts of the frame: (0, 0) is its upper left corner, (1, 1) its lower right.
"""

import math
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor
from torch.nn import functional

from functions.upload.photo.finder import INPUT_SIZE
from functions.upload.photo.mask import CELL, MARGIN

UNIT = torch.tensor(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))

WHOLE_FRAME = 0.35  # share seen as they are: what the deployed code sees first
PASTED = 0.45  # share of pictures without a card that get one from another picture
FINGERS = 0.2
SKIN = torch.tensor(((92.0, 58, 42), (141, 96, 70), (186, 138, 108), (222, 178, 150)))


@dataclass(frozen=True)
class Frame:
    """The size of the pictures that are learnt from."""

    width: int = INPUT_SIZE[0]
    height: int = INPUT_SIZE[1]

    @property
    def pixels(self) -> Tensor:
        """(2,) its width and height."""
        return torch.tensor((self.width, self.height), dtype=torch.float32)

    def places(self) -> Tensor:
        """(height * width, 2) where its pixels are."""
        return grid(self.height, self.width)


def homography(start: Tensor, end: Tensor) -> Tensor:
    """(n, 3, 3) perspectives that map four points (n, 4, 2) to four others."""
    zero, one = torch.zeros_like(start[..., 0]), torch.ones_like(start[..., 0])
    x, y = start.unbind(-1)
    u, v = end.unbind(-1)
    along = torch.stack((x, y, one, zero, zero, zero, -u * x, -u * y), -1)
    down = torch.stack((zero, zero, zero, x, y, one, -v * x, -v * y), -1)
    system = torch.cat((along, down), 1).double()
    numbers = torch.linalg.solve(system, torch.cat((u, v), 1).double()[..., None])[..., 0]
    return torch.cat((numbers, torch.ones_like(numbers[:, :1])), 1).view(-1, 3, 3).float()


def moved(points: Tensor, by: Tensor) -> Tensor:
    """Points (n, k, 2) through perspectives (n, 3, 3)."""
    ends = torch.cat((points, torch.ones_like(points[..., :1])), -1) @ by.transpose(1, 2)
    return ends[..., :2] / ends[..., 2:].clamp_min(1e-4)


@cache
def grid(rows: int, columns: int) -> Tensor:
    """(rows * columns, 2) centres of the cells of a frame."""
    y = (torch.arange(rows) + 0.5) / rows
    x = (torch.arange(columns) + 0.5) / columns
    return torch.stack(torch.meshgrid(y, x, indexing="ij"), -1).flip(-1).reshape(-1, 2)


def warped(pictures: Tensor, to_source: Tensor, frame: Frame) -> Tensor:
    """(n, 3, height, width) seen through perspectives from the new frame into the stored one."""
    places = moved(frame.places().expand(len(pictures), -1, -1), to_source)
    places = (places * 2 - 1).view(-1, frame.height, frame.width, 2)
    return functional.grid_sample(pictures, places, "bilinear", "border", align_corners=False)


def outside(corners: Tensor, points: Tensor, scale: Tensor) -> Tensor:
    """(n, k): how far points (k, 2) lie outside quads (n, 4, 2), in units of 1 / scale; inside
    negative. Exact near the sides, too small beyond the corners."""
    start = corners * scale
    side = start.roll(-1, 1) - start
    normal = torch.stack((side[..., 1], -side[..., 0]), -1)
    normal = normal / normal.norm(dim=-1, keepdim=True).clamp_min(1e-6)
    offset = (points * scale)[None] @ normal.transpose(1, 2) - (start * normal).sum(-1)[:, None]
    return offset.amax(-1)


def crops(count: int, cut: Tensor, frame: Frame, chance: torch.Generator) -> Tensor:
    """(n, 4, 2): the four corners, in the stored frame, of what is seen of it."""
    spin = (torch.rand(count, generator=chance) - 0.5) * math.radians(24)
    spin = spin * (torch.rand(count, generator=chance) < 0.5)
    size = 1 - 0.45 * torch.rand(count, generator=chance) ** 1.5
    more = 1 + 0.2 * torch.rand(count, generator=chance)
    size = torch.where((torch.rand(count, generator=chance) < 0.2) & ~cut, more, size)
    stretch = torch.exp((torch.rand(count, 1, generator=chance) - 0.5) * 0.36)
    box = torch.cat((size[:, None] * stretch, size[:, None] / stretch), 1)
    box = torch.where(size[:, None] < 1, box.clamp_max(1.0), box)
    centre = 0.5 + (torch.rand(count, 2, generator=chance) - 0.5) * (1 - box).abs()
    local = (UNIT - 0.5) * box[:, None] * frame.pixels
    turn = torch.stack((spin.cos(), spin.sin(), -spin.sin(), spin.cos()), 1).view(-1, 2, 2)
    seen = (local @ turn) / frame.pixels + centre[:, None]
    whole = torch.rand(count, generator=chance) < WHOLE_FRAME
    seen = torch.where(whole[:, None, None], UNIT.expand(count, 4, 2), seen)
    upside_down = torch.rand(count, generator=chance) < 0.5
    return torch.where(upside_down[:, None, None], seen.roll(2, 1), seen)


def poses(count: int, frame: Frame, chance: torch.Generator) -> Tensor:
    """(n, 4, 2) corners of a card lying anywhere, any way round, seen a little askew."""
    width = frame.width * torch.exp(torch.rand(count, generator=chance) * 1.6 - 1.6) * 1.05
    half = torch.stack((width, width / 1.586), 1) / 2
    flat = (UNIT * 2 - 1) * half[:, None]
    flat = flat + torch.randn(count, 4, 2, generator=chance) * (0.035 * width)[:, None, None]
    spin = torch.randn(count, generator=chance) * 0.2
    quarters = torch.randint(0, 4, (count,), generator=chance) * (math.pi / 2)
    anyhow = torch.rand(count, generator=chance) * 2 * math.pi
    spin = torch.where(torch.rand(count, generator=chance) < 0.3, anyhow, spin + quarters)
    turn = torch.stack((spin.cos(), spin.sin(), -spin.sin(), spin.cos()), 1).view(-1, 2, 2)
    centre = torch.rand(count, 2, generator=chance) * 0.8 + 0.1
    return (flat @ turn) / frame.pixels + centre[:, None]


def pasted(
    background: Tensor,
    source: Tensor,
    source_corners: Tensor,
    frame: Frame,
    chance: torch.Generator,
) -> tuple[Tensor, Tensor]:
    """Cards cut out of stored pictures and laid, with a shadow, on pictures without one."""
    count = len(background)
    corners = poses(count, frame, chance)
    card = warped(source, homography(corners, source_corners), frame)
    softness = 0.5 + torch.rand(count, 1, generator=chance)
    distance = outside(corners, frame.places(), frame.pixels)
    alpha = (0.5 - distance / (2 * softness)).clamp(0, 1)
    spread = 2 + 10 * torch.rand(count, 1, generator=chance)
    depth = 0.5 * torch.rand(count, 1, generator=chance)
    offset = torch.randn(count, 1, 2, generator=chance) * 0.012
    fallen = outside(corners + offset, frame.places(), frame.pixels)
    shadow = 1 - depth * (0.5 - fallen / (2 * spread)).clamp(0, 1)
    shape = (count, 1, frame.height, frame.width)
    alpha, shadow = alpha.view(shape), shadow.view(shape)
    return background * shadow * (1 - alpha) + card * alpha, corners


def fingers(pictures: Tensor, corners: Tensor, frame: Frame, chance: torch.Generator) -> Tensor:
    """Round-ended strips of skin over a side of the card."""
    count = len(pictures)
    along = torch.rand(count, 1, generator=chance)
    which = torch.randint(0, 4, (count,), generator=chance)
    every = torch.arange(count)
    start, end = corners[every, which], corners[every, (which + 1) % 4]
    place = (start * along + end * (1 - along)) * frame.pixels
    away = place - corners.mean(1) * frame.pixels
    reach = away.norm(dim=1, keepdim=True).clamp_min(1)
    away = away / reach + torch.randn(count, 2, generator=chance) * 0.4
    away = away / away.norm(dim=1, keepdim=True).clamp_min(1e-3)
    tip = place - away * reach * 0.35 * torch.rand(count, 1, generator=chance)
    radius = reach * (0.06 + 0.14 * torch.rand(count, 1, generator=chance))
    x, y = (frame.places() * frame.pixels).unbind(-1)
    x, y = x - tip[:, :1], y - tip[:, 1:]
    on = (x * away[:, :1] + y * away[:, 1:]).clamp_min(0)
    across = torch.hypot(x - on * away[:, :1], y - on * away[:, 1:]) / radius
    alpha = ((1 - across) * radius / 1.5 + 0.5).clamp(0, 1)[:, None]
    tone = SKIN[torch.randint(0, len(SKIN), (count,), generator=chance)]
    tone = tone * (0.7 + 0.6 * torch.rand(count, 3, generator=chance))
    shade = (1.1 - 0.45 * across.clamp(0, 1) ** 2)[:, None]
    skin = tone[:, :, None] * shade
    return (pictures.flatten(2) * (1 - alpha) + skin * alpha).view_as(pictures)


def lit(pictures: Tensor, frame: Frame, chance: torch.Generator) -> Tensor:
    """Other light, lens and sensor: blur, colour, slope, glare, curve, darkness, noise."""
    count = len(pictures)

    def some(low: float, high: float, channels: int = 1) -> Tensor:
        return low + (high - low) * torch.rand(count, channels, 1, 1, generator=chance)

    def chosen(part: float) -> Tensor:
        return torch.nonzero(torch.rand(count, generator=chance) < part)[:, 0]

    soft = chosen(0.3)
    pictures[soft] = pictures[soft].lerp(smeared(pictures[soft], frame), some(0.0, 1.0)[soft])
    colour = some(0.5, 1.5)[:, 0]
    colour[chosen(0.06)] = 0.0
    mixing = (torch.eye(3) * colour + (1 - colour) / 3) * some(0.85, 1.15, 3)[..., 0] / 255
    pictures = (mixing @ pictures.flatten(2)).view_as(pictures)
    x, y = frame.places().view(frame.height, frame.width, 2).unbind(-1)
    pictures *= 1 + some(-0.5, 0.5) * (x - 0.5) + some(-0.5, 0.5) * (y - 0.5)
    spot = chosen(0.12)
    distance = (x - some(0, 1)[spot]) ** 2 + (y - some(0, 1)[spot]) ** 2
    fall = torch.exp(-distance / some(0.02, 0.25)[spot] ** 2)
    pictures[spot] = pictures[spot] + some(0.25, 1.0)[spot] * fall
    pictures.clamp_(0, 1)
    pictures *= 1 + some(-0.7, 0.7) * (1 - pictures)
    dark = some(0.65, 1.25)
    darker = chosen(0.12)
    dark[darker] = some(0.1, 0.5)[darker]
    pictures *= dark * 255
    noise = torch.randn(8, 3, frame.height, frame.width, generator=chance)
    noise = noise[torch.randint(0, len(noise), (count,), generator=chance)]
    return pictures.addcmul_(noise, some(0, 9)).clamp_(0, 255)


def smeared(pictures: Tensor, frame: Frame) -> Tensor:
    """Blurred over about three pixels: halved, reduced a little more, enlarged again."""
    half = functional.interpolate(pictures, scale_factor=0.5, mode="bilinear")
    half = functional.interpolate(half, scale_factor=0.75, mode="bilinear", antialias=True)
    return functional.interpolate(half, (frame.height, frame.width), mode="bilinear")


def targets(corners: Tensor, present: Tensor, frame: Frame) -> dict[str, Tensor]:
    """What the network should say: share of each cell that is card, and what to weigh it with."""
    cells = frame.pixels / CELL
    count = len(corners)
    rows, columns = frame.height // CELL, frame.width // CELL
    y = (torch.arange(-MARGIN, rows + MARGIN) + 0.5) / rows
    x = (torch.arange(-MARGIN, columns + MARGIN) + 0.5) / columns
    places = torch.stack(torch.meshgrid(y, x, indexing="ij"), -1).flip(-1).reshape(-1, 2)
    distance = outside(corners, places, cells).view(count, len(y), len(x))
    distance = torch.where(present[:, None, None], distance, torch.full_like(distance, 99.0))
    mask = (0.5 - distance).clamp(0, 1)
    weight = 1 + 4 * torch.exp(-((distance / 1.5) ** 2))
    beyond = torch.full_like(mask, 0.5)
    beyond[:, MARGIN:-MARGIN, MARGIN:-MARGIN] = 1.0
    area = mask[:, MARGIN:-MARGIN, MARGIN:-MARGIN].sum((1, 2))
    a, b = (corners * cells).unbind(-1)
    whole = 0.5 * (a * b.roll(-1, 1) - b * a.roll(-1, 1)).sum(1).abs().clamp_min(1.0)
    visible = torch.where(present, area / whole, torch.zeros(count))
    reading = (corners[:, 1] + corners[:, 2] - corners[:, 0] - corners[:, 3]) * frame.pixels
    return {
        "mask": mask,
        "weight": weight * beyond,
        "present": (visible > 0.1).float(),
        # Whether a sliver counts as a card is nobody's business.
        "present_weight": ((visible > 0.2) | (visible < 0.01)).float(),
        "reading": reading / reading.norm(dim=1, keepdim=True).clamp_min(1e-6),
        "reading_weight": (visible > 0.5).float(),
    }
