"""The whole way from the start page to the receipt, with the keys alone, noting what happens.

`test_keyboard.py` asserts what was noted; `reading.py` counts what was read and typed.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from PIL import Image
from playwright.sync_api import FilePayload, Page

from tests.site.fake_api import STORAGE, FakeApi, at, receipt, the_test

FARTHEST = 60
# What is typed and must stay nowhere, and the cookie that stands for the session.
SECRETS = {
    "password": "kuda laut biru",
    "code of the mail": "918273",
    "code of the SMS": "604815",
    "session": "5e55107e" * 8,
    "salt of the receipt": receipt(12)["salt"],
}
NIK, KK = "3171015702959001", "3171015702959002"
PERSONAL = {"NIK": NIK, "KK": KK, "address": "sari@contoh.id", "number": "81234567890"}

# What Tab should come to; of radios with one name, one.
CONTROLS = """() => {
  const all = document.querySelectorAll(
    "a[href], button, input, select, textarea, summary, [tabindex='0']");
  const kinds = new Set();
  window.controls = [...all].filter((one) => {
    if (!one.checkVisibility({ visibilityProperty: true }) || one.disabled) return false;
    if (one.type !== "radio") return true;
    const first = !kinds.has(one.name);
    kinds.add(one.name);
    return first;
  });
  window.told = (one) => `${one.tagName.toLowerCase()} ${one.id || one.name || one.textContent}`;
  return window.controls.length;
}"""
# The control with the focus; a field that lies over its button shows it by that button.
STOP = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const shown = one.closest(".pick") || one;
  const style = getComputedStyle(shown);
  const { top, bottom } = shown.getBoundingClientRect();
  return {
    place: controls.findIndex((c) => c === one || (c.type === "radio" && c.name === one.name)),
    what: told(one),
    outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    in_view: bottom > 0 && top < innerHeight,
  };
}"""
LEFT_OUT = "(places) => controls.filter((one, place) => !places.includes(place)).map(told)"
KEPT = "() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])"
READ = """() => {
  const lines = [];
  const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const { data, parentElement: holder } = texts.currentNode;
    if (holder.closest("option") || !data.trim() || !holder.checkVisibility()) continue;
    lines.push(data.trim());
  }
  return lines;
}"""


@dataclass
class Station:
    """One page on the way: what could be read, what was typed and pressed, where Tab came."""

    address: str
    read: list[str] = field(default_factory=list)
    appeared: list[str] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)
    lists: list[list[str]] = field(default_factory=list)
    presses: int = 0
    stops: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    came_out: bool = False


class Walker:
    """A person at the keys. `home` is the start page of a language."""

    def __init__(self, page: Page, home: str = "/", looks_around: bool = True):
        self.page = page
        self.home = home
        self.looks_around = looks_around
        self.stations: list[Station] = []
        self.took_focus: list[str] = []
        self.kept: list[str] = []
        self.asked: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))

    def arrive(self, path: str, ready: str = "main") -> None:
        """Be on a page, read it, and go round it with Tab once."""
        self.page.wait_for_url(f"**{self.home}{path}")
        self.page.wait_for_selector("main [aria-busy]", state="detached")
        self.page.wait_for_selector(ready)
        self.stations.append(Station(path, self.page.evaluate(READ)))
        self.look()
        if self.looks_around:
            self._go_round()

    def look(self) -> None:
        """Read what is new, and see what the browser keeps."""
        here = self.stations[-1]
        known = {*here.read, *here.appeared}
        here.appeared += [line for line in self.page.evaluate(READ) if line not in known]
        self.kept.append(self.page.evaluate(KEPT))

    def reach(self, selector: str) -> None:
        """Press Tab until the control has the focus; fails when Tab does not come to it."""
        for _ in range(FARTHEST):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
                return
        raise AssertionError(f"Tab does not reach {selector} on {self.page.url}")

    def press(self, selector: str, key: str = "Enter") -> None:
        """Go to a control and press a key on it."""
        self.reach(selector)
        self.stations[-1].presses += 1
        self.look()
        self.page.keyboard.press(key)

    def write(self, selector: str, text: str) -> None:
        """Go to a field and type."""
        self.reach(selector)
        self.stations[-1].typed.append(text)
        self.page.keyboard.type(text)

    def choose(self, selector: str) -> None:
        """Go to a list and choose what stands first in it."""
        self.page.wait_for_selector(f"{selector} option:nth-child(2)", state="attached")
        self.reach(selector)
        options = self.page.locator(f"{selector} option").all_text_contents()
        self.stations[-1].lists.append(options[1:])
        self.page.keyboard.press("ArrowDown")

    def meet(self, selector: str) -> None:
        """Have the focus led to what has just appeared."""
        self.page.wait_for_selector(f"{selector}:focus")
        self.took_focus.append(selector)
        self.look()

    def _go_round(self) -> None:
        here = self.stations[-1]
        controls = self.page.evaluate(CONTROLS)
        for _ in range(controls + 2):
            self.page.keyboard.press("Tab")
            stop = self.page.evaluate(STOP)
            if stop is None or (here.stops and stop["place"] == here.stops[0]["place"]):
                here.came_out = True
                break
            here.stops.append(stop)
        here.left_out = self.page.evaluate(LEFT_OUT, [stop["place"] for stop in here.stops])


def a_newcomer(api: FakeApi) -> None:
    """The API of someone who has nothing yet, and for whom everything goes well."""
    api.ready = set()
    api.person["declaration"] = None

    def done(step: str, answer: Any = None, status: int = 200) -> Callable[[Any], tuple[int, Any]]:
        def answered(_: Any) -> tuple[int, Any]:
            api.ready.add(step)
            return status, {**(answer or {}), "missing": api.missing()}

        return answered

    sent = {
        "phone": "+62•••••••890",
        "next_at": at(minutes=1),
        "tries_left": 5,
        "server_time": at(),
    }

    def identity_and_profile(body: Any) -> tuple[int, Any]:
        api.ready |= {"identity"} | ({"profile"} if "profile" in body else set())
        return 200, {"warnings": [], "missing": api.missing()}

    result = {"passed": True, "score": 15, "of": 20, "pass_mark": 12, "tries_left": 0}
    permit = {"url": f"{STORAGE}/incoming", "fields": {"key": "k"}, "expires_at": at(minutes=5)}
    verdict = {"state": "accepted", "reasons": [], "details": {}, "review": [], "by_person": False}
    for kind in ("ktp", "selfie"):
        told = {**verdict, "photo": kind, "kind": kind, "created_at": at(), "decided_at": at()}
        api.answers["GET", f"upload/photos/{kind}"] = done(kind, {**told, "may_review": False})
    api.answers.update(
        {
            ("POST", "verify/email/confirm"): done("email", {"confirmed": True}),
            ("POST", "verify/phone"): (202, sent),
            ("POST", "verify/phone/confirm"): done("phone"),
            ("PUT", "verify/identity"): identity_and_profile,
            ("POST", "upload/photos"): lambda body: (201, {**permit, "photo": body["kind"]}),
            ("PUT", "verify/declaration"): done("declaration"),
            ("POST", "verify/test"): (201, the_test("open", {str(n): 1 for n in range(1, 20)})),
            ("PUT", "verify/test/answers/20"): (204, None),
            ("POST", "verify/test/submit"): done("test", {**result, "next_at": None}),
            ("POST", "select/waves/12/entry"): (201, {"receipt": receipt(12), "exclusions": []}),
        }
    )


def to_the_dashboard(walker: Walker, mistakes: bool = True) -> None:
    """Account, mail, log-in."""
    walker.page.goto(walker.home)
    walker.arrive("", "main .box h3")
    walker.press(f'a.button[href="{walker.home}daftar/"]')
    walker.arrive("daftar/")
    if mistakes:
        walker.press("main [type=submit]")
        walker.meet(".summary")
        walker.press(".summary a")
        walker.meet("#name")
        walker.page.keyboard.press("Shift+Tab")
    walker.write("#name", "Sari Contoh")
    walker.write("#email", PERSONAL["address"])
    walker.write("#password", SECRETS["password"])
    walker.press("main [type=submit]")
    walker.arrive("daftar/email/")
    walker.write("#code", SECRETS["code of the mail"])
    walker.press("#code-form [type=submit]")
    walker.meet("#done")
    walker.press(f'#done a[href="{walker.home}masuk/"]')
    walker.arrive("masuk/")
    walker.write("#email", PERSONAL["address"])
    walker.write("#password", SECRETS["password"])
    walker.press("main [type=submit]")
    walker.arrive("dasbor/", ".box.main a.button")
    walker.press(".box.main a.button")


def to_the_photos(walker: Walker) -> None:
    """Number, identity, personal data, reading them back."""
    walker.arrive("hp/")
    walker.write("#phone", f"0{PERSONAL['number']}")
    walker.press("main [type=submit]")
    walker.arrive("hp/otp/")
    walker.write("#code", SECRETS["code of the SMS"])
    walker.press("main [type=submit]")
    walker.arrive("data/nik/")
    birth = {"#birth-date": "17", "#month": "2", "#year": "1995"}
    for selector, text in {"#nik": NIK, "#kk": KK, **birth}.items():
        walker.write(selector, text)
    walker.press("input[name=sex]", "Space")
    walker.press("main [type=submit]")
    walker.arrive("data/diri/")
    for part in ("province", "regency", "district"):
        walker.choose(f"#address-{part}")
    walker.write("#address-village", "Melati")
    walker.write("#address-street", "Jalan Melati 5, RT 02/RW 03")
    walker.choose("#education")
    walker.choose("#marital")
    walker.write("#dependants", "1")
    walker.choose("#employment")
    walker.choose("#topic")
    walker.press("main [type=submit]")
    walker.arrive("data/periksa/", "#identity dd")
    walker.press("main [type=submit]")


def to_the_receipt(walker: Walker, mistakes: bool = True) -> None:
    """Two photos, declaration, test, joining."""
    for kind in ("ktp", "selfie"):
        walker.arrive(f"foto/{kind}/")
        with walker.page.expect_file_chooser() as chooser:
            walker.press("#pick")
        chooser.value.set_files(_photo())
        walker.page.wait_for_selector("#send:visible")
        walker.press("#send")
        walker.meet("#verdict")
        walker.press("#next a")
    walker.arrive("pernyataan/")
    for name in ("in_education", "official"):
        walker.press(f"input[name={name}]", "ArrowDown")
    for name in ("employment", "truthful", "consent"):
        walker.press(f"input[name={name}]", "Space")
    walker.press("main [type=submit]")
    walker.arrive("tes/", "#start:visible")
    walker.press("#start")
    walker.meet("#count")
    walker.press("input[name=choice]", "Space")
    walker.press("#answer [type=submit]")
    walker.meet("#overview h2")
    walker.press("#submit")
    walker.meet("#result")
    walker.press("#result a.button")
    walker.arrive("gelombang/", "#consent-12")
    if mistakes:
        walker.press("main [type=submit]")
        walker.meet(".summary")
    walker.press("#consent-12", "Space")
    walker.press("main [type=submit]")
    walker.meet("#receipt")


def _photo() -> FilePayload:
    """One that the phone does not doubt."""
    buffer = io.BytesIO()
    Image.effect_noise((1400, 900), 60).convert("RGB").save(buffer, "JPEG")
    return {"name": "foto.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}
