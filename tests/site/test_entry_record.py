"""The dashboard after the roster is published: one's record, the objection to it, its answer."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from tests.site.fake_api import FakeApi, at, entry, error, wave

RECORD = {"status": 0, "group": 77, "room": 1, "pool": 1, "pool_name": "timur", "shared_by": 3}


def published(api: FakeApi, **more: Any) -> dict[str, Any]:
    """An entry in a wave whose roster is public."""
    api.waves = [wave(12, "roster_published", -3, -1)]
    given = {"record": {**RECORD, "reasons": []}, "objection_until": at(hours=5), **more}
    api.entries = [{**entry(12, "roster_published"), **given}]
    return api.entries[0]


def objection(state: str, **more: Any) -> dict[str, Any]:
    return {
        "state": state,
        "reason": "wrong_family",
        "text": "KK saya bukan itu.",
        "objected_at": at(hours=-1),
        "answered_at": None,
        "answer": None,
        "sentence": None,
        **more,
    }


def test_the_record_says_what_is_shared_and_with_how_many(page: Page, api: FakeApi) -> None:
    published(api)
    page.goto("/dasbor/")
    main = page.locator("main")
    expect(main).to_contain_text("Ikut diundi")
    expect(main).to_contain_text("3 peserta dari Kartu Keluarga Anda berbagi 1 tempat")
    expect(main).to_contain_text("timur")
    page.goto("/en/dasbor/")
    told = "3 entries of your family card; places that they share: 1"
    expect(page.locator("main")).to_contain_text(told)


def test_an_objection_is_sent_once_and_shown(page: Page, api: FakeApi) -> None:
    published(api)
    api.answers["POST", "select/entries/12/objection"] = (201, objection("waiting"))
    page.goto("/dasbor/")
    page.get_by_text("Catatan ini keliru?").click()
    send = page.get_by_role("button", name="Kirim keberatan")
    send.click()
    expect(page.locator("main")).to_contain_text("Pilih apa yang keliru dan jelaskan")
    page.get_by_label("Apa yang keliru").select_option("wrong_family")
    page.get_by_label("Jelaskan dengan singkat").fill("KK saya bukan itu.")
    send.click()
    expect(page.locator("main")).to_contain_text("Keberatan Anda sedang diperiksa petugas.")
    expect(send).to_have_count(0)
    assert api.asked("POST", "select/entries/12/objection") == [
        {"reason": "wrong_family", "text": "KK saya bukan itu."}
    ]


def test_a_refused_objection_keeps_the_words(page: Page, api: FakeApi) -> None:
    published(api)
    api.answers["POST", "select/entries/12/objection"] = error(409, "objection_over")
    page.goto("/dasbor/")
    page.get_by_text("Catatan ini keliru?").click()
    page.get_by_label("Apa yang keliru").select_option("other")
    page.get_by_label("Jelaskan dengan singkat").fill("Salah.")
    page.get_by_role("button", name="Kirim keberatan").click()
    expect(page.locator("main")).to_contain_text("Waktu untuk mengajukan keberatan sudah lewat.")
    expect(page.get_by_label("Jelaskan dengan singkat")).to_have_value("Salah.")


def test_an_exclusion_is_told_with_its_reason_and_an_answer_with_its_note(
    page: Page, api: FakeApi
) -> None:
    record = {**RECORD, "status": 1, "reasons": ["blacklisted"]}
    answered = {"answer": "record_right", "sentence": "Sudah dicocokkan.", "answered_at": at()}
    published(api, record=record, objection=objection("dismissed", **answered))
    page.goto("/dasbor/")
    main = page.locator("main")
    expect(main).to_contain_text("Tidak ikut diundi")
    expect(main).to_contain_text("Anda masuk daftar yang tidak dapat ikut")
    expect(main).to_contain_text("Keberatan Anda tidak diterima.")
    expect(main).to_contain_text("sesuai dengan data")
    expect(main).to_contain_text("Catatan petugas: Sudah dicocokkan.")
    expect(page.get_by_text("Catatan ini keliru?")).to_have_count(0)


def test_a_place_taken_back_and_one_that_moved_up_are_told(page: Page, api: FakeApi) -> None:
    figures = {"rank": 5, "last_rank_open": 4, "last_rank_pool": None, "quota": 4, "entries": 9}
    outcome = {"outcome": "selected", "reasons": [], "pool": None, **figures}
    moved = {**outcome, "promoted_at": "2027-01-05T05:00:00Z", "removed_for": None}
    gone = {**outcome, "promoted_at": None, "removed_for": "declined"}
    api.entries = [entry(11, "announced", moved), entry(10, "announced", gone)]
    page.goto("/dasbor/")
    main = page.locator("main")
    expect(main).to_contain_text("Anda naik dari cadangan pada Selasa, 5 Januari 2027")
    expect(main).to_contain_text("Tempat Anda di gelombang ini telah dicabut.")
    expect(main).to_contain_text("Anda menyatakan tidak menerima bantuan ini.")
