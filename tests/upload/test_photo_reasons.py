"""Good photos are accepted; each defect is refused with its own reason first."""

import pytest

from functions.upload.photo import measure
from functions.upload.photo.judge import judge
from functions.upload.photo.limits import LIMITS
from functions.upload.photo.verdict import REASONS, Finding, verdict_of
from local.cards.render import blank_in_the_dark
from local.cards.samples import SAMPLES
from tests.upload.photo_files import card_image, encoded, ktp, opened, selfie

NIK = "3201014502909123"


@pytest.mark.parametrize("seed", range(20))
def test_a_good_card_is_accepted(seed: int) -> None:
    verdict = judge(ktp(seed), "ktp")
    assert verdict.accepted and verdict.reasons == () and verdict.clean is not None


@pytest.mark.parametrize("seed", range(10))
def test_a_good_selfie_is_accepted(seed: int) -> None:
    verdict = judge(selfie(seed), "selfie")
    assert verdict.accepted and verdict.reasons == ()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("variation", "reason"),
    [
        ("dark", "too_dark"),
        ("blank", "not_ktp"),
        ("blurred", "blurred"),
        ("grey", "photocopy"),
        ("tiny", "too_small"),
    ],
)
def test_a_bad_card_photo_is_refused_for_its_defect_alone(variation, reason, seed) -> None:
    verdict = judge(ktp(seed, variation), "ktp")
    assert not verdict.accepted
    assert verdict.reasons == (reason,)


@pytest.mark.parametrize(
    ("variation", "reason"),
    [("dark", "too_dark"), ("blank", "no_face"), ("blurred", "blurred"), ("tiny", "too_small")],
)
def test_a_bad_selfie_is_refused_for_its_defect_alone(variation, reason) -> None:
    assert judge(selfie(1, variation), "selfie").reasons == (reason,)


def test_a_grey_selfie_is_not_called_a_photocopy() -> None:
    assert judge(selfie(1, "grey"), "selfie").accepted


def test_a_blank_picture_in_the_dark_is_too_dark_for_either_kind() -> None:
    photo = blank_in_the_dark(1)
    assert judge(photo, "ktp").reasons == ("too_dark",)
    assert judge(photo, "selfie").reasons == ("too_dark",)


def test_a_well_lit_card_on_a_black_table_is_accepted() -> None:
    scene = card_image().resize((700, 525))
    table = scene.resize((1600, 1200)).point(lambda value: value // 20)
    table.paste(scene, (450, 330))
    median = measure.luma_percentiles(measure.view_of(table), 50)[0]
    assert median < LIMITS.dark_median_luma
    assert judge(encoded(table, "JPEG"), "ktp").accepted


def test_one_sharp_part_is_enough_not_to_be_called_blurred() -> None:
    scene = opened(ktp(1, "blurred"))
    scene.paste(card_image().resize((400, 300)), (100, 100))
    assert judge(encoded(scene, "JPEG"), "ktp").accepted


def test_a_tight_crop_of_a_legible_card_is_not_too_small() -> None:
    crop = opened(ktp(1)).resize((640, 480)).crop((0, 40, 640, 444))
    assert judge(encoded(crop, "JPEG"), "ktp").accepted


def test_a_file_of_the_limit_passes_and_one_byte_more_is_too_large() -> None:
    photo = ktp().ljust(LIMITS.max_bytes, b"\0")
    assert judge(photo, "ktp").accepted
    verdict = judge(photo + b"\0", "ktp")
    assert verdict.reasons == ("too_large",)
    assert verdict.details == {"too_large": {"limit": 2_000_000}}


def test_a_refused_photo_that_could_be_decoded_has_a_clean_copy_for_the_reviewer() -> None:
    assert judge(ktp(1, "blurred"), "ktp").clean is not None
    assert judge(b"text", "ktp").clean is None


def test_reasons_are_listed_worst_first_with_whole_numbers_as_parameters() -> None:
    small = opened(ktp(1, "grey")).resize((320, 240)).resize((300, 225))
    verdict = judge(encoded(small, "JPEG"), "ktp")
    assert verdict.reasons == ("photocopy", "too_small")
    assert verdict.details["photocopy"]["limit_percent"] == 6
    assert verdict.details["too_small"]["width"] == 300
    for parameters in verdict.details.values():
        assert all(isinstance(value, int) for value in parameters.values())
    shuffled = verdict_of([Finding(code) for code in reversed(REASONS)], millis={})
    assert shuffled.reasons == REASONS


def test_the_same_bytes_have_the_same_verdict_and_the_caller_gives_the_clock() -> None:
    ticks = iter(range(100))
    first = judge(ktp(), "ktp", NIK, cpu_seconds=lambda: next(ticks))
    ticks = iter(range(100))
    assert first == judge(ktp(), "ktp", NIK, cpu_seconds=lambda: next(ticks))
    assert first.millis == {"decode": 1000.0, "checks": 1000.0, "clean": 1000.0}


@pytest.mark.parametrize(("kind", "nik"), [("passport", None), ("ktp", "123"), ("ktp", "x" * 16)])
def test_a_callers_mistake_is_an_error_and_not_a_verdict(kind, nik) -> None:
    with pytest.raises(ValueError):
        judge(ktp(), kind, nik)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.file_name)
def test_every_sample_of_the_local_page_does_what_its_label_says(sample) -> None:
    promised = "accepted" if "diterima" in sample.indonesian else "refused"
    assert promised in sample.english
    assert judge(sample.make(), sample.kind).accepted is (promised == "accepted")
