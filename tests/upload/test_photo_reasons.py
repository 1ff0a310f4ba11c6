"""Good photos are accepted; each defect is refused with its own reason first."""

import pytest
from PIL import Image

from functions.upload.photo import measure
from functions.upload.photo.finder import find_card
from functions.upload.photo.judge import judge
from functions.upload.photo.limits import LIMITS
from functions.upload.photo.verdict import REASONS, Finding, verdict_of
from local.cards.person import invented_person
from local.cards.render import blank_in_the_dark
from local.cards.samples import SAMPLES, SEED
from tests.upload.photo_files import CLEAR, encoded, ktp, nik_on, opened, selfie


@pytest.mark.parametrize("seed", [0, 3, 7, 14])
def test_a_good_card_is_accepted_and_its_number_read(seed: int) -> None:
    verdict = judge(ktp(seed), "ktp", nik_on(seed))
    assert verdict.accepted and verdict.reasons == () and verdict.clean is not None
    assert verdict.nik == nik_on(seed)


@pytest.mark.parametrize("seed", range(3))
def test_a_good_selfie_is_accepted(seed: int) -> None:
    verdict = judge(selfie(seed), "selfie")
    assert verdict.accepted and verdict.reasons == ()


@pytest.mark.parametrize("seed", [3, 7])
@pytest.mark.parametrize(
    ("variation", "reason"),
    [
        ("dark", "too_dark"),
        ("blank", "not_ktp"),
        ("blurred", "blurred"),
        ("cropped", "cropped"),
        ("grey", "photocopy"),
        ("tiny", "too_small"),
    ],
)
def test_a_bad_card_photo_is_refused_for_its_defect_alone(variation, reason, seed) -> None:
    verdict = judge(ktp(seed, variation), "ktp", nik_on(seed))
    assert not verdict.accepted
    assert verdict.reasons == (reason,)


@pytest.mark.parametrize(
    ("variation", "reason"),
    [
        ("dark", "too_dark"),
        ("blank", "no_face"),
        ("blurred", "blurred"),
        ("tiny", "too_small"),
        ("no_face", "no_face"),
        ("no_card", "no_card"),
    ],
)
def test_a_bad_selfie_is_refused_for_its_defect(variation, reason) -> None:
    assert judge(selfie(CLEAR, variation), "selfie").reasons[0] == reason


def test_a_grey_selfie_is_not_called_a_photocopy() -> None:
    assert "photocopy" not in judge(selfie(CLEAR, "grey"), "selfie").reasons


@pytest.mark.parametrize(("typed", "digits"), [("3171010101909555", None), ("last digit", 1)])
def test_a_number_that_is_not_the_forms_is_refused_and_never_corrected(typed, digits) -> None:
    nik = nik_on()
    if digits == 1:
        typed = nik[:-1] + str((int(nik[-1]) + 1) % 10)
    verdict = judge(ktp(), "ktp", typed)
    assert verdict.reasons == ("nik_mismatch",)
    assert verdict.nik == nik
    assert verdict.details["nik_mismatch"]["digits"] == digits or digits is None


@pytest.mark.parametrize(
    "turn", [Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270]
)
def test_a_card_that_lies_any_way_round_is_read(turn) -> None:
    lying = encoded(opened(ktp()).transpose(turn), "JPEG", quality=90)
    assert judge(lying, "ktp").nik == nik_on()


def test_a_blank_picture_in_the_dark_is_too_dark_for_either_kind() -> None:
    photo = blank_in_the_dark(1)
    assert judge(photo, "ktp").reasons == ("too_dark",)
    assert judge(photo, "selfie").reasons == ("too_dark",)


def test_a_well_lit_card_on_a_black_table_is_accepted() -> None:
    scene = opened(ktp()).resize((1000, 750))
    table = scene.resize((2400, 1800)).point(lambda value: value // 20)
    table.paste(scene, (700, 500))
    median = measure.luma_percentiles(measure.view_of(table), 50)[0]
    assert median < LIMITS.dark_median_luma
    assert judge(encoded(table, "JPEG"), "ktp").accepted


def test_a_tight_crop_around_the_whole_card_is_accepted() -> None:
    whole = opened(ktp())
    card = find_card(whole).card
    assert card is not None
    left, top = card.corners.min(axis=0) - 0.02 * card.width
    right, bottom = card.corners.max(axis=0) + 0.02 * card.width
    crop = whole.crop((int(left), int(top), int(right), int(bottom)))
    assert judge(encoded(crop, "JPEG"), "ktp").accepted


def test_a_small_card_in_a_large_picture_is_read_at_full_scale() -> None:
    near = opened(ktp())
    wide = Image.new("RGB", (4000, 3000), (96, 84, 70))
    wide.paste(near.resize((1120, 840)), (1700, 1300))
    photo = encoded(wide, "JPEG", quality=88)
    assert judge(photo, "ktp").nik == nik_on()


def test_a_file_of_the_limit_passes_and_one_byte_more_is_too_large() -> None:
    photo = ktp().ljust(LIMITS.max_bytes, b"\0")
    assert judge(photo, "ktp").accepted
    verdict = judge(photo + b"\0", "ktp")
    assert verdict.reasons == ("too_large",)
    assert verdict.details == {"too_large": {"limit": 2_000_000}}


def test_a_refused_photo_that_could_be_decoded_has_a_clean_copy_for_the_reviewer() -> None:
    assert judge(ktp(CLEAR, "blurred"), "ktp").clean is not None
    assert judge(b"text", "ktp").clean is None


def test_reasons_are_listed_worst_first() -> None:
    shuffled = verdict_of([Finding(code) for code in reversed(REASONS)], millis={})
    assert shuffled.reasons == REASONS


@pytest.mark.parametrize("variation", ["dark", "blurred", "cropped", "grey", "tiny"])
def test_parameters_are_whole_numbers_and_words(variation) -> None:
    for parameters in judge(ktp(CLEAR, variation), "ktp").details.values():
        assert parameters and all(isinstance(value, int | str) for value in parameters.values())


def test_the_same_bytes_have_the_same_verdict_and_the_caller_gives_the_clock() -> None:
    ticks = iter(range(100))
    first = judge(ktp(), "ktp", nik_on(), cpu_seconds=lambda: next(ticks))
    ticks = iter(range(100))
    assert first == judge(ktp(), "ktp", nik_on(), cpu_seconds=lambda: next(ticks))
    stages = ("decode", "frame", "find", "card", "read", "surface", "texture", "clean")
    assert first.millis == dict.fromkeys(stages, 1000.0)


@pytest.mark.parametrize(("kind", "nik"), [("passport", None), ("ktp", "123"), ("ktp", "x" * 16)])
def test_a_callers_mistake_is_an_error_and_not_a_verdict(kind, nik) -> None:
    with pytest.raises(ValueError):
        judge(ktp(), kind, nik)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.file_name)
def test_every_sample_of_the_local_page_does_what_its_label_says(sample) -> None:
    nik = invented_person(SEED).nik if sample.kind == "ktp" else None
    promised = "accepted" if "diterima" in sample.indonesian else "refused"
    assert promised in sample.english
    assert judge(sample.make(), sample.kind, nik).accepted is (promised == "accepted")
