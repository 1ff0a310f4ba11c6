"""The two service workers: one keeps a few pages of the site, one the page that checks a proof."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

from assets import Assets, Modules

# Pages that open without a network once any page was open; the last stands in for all others.
KEPT_PAGES = ("", "bantuan/", "luring/")
# The page that has a worker of its own, and what checks a proof there.
PROOF_PAGE, PROOF_WORKER = "undian/periksa/", "proof-worker"
# What checks draws; none of it is for the pages that the site's worker keeps.
DRAW_WORKERS = (PROOF_WORKER, "wave-worker")
HOMES = ("", "en/")
_OWN = re.compile(r'(?:href|src)="(/aset/[^"]+)"')


def write_site_worker(
    script: Path, out: Path, assets: Assets, modules: Modules, rendered: dict[str, str]
) -> None:
    """`/service-worker.js`, with what it keeps and a version that changes with any of it."""
    kept = [f"{home}{page}" for home in HOMES for page in KEPT_PAGES]
    files = {address for page in kept for address in _OWN.findall(rendered[f"{page}index.html"])}
    # A form that is open may ask for these after the network is gone.
    files |= {assets.address(f"modules/{name}.js") for name in modules.later()}
    files -= {assets.address(f"modules/{name}.js") for name in DRAW_WORKERS}
    texts = [rendered[f"{page}index.html"] for page in kept]
    pages = [f"/{page}" for page in kept]
    _write(script, out / "service-worker.js", [*pages, *sorted(files)], texts)


def write_proof_worker(script: Path, out: Path, assets: Assets, rendered: dict[str, str]) -> None:
    """For both languages the worker of the proof's page, which keeps also the checks it runs."""
    checks = assets.address(f"modules/{PROOF_WORKER}.js")
    beside = [checks, *(assets.address(name) for name in assets.vendored())]
    for home in HOMES:
        page = f"{home}{PROOF_PAGE}"
        text = rendered[f"{page}index.html"]
        # A worker is kept without network only if its own address lies below the page's.
        (out / page / "worker.js").write_text(f'import "{checks}";\n', encoding="utf-8")
        own = {f"/{page}", f"/{page}worker.js", *_OWN.findall(text), *beside}
        _write(script, out / page / script.name, sorted(own), [text])


def _write(script: Path, to: Path, files: list[str], texts: list[str]) -> None:
    kept = json.dumps(files, indent=1)
    version = hashlib.sha256("".join([kept, *texts]).encode()).hexdigest()[:12]
    source = script.read_text(encoding="utf-8")
    text = source.replace('"{files}"', kept).replace("{version}", version)
    to.write_text(text, encoding="utf-8")
