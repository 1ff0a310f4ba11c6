"""The site goes up so that nobody ever gets a page without what it asks for, and can go back."""

import hashlib

import pytest

from infra import serving
from infra.deploy.releases import KEPT_DAYS, Release, before, load, read, save
from infra.deploy.site import MARKED, Site, files_of, is_asset, turn
from infra.deploy.stage import Refused

DAY = 86_400
HEADERS = serving.site_headers("https://photos.example")
NAMES = ("index.html", "en/index.html", "404.html", "en/404.html", "service-worker.js")
NAMES += ("manifest.json", "data/wilayah/31.json", "undian/periksa/worker.js")


@pytest.fixture
def upload(stage, bucket, tmp_path):
    """Deploys a site whose assets lie under a hash and whose pages name it; records it."""
    bucket("packages")
    name = bucket("site")
    stage.client("s3").put_object(Bucket=name, Key="status/status.json", Body=b"{}")
    order = []

    def record(operation_name, params, **_):
        if operation_name in ("PutObject", "CopyObject", "DeleteObject"):
            order.append((operation_name, params["Key"]))

    def put(text, now, site_folder=True, files=None):
        folder = tmp_path / text
        for key in (*NAMES, f"aset/{hashed(text)}/site.css"):
            (folder / key).parent.mkdir(parents=True, exist_ok=True)
            (folder / key).write_text(f"{key} {text}")
        releases = load(stage)
        wanted = files or files_of(folder, HEADERS)
        site = Site(stage, wanted, releases, now, folder if site_folder else None)
        invalidated = []
        events.register("provide-client-params.s3", tell)
        try:
            plan = site.plan()
            found = site.apply(lambda: invalidated.append(True))
        finally:
            events.unregister("provide-client-params.s3", tell)
        if plan:
            save(stage, Release(len(releases) + 1, now, text, {}, found))
        return plan, bool(invalidated)

    def tell(params, model, **_):
        record(model.name, params)

    events = stage.client("s3").meta.events
    put.order, put.bucket = order, name
    return put


def hashed(text):
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def keys(stage, name):
    return {o["Key"] for o in stage.client("s3").list_objects_v2(Bucket=name)["Contents"]}


def test_assets_go_first_pages_after_them_and_the_service_worker_last(upload):
    plan, invalidated = upload("one", 0)
    assert plan == ["upload 9 files of the site, 4 of them pages; take away 0"] and invalidated
    put = [key for _, key in upload.order]
    assert is_asset(put[0]) and put[-1] == "service-worker.js"
    first_page = min(put.index(key) for key in put if key.endswith(".html"))
    others = [key for key in put if not key.endswith(".html") and key != "service-worker.js"]
    assert all(put.index(key) < first_page for key in others)
    assert sorted(put, key=turn) == put


def test_each_file_is_sent_as_the_local_server_sends_it(stage, upload):
    upload("one", 0)
    for key in (*NAMES, f"aset/{hashed('one')}/site.css"):
        found = stage.client("s3").head_object(Bucket=upload.bucket, Key=key)
        assert found["ContentType"] == serving.content_type(key)
        assert found["CacheControl"] == serving.headers_of(f"/{key}", HEADERS)["Cache-Control"]
        assert found["Metadata"] == ({"status": "404"} if key in MARKED else {})


def test_a_second_deploy_of_the_same_site_does_nothing(upload):
    upload("one", 0)
    upload.order.clear()
    assert upload("one", DAY) == ([], False)
    assert upload.order == []


def test_old_assets_stay_for_a_week_after_they_were_replaced_and_old_pages_do_not(stage, upload):
    upload("one", 0)
    old = f"aset/{hashed('one')}/site.css"
    upload("two", 100 * DAY)
    assert old in keys(stage, upload.bucket)
    upload("three", 100 * DAY + KEPT_DAYS * DAY - 1)
    assert old in keys(stage, upload.bucket)
    upload("four", 100 * DAY + KEPT_DAYS * DAY)
    there = keys(stage, upload.bucket)
    assert old not in there and f"aset/{hashed('two')}/site.css" in there
    # What the worker writes is nobody's to take away.
    assert "status/status.json" in there


def test_a_page_that_is_no_more_is_taken_away_at_once(stage, upload, tmp_path):
    upload("one", 0)
    files = files_of(tmp_path / "one", HEADERS)
    del files["en/index.html"]
    plan, _ = upload("one", DAY, files=files)
    assert plan == ["upload 0 files of the site, 0 of them pages; take away 1"]
    assert "en/index.html" not in keys(stage, upload.bucket)


def test_a_file_that_somebody_changed_by_hand_is_put_back(stage, upload):
    upload("one", 0)
    stage.client("s3").put_object(Bucket=upload.bucket, Key="index.html", Body=b"other")
    plan, _ = upload("one", DAY)
    assert plan == ["upload 1 files of the site, 1 of them pages; take away 0"]


def test_going_back_brings_the_very_files_of_before_with_their_headers(stage, upload):
    upload("one", 0)
    upload("two", DAY)
    target = before(load(stage))
    assert target.commit == "one"
    upload.order.clear()
    upload("one", 2 * DAY, site_folder=False, files=target.site)
    assert {operation for operation, _ in upload.order} == {"CopyObject"}
    s3 = stage.client("s3")
    for key in (*NAMES, f"aset/{hashed('one')}/site.css"):
        body = s3.get_object(Bucket=upload.bucket, Key=key)["Body"].read()
        assert body == f"{key} one".encode()
    assert s3.head_object(Bucket=upload.bucket, Key="404.html")["Metadata"] == {"status": "404"}
    assert f"aset/{hashed('two')}/site.css" in keys(stage, upload.bucket)


def release(number, restores=0):
    return Release(number, number, f"c{number}", {}, {}, restores)


def test_going_back_twice_goes_back_twice_and_not_to_and_fro():
    assert before([release(1), release(2), release(3)]).number == 2
    assert before([release(1), release(2), release(3), release(4, 2)]).number == 1
    assert before([release(1), release(2), release(3, 1), release(4)]).number == 2
    for nowhere in ([], [release(1)], [release(1), release(2), release(3, 1)]):
        with pytest.raises(Refused, match="no release to go back to"):
            before(nowhere)


def test_a_release_reads_as_it_was_written(stage, upload):
    upload("one", 7)
    (found,) = load(stage)
    assert (found.number, found.at, found.commit, found.restores) == (1, 7, "one", 0)
    assert all(about.version for about in found.site.values())
    body = {"number": 1, "at": 7, "commit": "one", "functions": {}, "site": {}, "restores": 0}
    assert read(body) == Release(1, 7, "one", {}, {})
