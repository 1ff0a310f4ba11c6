"""Permits to post a photo: forged, mixed, posted again, and kept beyond what they were given for.

The permit is signed as in production; before the store stands the front of the local system, which
enforces it as S3 does. What the store takes goes on to the check.
"""

from __future__ import annotations

import base64
import json
import time
from types import SimpleNamespace

import pytest
from urllib3 import encode_multipart_formdata
from werkzeug.test import Client

from functions.cloud.clients import Clients
from functions.cloud.files import S3Files
from functions.programme.photos import FORM_LIFE
from functions.upload import photos
from functions.upload.checking import check_photo
from functions.verify.erasure import erase_photos
from local import settings
from local.post_policy import PostPolicy
from tests.fakes import CONFIG, FakeFiles, fake_runtime
from tests.upload.test_checking import DARK, GOOD, JudgeOf

ANI, BUDI = "a" * 32, "b" * 32
INCOMING = f"/{CONFIG.bucket('incoming')}"
GIVEN = {"kind": "ktp", "size": 400_000, "content_type": "image/jpeg"}
STORED, DENIED = (204, None), (403, "AccessDenied")
MISMATCH = (403, "SignatureDoesNotMatch")


class Signed(FakeFiles):
    """Files in memory whose permits are S3's own."""

    post_form = S3Files.post_form

    def __init__(self, clients):
        super().__init__()
        self._config, self._clients = CONFIG, clients


@pytest.fixture(scope="module")
def clients():
    return Clients(CONFIG)


@pytest.fixture
def stage(monkeypatch, clients):
    """`runtime`; `post` a form at the front; `stored`: (key, type, bytes, version) so far."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", settings.ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", settings.SECRET_KEY)
    files, stored, late = Signed(clients), [], SimpleNamespace(milliseconds=0)

    def store(environ, start_response):
        bucket, _, key = environ["PATH_INFO"].lstrip("/").partition("/")
        assert (f"/{bucket}", environ["REQUEST_METHOD"]) == (INCOMING, "PUT")
        data, kind = environ["wsgi.input"].read(), environ["CONTENT_TYPE"]
        stored.append((key, kind, data, files.write("incoming", key, data, content_type=kind)))
        start_response("200 OK", [])
        return [b""]

    def now():
        return int(time.time() * 1000) + late.milliseconds

    front = Client(PostPolicy(store, {settings.ACCESS_KEY: settings.SECRET_KEY}, now))

    def post(parts, bucket=INCOMING):
        body, kind = encode_multipart_formdata(parts)
        answer = front.post(bucket, data=body, content_type=kind)
        code = answer.text.partition("<Code>")[2].partition("</Code>")[0]
        return answer.status_code, code or None

    return SimpleNamespace(runtime=fake_runtime(files=files), post=post, stored=stored, late=late)


def permit(stage, applicant=ANI, key="0123456789abcdef", **given):
    """The fields of a permit, as the page gets them."""
    asked = photos.request_upload(stage.runtime, applicant, **GIVEN, **given, request_key=key)
    return asked["fields"]


def filed(fields, data=b"good", name="ktp.jpg", kind="image/jpeg"):
    """A form as a page sends it: fields, then the file."""
    return [*fields.items(), ("file", (name, data, kind))]


def state_of(stage, fields):
    applicant, _, photo = fields["key"].partition("/")
    return stage.runtime.tables.get("photos", {"applicant": applicant, "photo": photo})


def test_a_permit_posted_again_after_the_verdict_changes_nothing_and_leaves_nothing(stage):
    fields, judge = permit(stage), JudgeOf(good=GOOD, dark=DARK)
    for data in (b"dark", b"good"):
        assert stage.post(filed(fields, data)) == STORED
        check_photo(stage.runtime, judge, fields["key"], stage.stored[-1][3])
    assert state_of(stage, fields)["state"] == "refused"
    assert judge.asked == [(b"dark", "ktp")]
    assert stage.runtime.files.versions("incoming", "") == []
    assert len(stage.runtime.files.versions("photos", "")) == 1


@pytest.mark.parametrize(("after", "end"), [(-2_000, STORED), (1_000, DENIED)])
def test_a_permit_is_good_for_five_minutes(stage, after, end):
    fields = permit(stage)
    stage.late.milliseconds = FORM_LIFE + after
    assert stage.post(filed(fields)) == end
    assert len(stage.stored) == (end == STORED)


@pytest.mark.parametrize(
    "key",
    [
        f"{BUDI}/{{photo}}",
        f"{ANI}/{{other}}",
        "{photo}",
        "${{filename}}",
        f"{ANI}/../{BUDI}/{{photo}}",
        f"{ANI}/{{photo}}/",
        f"{ANI}/{{photo}}\x00",
        f"{ANI}//{{photo}}",
    ],
)
def test_a_permit_posts_under_its_own_key_alone(stage, key):
    fields, others = permit(stage), permit(stage, BUDI)
    own, other = (one["key"].partition("/")[2] for one in (fields, others))
    forged = key.format(photo=own, other=other)
    assert stage.post(filed({**fields, "key": forged}, name=fields["key"])) == DENIED
    assert stage.stored == []


@pytest.mark.parametrize(
    ("of_budi", "end"),
    [
        (("key",), DENIED),
        (("policy",), MISMATCH),
        (("x-amz-signature",), MISMATCH),
        (("policy", "x-amz-signature"), DENIED),
    ],
)
def test_parts_of_two_permits_do_not_make_a_third(stage, of_budi, end):
    fields, others = permit(stage), permit(stage, BUDI)
    assert stage.post(filed({**fields, **{name: others[name] for name in of_budi}})) == end
    assert stage.stored == []


def rewritten(fields, **changes):
    """The permit with another policy, under the signature of the first."""
    policy = json.loads(base64.b64decode(fields["policy"])) | changes
    return {**fields, "policy": base64.b64encode(json.dumps(policy).encode()).decode()}


@pytest.mark.parametrize("changes", [{"conditions": []}, {"expiration": "2099-01-01T00:00:00Z"}])
def test_a_policy_that_was_rewritten_is_not_the_one_that_was_signed(stage, changes):
    assert stage.post(filed(rewritten(permit(stage), **changes))) == MISMATCH


@pytest.mark.parametrize("policy", ["", "e30=", "not base64"])
def test_no_policy_is_not_a_policy_that_allows_everything(stage, policy):
    assert stage.post(filed({**permit(stage), "policy": policy})) == MISMATCH


@pytest.mark.parametrize("part", [1, 2, 3, 4])
def test_a_signature_counts_for_its_day_region_and_service_alone(stage, part):
    fields = permit(stage)
    scope = fields["x-amz-credential"].split("/")
    scope[part] = {1: "20200101", 2: "us-east-1", 3: "ses", 4: "aws3_request"}[part]
    status, _ = stage.post(filed({**fields, "x-amz-credential": "/".join(scope)}))
    assert status in (400, 403) and stage.stored == []


def test_a_signature_of_the_old_kind_is_refused(stage):
    fields = permit(stage)
    old = {name: fields[name] for name in ("key", "Content-Type", "policy")}
    old |= {"AWSAccessKeyId": settings.ACCESS_KEY, "signature": fields["x-amz-signature"]}
    assert stage.post(filed(old)) == DENIED


@pytest.mark.parametrize(
    "more",
    [
        {"success_action_redirect": "https://fake.example/"},
        {"success_action_status": "200"},
        {"x-amz-tagging": "<Tagging/>"},
        {"x-amz-storage-class": "GLACIER"},
        {"x-amz-website-redirect-location": "https://fake.example/"},
        {"x-amz-server-side-encryption": "AES256"},
        {"Cache-Control": "public"},
        {"Content-Disposition": "inline"},
    ],
    ids=lambda more: next(iter(more)),
)
def test_nothing_can_be_said_of_how_the_photo_is_stored(stage, more):
    assert stage.post(filed({**permit(stage), **more})) == DENIED
    assert stage.stored == []


@pytest.mark.parametrize("name", ["key", "KEY", "Content-Type", "content-type"])
@pytest.mark.parametrize("first", [True, False])
def test_a_field_that_stands_twice_is_checked_as_it_is_used(stage, name, first):
    fields = permit(stage)
    wrong = (name, f"{BUDI}/x" if name.lower() == "key" else "text/html")
    parts = [wrong, *filed(fields)] if first else [*fields.items(), wrong, filed(fields)[-1]]
    stage.post(parts)
    assert all(kept[:2] == (fields["key"], "image/jpeg") for kept in stage.stored)


def test_fields_behind_the_file_are_not_read(stage):
    fields = permit(stage)
    behind = [filed(fields)[-1], *fields.items()]
    assert stage.post(behind) == DENIED
    assert stage.post([*filed(fields), ("key", f"{BUDI}/x"), ("acl", "public-read")]) == STORED
    assert [kept[0] for kept in stage.stored] == [fields["key"]]


def test_of_two_files_the_first_alone_is_stored(stage):
    fields = permit(stage)
    large = ("file", ("b.jpg", b"x" * 3_000_000, "image/jpeg"))
    assert stage.post([*filed(fields), large]) == STORED
    assert [kept[2] for kept in stage.stored] == [b"good"]
    assert stage.post([*fields.items(), large, filed(fields)[-1]]) == (400, "EntityTooLarge")
    assert len(stage.stored) == 1


def test_the_name_and_type_that_the_file_gives_itself_are_not_used(stage):
    fields = permit(stage)
    assert stage.post(filed(fields, name=f"../{BUDI}/x.html", kind="text/html")) == STORED
    assert [kept[:2] for kept in stage.stored] == [(fields["key"], "image/jpeg")]


@pytest.mark.parametrize("all_of_them", [True, False], ids=["the account", "the photo"])
def test_a_permit_whose_photo_is_deleted_leaves_nothing(stage, all_of_them):
    fields, judge = permit(stage), JudgeOf(good=GOOD)
    photo = fields["key"].partition("/")[2]
    erase_photos(stage.runtime, ANI, None if all_of_them else photo)
    assert stage.post(filed(fields)) == STORED
    check_photo(stage.runtime, judge, fields["key"], stage.stored[0][3])
    assert judge.asked == [] and stage.runtime.files.objects == {}
    assert stage.runtime.tables.items["photos"] == {}


def test_a_photo_deleted_while_it_is_judged_leaves_nothing(stage):
    fields = permit(stage)
    stage.post(filed(fields))

    def judge(data, kind):
        erase_photos(stage.runtime, ANI)
        return GOOD

    check_photo(stage.runtime, judge, fields["key"], stage.stored[0][3])
    assert stage.runtime.files.objects == {}
    assert stage.runtime.tables.items["photos"] == {}
    assert "ktp" not in (stage.runtime.tables.get("readiness", {"applicant": ANI}) or {})
