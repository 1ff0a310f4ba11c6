"""A photo has arrived: judged once, bound to its version, whatever order events come in."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from functions.upload.checking import check_photo
from functions.upload.photo.verdict import Verdict
from functions.upload.worker import arrivals, handle_batch
from tests.fakes import fake_runtime

APPLICANT, PHOTO = "a" * 32, "f" * 32
KEY = f"{APPLICANT}/{PHOTO}"
GOOD = Verdict(True, clean=b"clean copy")
DARK = Verdict(False, ("too_dark",), {"too_dark": {"luma": 12}}, clean=b"dark copy")
BROKEN = Verdict(False, ("corrupt",))


class JudgeOf:
    """Gives the verdict that belongs to the bytes, and remembers what it was asked."""

    def __init__(self, **verdicts):
        self.verdicts = verdicts
        self.asked = []

    def __call__(self, data, kind):
        self.asked.append((data, kind))
        return self.verdicts[data.decode()]


@pytest.fixture
def runtime():
    runtime = fake_runtime()
    runtime.tables.items["photos"][APPLICANT, PHOTO] = {
        "applicant": APPLICANT,
        "photo": PHOTO,
        "kind": "ktp",
        "state": "waiting",
        "created_at": 0,
    }
    return runtime


def arrive(runtime, data=b"good"):
    return runtime.files.write("incoming", KEY, data, content_type="image/jpeg")


def photo(runtime):
    return runtime.tables.get("photos", {"applicant": APPLICANT, "photo": PHOTO})


def readiness(runtime):
    return runtime.tables.get("readiness", {"applicant": APPLICANT}) or {}


def copy_of(runtime):
    """What is kept of the photo, and the tag by which it may be ended."""
    version = photo(runtime)["copy"]
    return runtime.files.read("photos", KEY, version=version), runtime.files.states[version]


def sqs_event(*bodies):
    return {
        "Records": [
            {"messageId": f"m{n}", "body": body, "eventSource": "aws:sqs"}
            for n, body in enumerate(bodies)
        ]
    }


def s3_body(key, version):
    return json.dumps({"Records": [{"s3": {"object": {"key": key, "versionId": version}}}]})


def test_an_accepted_photo_makes_its_owner_ready_and_leaves_only_the_clean_copy(runtime):
    version = arrive(runtime)
    check_photo(runtime, JudgeOf(good=GOOD), KEY, version)
    assert (photo(runtime)["state"], photo(runtime)["version"]) == ("accepted", version)
    assert readiness(runtime)["ktp"] == PHOTO
    assert copy_of(runtime) == (b"clean copy", "accepted")
    assert runtime.files.names("incoming", "") == []


def test_a_refused_photo_tells_why_and_changes_nothing_else(runtime):
    check_photo(runtime, JudgeOf(dark=DARK), KEY, arrive(runtime, b"dark"))
    assert photo(runtime)["reasons"] == ["too_dark"]
    assert json.loads(photo(runtime)["details"]) == {"too_dark": {"luma": 12}}
    assert readiness(runtime) == {}


def test_of_a_refused_photo_a_copy_stays_that_is_marked_to_end(runtime):
    check_photo(runtime, JudgeOf(dark=DARK), KEY, arrive(runtime, b"dark"))
    assert copy_of(runtime) == (b"dark copy", "refused")
    assert runtime.files.names("incoming", "") == []


def test_of_a_file_that_gave_no_picture_nothing_is_kept(runtime):
    check_photo(runtime, JudgeOf(broken=BROKEN), KEY, arrive(runtime, b"broken"))
    assert "copy" not in photo(runtime)
    assert runtime.files.names("photos", "") == runtime.files.names("incoming", "") == []


def test_the_same_event_five_times_is_judged_once(runtime):
    judge, version = JudgeOf(good=GOOD), arrive(runtime)
    for _ in range(5):
        check_photo(runtime, judge, KEY, version)
    assert judge.asked == [(b"good", "ktp")]


def test_a_second_object_under_the_key_cannot_change_the_verdict(runtime):
    judge = JudgeOf(good=GOOD, dark=DARK)
    first, second = arrive(runtime, b"dark"), arrive(runtime)
    check_photo(runtime, judge, KEY, first)
    check_photo(runtime, judge, KEY, second)
    assert (photo(runtime)["state"], photo(runtime)["version"]) == ("refused", first)
    assert readiness(runtime) == {}
    assert copy_of(runtime) == (b"dark copy", "refused")
    assert runtime.files.names("incoming", "") == []


def test_exactly_the_version_of_the_event_is_judged(runtime):
    judge = JudgeOf(good=GOOD, dark=DARK)
    first = arrive(runtime, b"dark")
    arrive(runtime, b"good")
    check_photo(runtime, judge, KEY, first)
    assert judge.asked == [(b"dark", "ktp")]


def test_two_versions_judged_at_once_end_in_one_verdict_with_its_own_copy(runtime):
    first, second = arrive(runtime, b"one"), arrive(runtime, b"two")
    verdicts = {"one": Verdict(True, clean=b"copy one"), "two": Verdict(True, clean=b"copy two")}

    def overtaken(data, kind):
        if data == b"one":
            check_photo(runtime, JudgeOf(**verdicts), KEY, second)
        return verdicts[data.decode()]

    check_photo(runtime, overtaken, KEY, first)
    assert photo(runtime)["version"] == second
    assert copy_of(runtime)[0] == b"copy two"
    assert runtime.files.read("photos", KEY) == b"copy two", "and nothing lies over it"


def test_a_verdict_whose_answer_was_lost_keeps_its_copy(runtime):
    class Deaf(type(runtime.tables)):
        """The write goes through and its answer does not; the repeat finds it done."""

        def write(self, *actions):
            super().write(*actions)
            super().write(*actions)

    tables = Deaf()
    tables.items = runtime.tables.items
    deaf = replace(runtime, tables=tables)
    check_photo(deaf, JudgeOf(good=GOOD), KEY, arrive(runtime))
    assert copy_of(runtime) == (b"clean copy", "accepted")


def test_an_object_nobody_asked_for_is_deleted(runtime):
    version = runtime.files.write("incoming", "x/y", b"good", content_type="image/jpeg")
    check_photo(runtime, JudgeOf(good=GOOD), "x/y", version)
    assert runtime.files.names("incoming", "") == []


def test_an_object_deleted_before_its_event_is_no_error(runtime):
    version = arrive(runtime)
    runtime.files.delete("incoming", KEY, version)
    check_photo(runtime, JudgeOf(good=GOOD), KEY, version)
    assert photo(runtime)["state"] == "waiting"


def test_too_many_bytes_are_refused_without_reading_them(runtime):
    judge = JudgeOf()
    check_photo(runtime, judge, KEY, arrive(runtime, b"x" * 2_000_001))
    assert photo(runtime)["reasons"] == ["too_large"]
    assert judge.asked == []


def test_one_poison_message_does_not_drag_the_others_along(runtime):
    version = arrive(runtime)
    event = sqs_event("{not json", s3_body(KEY, version), s3_body(f"{KEY}x", "v9"))
    answer = handle_batch(runtime, JudgeOf(good=GOOD), event)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
    assert photo(runtime)["state"] == "accepted"


def test_a_judge_that_fails_sends_the_message_round_again(runtime):
    event = sqs_event(s3_body(KEY, arrive(runtime)))
    answer = handle_batch(runtime, JudgeOf(), event)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
    assert photo(runtime)["state"] == "waiting"


def test_keys_are_read_as_s3_writes_them_and_test_notifications_are_ignored():
    (arrival,) = arrivals(s3_body("a%2Fb+c", "v1"))
    assert arrival.key == "a/b c"
    assert list(arrivals(json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent"}))) == []
