"""Code of others in the site: just what is recorded, with its version, hash and licence."""

from __future__ import annotations

import gzip
import hashlib
import re

from tests.site.conftest import ROOT

FOLDER = ROOT / "site" / "vendor"
# As gzip, out of weights.TAPPED; the whole library would be over it.
MOST_BEACON_BYTES = 18_000


def _recorded() -> dict[str, str]:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^\| `([\w.-]+)` \|.*`([0-9a-f]{64})` \|$", text, re.MULTILINE))


def test_every_vendored_file_has_the_recorded_hash_and_no_other_is_there() -> None:
    built = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in FOLDER.glob("*.js")
        if not path.name.endswith(".entry.js")
    }
    assert built and built == _recorded()


def test_the_licence_stands_beside_them() -> None:
    licence = (FOLDER / "LICENSE.noble-curves").read_text(encoding="utf-8")
    assert "MIT License" in licence and "Paul Miller" in licence


def test_they_run_under_the_sites_content_policy_and_fit_the_budget() -> None:
    for name in _recorded():
        source = (FOLDER / name).read_text(encoding="utf-8")
        imported = re.findall(r"\b(?:from|import) ?\(?['\"](.*?)['\"]", source)
        assert all(one.startswith("./") and one[2:] in _recorded() for one in imported), name
        assert not re.search(r"\beval\(|new Function|WebAssembly|innerHTML|https?:", source), name
    assert len(gzip.compress((FOLDER / "bls12-381.js").read_bytes(), mtime=0)) <= MOST_BEACON_BYTES
