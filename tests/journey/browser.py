"""Finding Chromium: one on this machine, else Playwright's own, else Debian's package.

`make browser` runs this module before the tests, so that what is missing is said
in one line before anything starts.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

# The shell is the same engine without the windows: a page costs a third of the processor time.
NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
PACKAGE = "chromium-headless-shell"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
ADVICE = (
    "The tests need Chromium and it could not be installed by itself: install it "
    f"(Debian: apt-get install {PACKAGE}) or name one with CHROMIUM=/path/to/chromium"
)
INSTALL_SECONDS = 600


def executable() -> str | None:
    """Path of a usable Chromium, or None."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named if Path(named).exists() else None
    found = next(filter(None, map(shutil.which, NAMES)), None)
    return found or _playwrights_own()


def launch(playwright):
    """A headless Chromium of Playwright's sync API."""
    path = executable()
    if path is None:
        raise RuntimeError(ADVICE)
    return playwright.chromium.launch(executable_path=path, args=list(FLAGS))


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def _install() -> None:
    """Try Playwright's download, then Debian's package; quietly, since either may be closed."""
    attempts = [[[sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"]]]
    if shutil.which("apt-get"):
        attempts.append([["apt-get", "update"], ["apt-get", "install", "-y", PACKAGE]])
    for commands in attempts:
        for command in commands:
            if not _run(command):
                break
        if executable():
            return


def _run(command: list[str]) -> bool:
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=INSTALL_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def main() -> int:
    if executable() is None:
        sys.stderr.write("installing Chromium for the tests ...\n")
        _install()
    if executable() is None:
        sys.stderr.write(ADVICE + "\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
