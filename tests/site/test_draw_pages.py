"""The draw for everyone: one's own proof without a network, the whole draw again, the chances."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.programme.draw.world import vector
from tests.site.conftest import ROOT
from tests.site.fake_api import FakeApi, wave
from tests.site.states import drawn
from tests.site.test_draw_agreement import own_entry

# A check takes a second on a quiet machine, and many on a busy one.
expect.set_options(timeout=60_000)


def _violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{v['id']}: {node['html']}" for v in found for node in v["nodes"]]


def _fill(page: Page, own: dict[str, Any], **changes: str) -> None:
    files = {"receipt-12.json": own["receipt"], "proof-12.json": own["proof"]}
    page.set_input_files(
        "#files",
        [
            {"name": name, "mimeType": "application/json", "buffer": json.dumps(value).encode()}
            for name, value in files.items()
        ],
    )
    page.fill("#nik", changes.get("nik", own["nik"]))
    page.fill("#kk", own["kk"])
    page.click("main button[type=submit]")


def test_a_proof_is_checked_on_the_phone_and_nothing_typed_leaves_it(
    page: Page, published: Path, complaints: list[str]
) -> None:
    _, _, own = own_entry("plain")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.url} {request.post_data}"))
    for home, holds in (("/", "benar"), ("/en/", "holds")):
        page.goto(f"{home}undian/periksa/")
        _fill(page, own)
        expect(page.locator("#check-result h2")).to_contain_text(holds)
        expect(page.locator("#check-steps li")).to_have_count(8)
        assert page.locator("#check-result").get_attribute("class") == "notice good"
        assert _violations(page) == []
    # A wave that was not ended has no void.note, of which the console tells.
    assert [one for one in complaints if "404" not in one] == []
    secrets = [own["nik"], own["kk"], own["receipt"]["salt"], own["receipt"]["entry"]]
    assert [one for one in sent if any(secret in one for secret in secrets)] == []


def test_another_number_or_a_changed_proof_is_told_in_words(page: Page, published: Path) -> None:
    _, _, own = own_entry("plain")
    page.goto("/undian/periksa/")
    _fill(page, own, nik=own["kk"])
    expect(page.locator("#check-result")).to_contain_text("bukan yang dipakai")
    expect(page.locator("#check-result")).to_contain_text("receipt_commitment")
    path = [own["proof"]["roster_path"][0][::-1], *own["proof"]["roster_path"][1:]]
    _fill(page, {**own, "proof": {**own["proof"], "roster_path": path}})
    expect(page.locator("#check-result")).to_contain_text("proof_root")
    page.fill("#receipt", "{}")
    page.set_input_files("#files", [])
    page.click("main button[type=submit]")
    expect(page.locator("#receipt-error")).to_have_text("Berkas atau teks ini bukan tanda terima")


def test_the_page_works_without_a_network_once_it_was_open(
    browser: Browser, origin: str, published: Path
) -> None:
    _, _, own = own_entry("plain")
    context = browser.new_context(base_url=origin, locale="id-ID")
    page = context.new_page()
    page.goto("/undian/periksa/")
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    _fill(page, own)
    expect(page.locator("#check-result h2")).to_contain_text("benar")
    context.set_offline(True)
    page.reload()
    _fill(page, own)
    expect(page.locator("#check-result h2")).to_contain_text("benar")
    page.goto("/undian/periksa/")
    expect(page.locator("h1")).to_be_visible()
    context.close()


def test_pins_of_the_stage_stand_in_the_page_when_it_was_built_with_them(
    browser: Browser, tmp_path: Path
) -> None:
    _, pins = vector("plain")
    (tmp_path / "pins.json").write_bytes(pins)
    command = [sys.executable, "site/build.py", "--out", str(tmp_path / "site")]
    command += ["--pins", str(tmp_path / "pins.json")]
    subprocess.run(command, cwd=ROOT, check=True)
    text = (tmp_path / "site" / "undian" / "periksa" / "index.html").read_text()
    context = browser.new_context(java_script_enabled=True)
    page = context.new_page()
    page.set_content(re.search(r'<template id="pins">.*?</template>', text, re.S)[0])  # type: ignore[index]
    held = page.evaluate("() => document.getElementById('pins').content.textContent")
    assert held.encode() == pins
    context.close()


def test_the_whole_draw_is_computed_again_in_the_browser(
    page: Page, api: FakeApi, published: Path, complaints: list[str]
) -> None:
    drawn(api)
    page.goto("/undian/12/")
    expect(page.locator("#facts")).to_contain_text("Di antaranya dikembalikan dari gelombang 11")
    for witness in "abc":
        expect(page.locator("#moments")).to_contain_text(f"witness.example/{witness}")
    expect(page.locator("#chances tbody tr")).to_have_count(6)
    assert _violations(page) == []
    page.click("#recompute a")
    expect(page.locator("h1")).to_have_text("Hitung ulang undian gelombang 12")
    page.click("#recompute-start")
    expect(page.locator("[data-module=recompute] .notice")).to_contain_text("1.000 peserta")
    expect(page.locator("[data-module=recompute] li")).to_have_count(9)
    assert "ok beacon_signature" in page.inner_text("[data-module=recompute]")
    # bias.json and void.note are not there, of which the browser's console tells.
    assert [one for one in complaints if "404" not in one] == []
    assert _violations(page) == []


def test_both_are_checked_on_the_page_where_there_are_no_module_workers(
    page: Page, published: Path
) -> None:
    _, _, own = own_entry("plain")
    page.add_init_script("window.Worker = class { constructor() { throw new TypeError(); } };")
    page.goto("/undian/periksa/")
    _fill(page, own)
    expect(page.locator("#check-result h2")).to_contain_text("benar")
    page.goto("/undian/hitung/#12")
    page.click("#recompute-start")
    expect(page.locator("[data-module=recompute] .notice")).to_contain_text("1.000 peserta")


def test_a_false_result_is_found_in_the_browser(page: Page, published: Path) -> None:
    true = (published / "results.bin").read_bytes()
    (published / "results.bin").write_bytes(bytes([true[0] ^ 1]) + true[1:])
    try:
        page.goto("/undian/hitung/#12")
        page.click("#recompute-start")
        expect(page.locator("[data-module=recompute] .notice")).to_contain_text(
            "FAILED results: results_root"
        )
    finally:
        (published / "results.bin").write_bytes(true)


def test_the_three_commands_of_the_page_check_the_wave(
    page: Page, api: FakeApi, published: Path, tmp_path: Path
) -> None:
    api.waves = [wave(12, "announced", -9, -8, entries=1000)]
    page.goto("/undian/12/")
    expect(page.locator("#commands")).to_contain_text("verify.py")
    fetch, install, check = page.inner_text("#commands").splitlines()
    assert install == "python3 -m pip install cryptography py_ecc"
    subprocess.run(fetch.split(), cwd=tmp_path, check=True, capture_output=True)
    command = [sys.executable, *check.split()[1:]]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "keys pinned"


def test_chances_by_family_size_are_those_of_the_draw(page: Page, built: Path) -> None:
    page.goto("/undian/11/")
    folder = f"/aset/{next((built / 'aset').iterdir()).name}/"
    said = page.evaluate(
        "async (folder) => { const joined = await import(`${folder}modules/undian-gelombang.js`);"
        " return [1, 2, 3, 5].map((size) => joined.$chances.chances(size, 0.3, 2)); }",
        folder,
    )
    choice = random.Random(4)
    for size, told in zip((1, 2, 3, 5), said, strict=True):
        drawn = [sum(choice.random() < 0.3 for _ in range(size)) for _ in range(20_000)]
        some = sum(one > 0 for one in drawn) / len(drawn)
        each = sum(min(one, 2) for one in drawn) / len(drawn) / size
        assert abs(told["one"] - some) < 0.02 and abs(told["each"] - each) < 0.02
    assert said[0] == {"one": pytest.approx(0.3), "each": pytest.approx(0.3)}


def test_the_public_file_is_short_and_runs_on_old_pythons() -> None:
    import ast

    source = (ROOT / "site" / "undian" / "verify.py").read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 600
    tree = ast.parse(source, feature_version=(3, 8))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported - set(sys.stdlib_module_names) == {"cryptography", "py_ecc"}
    for newer in ("removeprefix", "removesuffix", "strict=", "itertools.pairwise", "bit_count"):
        assert newer not in source
