"""How long the public's own checks take: the proof on a slow phone, a million entries in Python
and in the browser. Each begins with nothing loaded."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from tests.journey.browser import launch
from tests.programme.draw.world import vector
from tests.site.conftest import ROOT, build_site
from tests.site.serving import served
from tests.site.test_draw_agreement import own_entry

PHONE_SLOWDOWN = 6
MOST_PROOF_SECONDS = 3.0
WAIT_MILLISECONDS = 600_000
# The check on the page's own thread: Chromium slows that one, but not a page's workers.
ON_THE_PAGE = """async ([files, pins, own]) => {
  const entry = document.querySelector("script[type=module]").src;
  const { perform } = (await import(new URL("proof-worker.js", entry))).$proof_worker;
  const data = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const opened = Object.fromEntries(Object.entries(files).map(([n, text]) => [n, data(text)]));
  const begun = performance.now();
  let last = null;
  const task = { wave: 12, pins: data(pins), files: opened, own };
  await perform(task, (said) => { last = said; });
  if (!last.held) throw new Error(JSON.stringify(last));
  return (performance.now() - begun) / 1000;
}"""


@contextmanager
def site(folder: Path) -> Iterator[tuple[str, Path]]:
    """The built site on a port of its own, and its folder."""
    out = folder / "site"
    done = build_site(out)
    if done.returncode:
        raise RuntimeError(done.stderr)
    with served(out) as origin:
        yield origin, out


def proof_seconds(browser: Browser, origin: str, runs: int = 5) -> list[float]:
    """Seconds of a proof's check, six times slower and without network, fresh each time."""
    files, pins = vector("plain")
    small = {n: base64.b64encode(d).decode() for n, d in files.items() if not n.endswith(".bin")}
    _, _, own = own_entry("plain")
    seconds = []
    for _ in range(runs):
        context = browser.new_context(base_url=origin)
        page = context.new_page()
        page.goto("/undian/periksa/")
        page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
        page.reload()
        context.set_offline(True)
        session = context.new_cdp_session(page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": PHONE_SLOWDOWN})
        seconds.append(page.evaluate(ON_THE_PAGE, [small, base64.b64encode(pins).decode(), own]))
        context.close()
    return sorted(seconds)


def synthesized(folder: Path, entries: int) -> None:
    """A drawn wave of invented people."""
    about = ["--entries", str(entries), "--seed", "5", "--quota", str(entries * 6 // 100)]
    about += ["--reserve", str(entries // 100), "--pool", f"papua:{entries // 250}"]
    draw = [sys.executable, "-m", "functions.select.draw"]
    subprocess.run([*draw, "synthesize", *about, "--out", str(folder)], cwd=ROOT, check=True)
    subprocess.run([*draw, "run", str(folder)], cwd=ROOT, check=True, capture_output=True)


def python_seconds(folder: Path) -> tuple[float, float]:
    """CPU seconds and peak megabytes of the public's Python file over a wave."""
    code = (
        "import resource, runpy, sys; sys.argv = sys.argv[1:]\n"
        "try: runpy.run_path(sys.argv[0], run_name='__main__')\n"
        "except SystemExit as end: assert end.code == 0, end.code\n"
        "used = resource.getrusage(resource.RUSAGE_SELF)\n"
        "print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)"
    )
    script = str(ROOT / "site" / "undian" / "verify.py")
    command = [sys.executable, "-c", code, script, str(folder)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    cpu, memory = said.splitlines()[-1].split()
    return float(cpu), float(memory)


def browser_seconds(browser: Browser, origin: str, out: Path, folder: Path) -> tuple[float, float]:
    """Wall seconds and the worker's heap in megabytes for a wave computed again in the browser."""
    number = json.loads((folder / "params.json").read_text())["wave"]
    shown = out / "undian" / str(number)
    shown.mkdir()
    for path in folder.iterdir():
        if path.name != "private.json":
            (shown / path.name).symlink_to(path)
    (out / "undian" / "pins.json").write_bytes((folder / "pins.json").read_bytes())
    context = browser.new_context(base_url=origin)
    page = context.new_page()
    page.goto(f"/undian/hitung/#{number}")
    begun = time.monotonic()
    page.click("#recompute-start")
    done = page.locator("[data-module=recompute] .notice.good")
    done.wait_for(timeout=WAIT_MILLISECONDS)
    seconds = time.monotonic() - begun
    memory = _largest_process()
    context.close()
    return seconds, memory


def in_browser(folder: Path) -> float:
    """Seconds in which the site's page computes a wave again. Raises playwright's Error if not."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        browser = launch(playwright)
        with site(Path(name)) as (origin, out):
            seconds, _ = browser_seconds(browser, origin, out, folder)
        browser.close()
    return seconds


def _largest_process() -> float:
    """Megabytes: the largest peak of all browsers' processes, as the system counted it."""
    peaks = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text()
        except OSError:
            continue
        fields: dict[str, Any] = dict(
            line.split(":", 1) for line in text.splitlines() if ":" in line
        )
        if "chrom" in fields["Name"] and "VmHWM" in fields:
            peaks.append(int(fields["VmHWM"].split()[0]) / 1024)
    return max(peaks, default=0.0)


def measure(entries: int) -> list[str]:
    """All figures as lines."""
    load = Path("/proc/loadavg").read_text().split()[0]
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        synthesized(folder / "wave", entries)
        browser = launch(playwright)
        with site(folder) as (origin, out):
            proofs = proof_seconds(browser, origin)
            seconds, memory = browser_seconds(browser, origin, out, folder / "wave")
        browser.close()
        cpu, peak = python_seconds(folder / "wave")
    return [
        f"load at the start {load}",
        f"proof, offline, {PHONE_SLOWDOWN}x slower: median {proofs[len(proofs) // 2]:.2f} s, "
        f"worst {proofs[-1]:.2f} s, bound {MOST_PROOF_SECONDS} s",
        f"browser, {entries} entries: {seconds:.1f} s, largest process {memory:.0f} MB",
        f"verify.py, {entries} entries: {cpu:.1f} CPU s, {peak:.0f} MB",
    ]
