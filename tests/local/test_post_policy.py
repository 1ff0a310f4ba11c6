"""Presigned POSTs to the local S3, over HTTP, as a browser sends them."""

import base64
import json
import re
import uuid

import pytest
import urllib3

from functions.cloud.files import S3Files
from local import settings

MOST = 2_000_000
JPEG = b"\xff\xd8\xff\xe0 not really a photo"


@pytest.fixture
def files(moto):
    where, clients, _ = moto
    return S3Files(clients, settings.config(where))


@pytest.fixture
def key():
    return f"{uuid.uuid4().hex}/{uuid.uuid4().hex}"


@pytest.fixture
def form(files, key):
    return files.post_form("incoming", key, content_type="image/jpeg", max_bytes=MOST, seconds=300)


def post(form, fields=None, data=JPEG, origin=None, file_field="file"):
    """(status, S3's code or None, headers) for a multipart POST of the form."""
    parts = list((form.fields if fields is None else fields).items())
    if data is not None:
        parts.append((file_field, ("photo.jpg", data, "image/jpeg")))
    headers = {"Origin": origin} if origin else {}
    answer = urllib3.request("POST", form.url, fields=parts, headers=headers, retries=False)
    code = re.search(r"<Code>(.*?)</Code>", answer.data.decode())
    return answer.status, code and code[1], answer.headers


def test_the_right_file_is_stored_with_its_type(form, files, key, moto):
    where, clients, _ = moto
    status, code, headers = post(form)
    assert (status, code) == (204, None)
    assert headers["ETag"]
    bucket = settings.config(where).bucket("incoming")
    stored = clients("s3").head_object(Bucket=bucket, Key=key)
    assert (stored["ContentType"], stored["ContentLength"]) == ("image/jpeg", len(JPEG))
    assert stored["ServerSideEncryption"] == "aws:kms"
    assert headers["x-amz-version-id"] == stored["VersionId"]


def test_a_file_of_the_largest_size_is_stored(form, files, key):
    assert post(form, data=b"x" * MOST)[0] == 204
    assert files.size("incoming", key) == MOST


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"x" * (MOST + 1), "EntityTooLarge"),
        (b"x" * 5_000_000, "EntityTooLarge"),
        (b"", "EntityTooSmall"),
    ],
    ids=["one byte too many", "far too many", "none"],
)
def test_a_file_of_the_wrong_size_is_refused(form, data, expected):
    assert post(form, data=data)[:2] == (400, expected)


def changed_policy(form, change):
    policy = json.loads(base64.b64decode(form.fields["policy"]))
    change(policy)
    return {**form.fields, "policy": base64.b64encode(json.dumps(policy).encode()).decode()}


def test_another_key_is_refused(form):
    assert post(form, {**form.fields, "key": "somewhere/else"})[:2] == (403, "AccessDenied")


def test_another_type_is_refused(form):
    fields = {**form.fields, "Content-Type": "text/html"}
    assert post(form, fields)[:2] == (403, "AccessDenied")


def test_a_field_that_the_policy_does_not_name_is_refused(form):
    for extra in ({"acl": "public-read"}, {"x-amz-meta-note": "x"}):
        assert post(form, {**form.fields, **extra})[:2] == (403, "AccessDenied")


def test_a_field_to_be_ignored_is_ignored(form):
    assert post(form, {**form.fields, "x-ignore-me": "please"})[0] == 204


def test_a_missing_field_is_refused(form):
    for missing in ("key", "Content-Type", "policy", "x-amz-signature", "x-amz-date"):
        fields = {name: value for name, value in form.fields.items() if name != missing}
        assert post(form, fields)[:2] == (403, "AccessDenied"), missing


def test_an_expired_form_is_refused(files, key):
    late = files.post_form("incoming", key, content_type="image/jpeg", max_bytes=MOST, seconds=-1)
    assert post(late)[:2] == (403, "AccessDenied")


def test_a_changed_signature_is_refused(form):
    signature = form.fields["x-amz-signature"]
    fields = {
        **form.fields,
        "x-amz-signature": signature[:-1] + ("0" if signature[-1] != "0" else "1"),
    }
    assert post(form, fields)[:2] == (403, "SignatureDoesNotMatch")


def test_a_changed_policy_is_refused(form):
    def roomier(policy):
        policy["conditions"][1][2] = 10 * MOST

    assert post(form, changed_policy(form, roomier))[:2] == (403, "SignatureDoesNotMatch")


def test_an_unknown_signer_is_refused(form):
    credential = form.fields["x-amz-credential"].replace(settings.ACCESS_KEY, "SOMEONEELSE")
    fields = {**form.fields, "x-amz-credential": credential}
    assert post(form, fields)[:2] == (403, "InvalidAccessKeyId")


def test_a_form_for_one_bucket_does_not_fit_another(form, moto):
    where, _, _ = moto
    config = settings.config(where)
    other = type(form)(
        form.url.replace(config.bucket("incoming"), config.bucket("photos")), form.fields
    )
    assert post(other)[:2] == (403, "AccessDenied")


def test_a_form_without_a_file_is_refused(form):
    assert post(form, data=None)[:2] == (400, "InvalidArgument")
    assert post(form, file_field="photo")[:2] == (400, "InvalidArgument")


def test_a_body_that_is_no_form_is_refused(form):
    answer = urllib3.request(
        "POST",
        form.url,
        body=b"nonsense",
        retries=False,
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )
    assert (answer.status, b"MalformedPOSTRequest" in answer.data) == (400, True)


def test_nothing_that_was_refused_is_stored(form, files, key):
    post(form, data=b"x" * (MOST + 1))
    post(form, {**form.fields, "acl": "public-read"})
    assert files.names("incoming", key) == []


def test_the_site_may_read_answers_and_errors_too(form, moto):
    where, _, _ = moto
    for data, status in ((JPEG, 204), (b"", 400)):
        found, _, headers = post(form, data=data, origin=where.origin)
        assert (found, headers["Access-Control-Allow-Origin"]) == (status, where.origin)


def test_another_site_may_not_read_them(form):
    _, _, headers = post(form, origin="https://fake.example")
    assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize(
    ("origin", "method", "status"),
    [(None, "POST", 200), ("https://fake.example", "POST", 403), (None, "DELETE", 403)],
)
def test_a_preflight_is_answered_by_the_buckets_own_rules(form, moto, origin, method, status):
    where, _, _ = moto
    headers = {
        "Origin": origin or where.origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "content-type",
    }
    answer = urllib3.request("OPTIONS", form.url, headers=headers, retries=False)
    assert answer.status == status
    assert ("Access-Control-Allow-Origin" in answer.headers) == (status == 200)


def test_the_queue_hears_of_a_stored_photo_with_its_version(form, key, moto):
    _, clients, template = moto
    _, _, headers = post(form)
    found = {}
    for _ in range(50):
        answer = clients("sqs").receive_message(
            QueueUrl=template.physical["PhotosQueue"], MaxNumberOfMessages=10
        )
        for message in answer.get("Messages", ()):
            for record in json.loads(message["Body"]).get("Records", ()):
                about = record["s3"]["object"]
                found[about["key"].replace("%2F", "/")] = about
        if key in found:
            break
    assert found[key]["versionId"] == headers["x-amz-version-id"]
    assert re.fullmatch(r"[0-9A-F]{16}", found[key]["sequencer"])
