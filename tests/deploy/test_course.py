"""A whole deploy: it waits for DNS, ends as it should, does nothing twice, and goes back."""

import json
import re

import pytest

from infra import serving
from infra.bundle import ZIP
from infra.deploy import golive, names
from infra.deploy.__main__ import earlier
from infra.deploy.course import Course, Waits, Wanted
from infra.deploy.functions import package_digest
from infra.deploy.releases import load
from infra.deploy.site import files_of, photo_origin
from infra.deploy.smoke import Answer, complaints
from infra.deploy.stage import HTTP_FUNCTIONS, Refused
from tests.deploy.conftest import FakeZappa, packages

FUNCTIONS = ("select", "verify_worker")
ASSET = "aset/0123456789ab/site.css"
FRONT = "gelombang-dev-front"
HOST, ORIGIN = "d1.cloudfront.net", "https://d1.cloudfront.net"
DAY = 86_400


class Reader:
    """What a sound stage answers, and what a test puts in the place of it."""

    def __init__(self, headers):
        self.headers = {name.lower(): value for name, value in headers["all"].items()}
        self.answers = {}

    def __call__(self, url):
        for form, answer in self.answers.items():
            if re.search(form, url):
                return answer
        path = url.split(".com", 1)[-1].split(".net", 1)[-1]
        if "execute-api" in url:
            return Answer(403, {}, "")
        if found := re.fullmatch(r"/api/(\w+)/openapi\.json", path):
            told = json.dumps({"paths": {f"/api/{found[1]}/x": {}}})
            return Answer(200, {"cache-control": "no-store"}, told)
        if path == "/api/openapi.json":
            return Answer(200, {}, '{"openapi": "3.1.0"}')
        if path == f"/{ASSET}":
            return Answer(200, {"cache-control": "public, immutable"}, "")
        if path == "/daftar":
            return Answer(301, {"location": "/daftar/"}, "")
        language = "en" if path.startswith("/en/") else "id"
        page = path in ("/", "/en/", "/daftar/", "/undian/1/", "/en/undian/1/")
        return Answer(200 if page else 404, self.headers, f'<html lang="{language}">')


@pytest.fixture
def course(stage, bucket, cloudformation, registrars, tmp_path, monkeypatch):
    """Deploys a text as packages and site; the stacks are there in name alone."""
    monkeypatch.setattr("infra.deploy.functions.FUNCTIONS", FUNCTIONS)
    for thing in ("packages", "site"):
        bucket(thing)
    for name in HTTP_FUNCTIONS:
        cloudformation.resources[stage.function(name), "ApiV2"] = f"{name}id"
    cloudformation.outputs[FRONT] = {
        "DistributionArn": "arn:aws:cloudfront::123456789012:distribution/E1",
        "DistributionId": "E1",
        "DoorArn": "arn:aws:cloudfront::123456789012:key-value-store/5a",
        "DistributionDomain": HOST,
    }
    zappa, reader = FakeZappa(stage), Reader(serving.site_headers(photo_origin(stage)))

    def make(text="one", now=0, back=False):
        folder, site = packages(tmp_path / text, text), tmp_path / f"{text}-site"
        for key in ("index.html", ASSET):
            (site / key).parent.mkdir(parents=True, exist_ok=True)
            (site / key).write_text(f"{key} {text}")
        digests = {name: package_digest(folder / name / ZIP) for name in FUNCTIONS}
        files = files_of(site, serving.site_headers("https://photos.example"))
        wanted = earlier(stage) if back else Wanted(text, digests, files, folder, site)
        told = []
        made = Course(stage, wanted, now, zappa, told.append, reader)
        monkeypatch.setattr(Course, "_invalidate", lambda self: told.append("invalidated"))
        return made, told

    make.reader, make.zappa = reader, zappa
    return make


def test_a_deploy_waits_for_dns_ends_whole_does_nothing_twice_and_goes_back(
    stage, course, cloudformation, registrars
):
    first, _ = course()
    plan = first.plan()
    assert [line for line in plan if "certificate" in line and stage.domain in line]
    assert plan[-1] == "upload 2 files of the site, 1 of them pages; take away 0"
    assert cloudformation.changes == [] and load(stage) == []

    with pytest.raises(Waits):
        course()[0].carry_out()
    assert cloudformation.changes == ["gelombang-dev-packages", "gelombang-dev"]
    kinds = {record.why.split()[0]: record for record in names.records(stage, HOST)}
    assert {"certificate", "DKIM", "SPF", "DMARC", "bounces", "the"} <= set(kinds)
    assert kinds["the"].value == HOST
    assert kinds["DKIM"].value == "t3.dkim.example"
    envelope = registrars.identities[stage.domain]["MailFromAttributes"]["MailFromDomain"]
    assert kinds["bounces"].name == envelope == f"bounce.{stage.domain}"

    registrars.issue()
    release = course("one", 1)[0].carry_out()
    assert (release.number, release.commit) == (1, "one")
    # The stack learns of the distribution only when there is one.
    assert cloudformation.changes[2:] == [FRONT, "gelombang-dev"]
    given = {p["ParameterKey"]: p["ParameterValue"]
             for p in cloudformation.stacks["gelombang-dev"]["Parameters"]}  # fmt: skip
    assert given["DistributionArn"].endswith("/E1") and given["DoorArn"].endswith("/5a")

    again, told = course("one", DAY)
    assert again.plan() == []
    assert again.carry_out() is None and told == []
    assert len(load(stage)) == 1 and len(cloudformation.changes) == 4

    assert course("two", 2 * DAY)[0].carry_out().number == 2
    back, told = course(now=3 * DAY, back=True)
    course.zappa.calls.clear()
    restored = back.carry_out()
    assert (restored.number, restored.restores, restored.commit) == (3, 1, "one")
    assert {command for command, _ in course.zappa.calls} == {"update"}
    assert "invalidated" in told and len(cloudformation.changes) == 4
    body = stage.client("s3").get_object(Bucket=stage.bucket("site"), Key="index.html")["Body"]
    assert body.read() == b"index.html one"
    with pytest.raises(Refused, match="no release to go back to"):
        course(back=True)


def test_a_stage_that_a_reader_finds_wrong_is_no_release(stage, course, registrars):
    with pytest.raises(Waits):
        course()[0].carry_out()
    registrars.issue()
    course.reader.answers["execute-api"] = Answer(200, {}, "")
    with pytest.raises(Refused, match="although it is past CloudFront"):
        course()[0].carry_out()
    assert load(stage) == []


HEADERS = serving.site_headers("https://photos.example")
APIS = {"verify": "https://x.execute-api.y.amazonaws.com/dev_verify"}


def test_a_sound_stage_is_nothing_to_complain_of():
    assert complaints(ORIGIN, HEADERS, ASSET, APIS, Reader(HEADERS)) == []


@pytest.mark.parametrize(
    ("form", "answer", "says"),
    [
        (r"net/$", Answer(503, {}, ""), "/: 503, no page"),
        (r"/en/undian/1/$", Answer(200, {}, "<html"), "Content-Security-Policy is None"),
        (r"/tidak-ada/", Answer(200, {}, "<html"), "not the page 404 in id"),
        (r"/en/not-here/", Answer(404, {}, '<html lang="id">'), "not the page 404 in en"),
        (r"/daftar$", Answer(404, {}, ""), "not sent on to /daftar/"),
        (ASSET, Answer(200, {"cache-control": "no-cache"}, ""), "not kept for ever"),
        (r"api/openapi", Answer(404, {}, ""), "not the API's description"),
        ("internal", Answer(200, {}, ""), "is served"),
        (r"net/api/", Answer(200, {"cache-control": "no-store"}, "<html>"), "own description"),
        (r"net/api/", Answer(200, {}, '{"paths": {"/api/verify/": 1}}'), "may be kept"),
        ("execute-api", Answer(200, {}, ""), "although it is past CloudFront"),
    ],
)
def test_whatever_is_wrong_is_said(form, answer, says):
    reader = Reader(HEADERS)
    reader.answers[form] = answer
    assert says in "\n".join(complaints(ORIGIN, HEADERS, ASSET, APIS, reader))


def test_production_is_refused_without_a_list_that_is_answered_and_of_these_days(tmp_path):
    record = tmp_path / "golive.json"

    def refusal(now=100 * DAY, **changes):
        about = {"stage": "production", "at": 90 * DAY, "open": [], **changes}
        record.write_text(json.dumps(about))
        with pytest.raises(Refused) as refused:
            golive.check("production", record, now)
        return str(refused.value)

    golive.check("staging", None, 0)
    with pytest.raises(Refused, match="needs the go-live list"):
        golive.check("production", None, 0)
    assert "mail quota" in refusal(open=["mail quota: 14 of 700"])
    assert "not of the last 30 days" in refusal(now=120 * DAY)
    assert "another stage" in refusal(stage="staging")
    assert "no record" in refusal(open=None)
    record.write_text(json.dumps({"stage": "production", "at": 90 * DAY, "open": []}))
    golive.check("production", record, 100 * DAY)
