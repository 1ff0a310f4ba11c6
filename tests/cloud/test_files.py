"""Every version of an object can be found and removed, what is hidden by a delete marker too."""

import boto3
import pytest
from moto import mock_aws

from functions.cloud.clients import Clients
from functions.cloud.files import S3Files
from tests.fakes import CONFIG, FakeFiles

REGION = CONFIG.region


@pytest.fixture
def s3_files(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        s3 = boto3.client("s3", region_name=REGION)
        bucket = CONFIG.bucket("photos")
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        yield S3Files(Clients(CONFIG), CONFIG)


def write(files, key):
    return files.write("photos", key, b"picture", content_type="image/jpeg")


def remove_all(files, prefix):
    for key, version in files.versions("photos", prefix):
        files.delete("photos", key, version)


def test_all_versions_and_markers_under_a_prefix_are_found_and_removed(s3_files):
    first, second = write(s3_files, "a/1"), write(s3_files, "a/1")
    write(s3_files, "b/1")
    s3_files.delete("photos", "a/1")
    found = s3_files.versions("photos", "a/")
    assert {key for key, _ in found} == {"a/1"}
    assert {first, second} < {version for _, version in found}
    assert len(found) == 3
    remove_all(s3_files, "a/")
    assert s3_files.versions("photos", "a/") == []
    assert len(s3_files.versions("photos", "")) == 1


def test_the_fake_files_know_their_versions_as_well():
    files = FakeFiles()
    versions = {write(files, "a/1"), write(files, "a/1")}
    write(files, "b/1")
    assert {version for _, version in files.versions("photos", "a/")} == versions
    remove_all(files, "a/")
    assert files.versions("photos", "a/") == []
