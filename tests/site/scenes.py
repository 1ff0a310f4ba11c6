"""What is shown in docs/screens: each picture's page, how things stand, what was done before."""

from __future__ import annotations

from dataclasses import dataclass

from tests.site import states


@dataclass(frozen=True)
class Scene:
    """One picture: its name, the page, how things stand, and what is done before."""

    name: str
    path: str
    words: str
    given: states.Set = states.nothing
    act: states.Act = states.stay
    dark: bool = False
    script: bool = True


LOWER = states.to("h2")
SECOND_BOX = states.to(".box + .box")

SCENES: dict[str, tuple[Scene, ...]] = {
    "Before one begins": (
        Scene("start", "", "the start page"),
        Scene("start-dates", "", "waves and dates", act=LOWER),
        Scene("start-planned", "", "a wave that opens later", states.only_planned, LOWER),
        Scene("start-none", "", "no wave announced", states.no_waves, LOWER),
        Scene("start-failing", "", "the service does not answer", states.failing, LOWER),
        Scene("start-need", "", "what one needs", act=states.to("h2:has(+ ul)")),
        Scene("start-dark", "", "in the dark", dark=True),
    ),
    "Account": (
        Scene("register", "daftar/", "creating an account"),
        Scene("register-errors", "daftar/", "what is missing, named", act=states.press),
        Scene(
            "register-typo",
            "daftar/",
            "a slip pointed out",
            act=states.filled(email="sari@gmial.com"),
        ),
        Scene("register-no-script", "daftar/", "without JavaScript", script=False),
        Scene("email", "daftar/email/", "the mail is awaited", act=states.registered),
        Scene(
            "email-returned",
            "daftar/email/",
            "the mail came back",
            states.mail_returned,
            states.registered,
        ),
        Scene("email-help", "daftar/email/", "the mail does not come", act=LOWER),
        Scene("email-link", "daftar/email/", "by the mail's link", act=states.linked),
        Scene(
            "email-done",
            "daftar/email/",
            "the address is proved",
            states.confirmed,
            states.filled("#done", email="sari@contoh.id", code="123456"),
        ),
        Scene("login", "masuk/", "logging in"),
        Scene("forgot", "masuk/lupa/", "a forgotten password"),
        Scene(
            "forgot-sent",
            "masuk/lupa/",
            "the mail is on its way",
            states.confirmed,
            states.filled("#sent", email="sari@contoh.id"),
        ),
        Scene("reset", "masuk/sandi/", "a new password", act=states.linked),
        Scene("change-password", "masuk/ganti/", "another password"),
        Scene("change-email", "masuk/email/", "another address"),
        Scene("stop-recovery", "masuk/bukan/", "it was not me", act=states.linked),
    ),
    "Number and data": (
        Scene("phone", "hp/", "the phone number", states.new),
        Scene("phone-change", "hp/", "another number"),
        Scene("code", "hp/otp/", "the code of the SMS", states.sms),
        Scene("code-help", "hp/otp/", "what became of the SMS", states.sms, LOWER),
        Scene("nik", "data/nik/", "numbers shown in fours", states.new, states.in_fours),
        Scene("nik-locked", "data/nik/", "not while in a wave", states.locked),
        Scene("profile", "data/diri/", "personal data", states.missing),
        Scene("profile-about", "data/diri/", "about oneself", states.missing, LOWER),
        Scene("read-back", "data/periksa/", "everything read back", act=states.read_back),
    ),
    "Photos": (
        Scene("photo", "foto/ktp/", "the photo of the card", states.missing),
        Scene("photo-refused", "foto/ktp/", "refused, with reason and advice", states.REFUSED),
        Scene("photo-refused-twice", "foto/ktp/", "a person may look", states.REFUSED_TWICE),
        Scene("photo-review", "foto/ktp/", "a person looks", states.in_review),
        Scene("photo-accepted", "foto/ktp/", "accepted", states.photo("accepted")),
        Scene("selfie", "foto/selfie/", "the photo with the card", states.missing),
    ),
    "Declaration and test": (
        Scene("declaration", "pernyataan/", "the declaration"),
        Scene("consent", "pernyataan/", "consent", act=states.to("[data-field=employment]")),
        Scene("test", "tes/", "the test, before it"),
        Scene("test-question", "tes/", "one question", states.test("open", {"1": 2})),
        Scene("test-overview", "tes/", "before finishing", states.test("open", states.ANSWERED)),
        Scene("test-passed", "tes/", "passed", states.test("passed", score=15)),
        Scene(
            "test-failed",
            "tes/",
            "another try",
            states.FAILED_ONCE,
        ),
    ),
    "A wave": (
        Scene("join", "gelombang/", "joining a wave"),
        Scene("join-missing", "gelombang/", "not ready yet", states.missing),
        Scene("join-none", "gelombang/", "no wave is open", states.only_planned),
        Scene("receipt", "gelombang/", "joined, with the receipt", states.joins, states.join),
        Scene("dashboard", "dasbor/", "what is missing", states.missing),
        Scene("dashboard-ready", "dasbor/", "ready to join"),
        Scene("dashboard-mail", "dasbor/", "mail does not arrive", states.unreachable),
        Scene("dashboard-dark", "dasbor/", "in the dark", states.missing, dark=True),
        Scene("readiness", "dasbor/", "the list of steps", states.missing, states.to(".marks")),
        Scene("joined", "dasbor/", "joined", states.phase("open"), SECOND_BOX),
        Scene("waiting", "dasbor/", "after the close", states.phase("closed"), SECOND_BOX),
        Scene("record", "dasbor/", "one's record on the list", states.OBJECTING, states.to("h3")),
        Scene("objection", "dasbor/", "objecting", states.OBJECTING, states.objecting),
    ),
    "The outcome": (
        Scene("selected", "dasbor/", "selected", states.outcome("selected", 321), SECOND_BOX),
        Scene("reserve", "dasbor/", "on reserve", states.outcome("reserve", 4_210), SECOND_BOX),
        Scene(
            "not-selected",
            "dasbor/",
            "not selected, with the rank",
            states.outcome("not_selected", 5_321),
            SECOND_BOX,
        ),
        Scene(
            "family-limit",
            "dasbor/",
            "two of the family are",
            states.outcome("family_limit", 3_210),
            SECOND_BOX,
        ),
        Scene(
            "excluded",
            "dasbor/",
            "not in the draw, with the reason",
            states.outcome("excluded", None, ("under_age",)),
            SECOND_BOX,
        ),
        Scene(
            "removed",
            "dasbor/",
            "a place taken back",
            states.outcome("selected", 321, removed_for="no_training_bought"),
            SECOND_BOX,
        ),
        Scene("my-data", "data/saya/", "one's own data"),
        Scene("my-data-leave", "data/saya/", "leaving", states.contested, states.to("#waves")),
        Scene("contested", "data/saya/", "someone used my NIK", states.contested),
    ),
    "The draw for everyone": (
        Scene("draw", "undian/", "how the draw works"),
        Scene("draw-steps", "undian/", "step by step", act=states.to(".steps")),
        Scene("draw-limits", "undian/", "what it cannot do", act=LOWER),
        Scene("wave", "undian/12/", "a wave that was drawn", states.drawn),
        Scene(
            "wave-chances", "undian/12/", "chances of a family", states.drawn, states.to("#family")
        ),
        Scene("wave-files", "undian/12/", "the public files", states.drawn, states.to("#files")),
        Scene("recompute", "undian/hitung/", "computed again", act=states.recomputed),
        Scene("check", "undian/periksa/", "checking one's own proof"),
        Scene("check-holds", "undian/periksa/", "it holds", act=states.proof()),
        Scene(
            "check-fails", "undian/periksa/", "it does not", act=states.proof(states.NUMBERS["nik"])
        ),
    ),
    "Around it": (
        Scene("status", "status/", "figures of the service"),
        Scene("status-photos", "status/", "photos and reasons", act=states.to("table")),
        Scene("status-stale", "status/", "figures that are too old", states.stale),
        Scene("help", "bantuan/", "help with search"),
        Scene("help-found", "bantuan/", "found", act=states.searched),
        Scene("advice", "bantuan/", "how a photo should look", act=states.to("#photo")),
        Scene("privacy", "privasi/", "personal data"),
        Scene("offline", "luring/", "without a network"),
        Scene("waiting-room", "tunggu/", "too many at once"),
        Scene("not-found", "404.html", "no such page"),
    ),
}
