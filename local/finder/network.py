"""The mask network: where the card is, that there is one, and which way it is read."""

from pathlib import Path

import numpy as np
import onnx
import onnx.numpy_helper
import torch
from torch import Tensor, nn
from torch.nn import functional

from functions.upload.photo.finder import INPUT_SIZE
from functions.upload.photo.mask import CELL, MARGIN

CHANNELS = (12, 32, 48, 80, 112)
DECODER = (48, 32, 24)


def convolution(into: int, out: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    """Convolution, batch norm, ReLU; the size halves at stride 2."""
    return nn.Sequential(
        nn.Conv2d(into, out, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(out),
        nn.ReLU(inplace=True),
    )


class Dense(nn.Module):
    """Two 3x3 convolutions added to what came in: at stride 8, where edges are still seen."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            convolution(channels, channels),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, seen: Tensor) -> Tensor:
        return torch.relu(seen + self.body(seen))


class Wide(nn.Module):
    """A 5x5 convolution of each channel, then two 1x1 across them: far sight for few weights."""

    def __init__(self, channels: int, expansion: int = 2) -> None:
        super().__init__()
        inner = channels * expansion
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 5, padding=2, groups=channels, bias=False),
            nn.BatchNorm2d(channels),
            nn.Conv2d(channels, inner, 1, bias=False),
            nn.BatchNorm2d(inner),
            nn.ReLU(inplace=True),
            nn.Conv2d(inner, channels, 1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, seen: Tensor) -> Tensor:
        return seen + self.body(seen)


class Finder(nn.Module):
    """Picture to mask, presence and reading direction.

    in   (n, 3, 128, 192), 0 to 255; any multiples of 32
    out  mask logits (n, 36, 52): 32 x 48 cells of four pixels and two more beyond each side of the
         picture, where the card goes on; presence logit (n,); reading (n, 2): x and y of the
         direction in which its lines run, a unit vector when the network is sure
    """

    def __init__(self) -> None:
        super().__init__()
        c2, c4, c8, c16, c32 = CHANNELS
        d16, d8, d4 = DECODER
        self.to4 = nn.Sequential(convolution(3, c2, stride=2), convolution(c2, c4, stride=2))
        self.to8 = nn.Sequential(convolution(c4, c8, stride=2), Dense(c8))
        self.to16 = nn.Sequential(convolution(c8, c16, stride=2), *(Wide(c16) for _ in range(4)))
        self.to32 = nn.Sequential(convolution(c16, c32, stride=2), *(Wide(c32) for _ in range(3)))
        self.whole = nn.Linear(c32, c32)
        self.up32 = convolution(c32, d16, 1)
        self.side16 = convolution(c16, d16, 1)
        self.mix16 = Wide(d16)
        self.up16 = convolution(d16, d8, 1)
        self.side8 = convolution(c8, d8, 1)
        self.mix8 = convolution(d8, d8)
        self.up8 = convolution(d8, d4, 1)
        self.side4 = convolution(c4, d4, 1)
        self.mix4 = convolution(d4, d4)
        self.mask = nn.Conv2d(d4, 1, 1)
        self.about = convolution(c16 + d16, 96, 1)
        self.heads = nn.Sequential(nn.Linear(96 + c32, 64), nn.ReLU(), nn.Linear(64, 3))

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        at4 = self.to4(normal(picture))
        at8 = self.to8(at4)
        at16 = self.to16(at8)
        at32 = self.to32(at16)
        whole = at32.mean((2, 3))
        at32 = at32 + self.whole(whole)[:, :, None, None]
        back16 = self.mix16(doubled(self.up32(at32)) + self.side16(at16))
        back8 = self.mix8(doubled(self.up16(back16)) + self.side8(at8))
        # One cell of stride 8 is the two cells of stride 4 by which the mask exceeds the picture.
        beyond8 = bordered(self.up8(back8))
        beyond4 = functional.pad(self.side4(at4), (MARGIN,) * 4)
        mask = self.mask(self.mix4(doubled(beyond8) + beyond4))[:, 0]
        inside = mask[:, MARGIN:-MARGIN, MARGIN:-MARGIN].detach()
        weight = functional.avg_pool2d(torch.sigmoid(inside)[:, None], 4)
        about = self.about(torch.cat((at16, back16), 1)) * weight
        on_card = about.sum((2, 3)) / (weight.sum((2, 3)) + 0.5)
        said = self.heads(torch.cat((on_card, whole), 1))
        return mask, said[:, 0], said[:, 1:]


def normal(picture: Tensor) -> Tensor:
    """Mean 0 and deviation 1 over the picture, so that exposure and flatness do not matter."""
    mean = picture.mean((1, 2, 3), keepdim=True)
    spread = ((picture - mean) ** 2).mean((1, 2, 3), keepdim=True).sqrt()
    return (picture - mean) / (spread + 4.0)


def doubled(features: Tensor) -> Tensor:
    """Twice the height and width, in between by straight lines."""
    return functional.interpolate(features, scale_factor=2, mode="bilinear", align_corners=False)


def bordered(features: Tensor) -> Tensor:
    """One more cell on each side, like its neighbour."""
    features = torch.cat((features[:, :, :1], features, features[:, :, -1:]), 2)
    return torch.cat((features[..., :1], features, features[..., -1:]), 3)


class Deployed(nn.Module):
    """`Finder` as the worker calls it: bytes in, probabilities out, one picture."""

    def __init__(self, finder: Finder) -> None:
        super().__init__()
        self.finder = finder

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        seen = picture.permute(2, 0, 1)[None].float()
        mask, present, reading = self.finder(seen)
        return torch.sigmoid(mask[0]), torch.sigmoid(present[0]), reading[0]


def export(finder: Finder, path: Path) -> None:
    """Write the network as ONNX: `picture` uint8 (128, 192, 3) to mask, present, reading."""
    width, height = INPUT_SIZE
    assert width % (8 * CELL) == 0 and height % (8 * CELL) == 0
    example = torch.zeros((height, width, 3), dtype=torch.uint8)
    torch.onnx.export(
        Deployed(finder).eval(),
        (example,),
        str(path),
        input_names=["picture"],
        output_names=["mask", "present", "reading"],
        opset_version=17,
        dynamo=False,
    )
    halved(path)


def halved(path: Path) -> None:
    """Keep the weights as 16-bit floats, which are widened again when the file is loaded."""
    model = onnx.load(str(path))
    casts = []
    for weight in model.graph.initializer:
        values = onnx.numpy_helper.to_array(weight)
        if values.dtype != np.float32 or values.size < 64:
            continue
        name = weight.name
        weight.CopyFrom(onnx.numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
        casts.append(onnx.helper.make_node("Cast", [f"{name}.half"], [name], to=1))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
