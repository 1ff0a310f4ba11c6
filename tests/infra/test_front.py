"""infra/front.yaml: the same rule, headers and limits at the edge as here."""

import hashlib
from pathlib import Path

import pytest
from werkzeug.test import Client

from infra import front, serving
from infra.settings import FUNCTIONS, function_name, render
from local.static import Static
from tests.fakes import FakeFiles
from tests.infra.front import answers, properties, template

S3 = "https://photos.example"
DRAW = ("undian/pins.json", "undian/3/roster.bin", "undian/12/results.head")
SMALL = ("aset/0123456789ab/site.css", "aset/0123456789ab/modules/form.js", "manifest.json")
SMALL += ("data/wilayah/31.json", "undian/verify.py", "en/undian/periksa/offline.js", "robots.txt")
ASKED = (
    *(f"/{name}" for name in (*DRAW, *SMALL)),
    *("/status/status.json", "/undian/3/", "/undian/12/", "/en/undian/3/", "/undian/3"),
    *("/en", "/daftar", "/en/daftar/email", "/index.html", "/daftar/index.html"),
    *("/undian/03/", "/en/undian/0/", "/nowhere/", "/en/nowhere/", "/en/nowhere.html", "/undian/x"),
    *("/internal/3/segment", "/undian/internal/3", "/x.php", "/.env", "/status/other.json"),
    *("/enough/", "/en/en/", "/daftar//", "/undian/3/4/", "/en/internal/3/segment"),
)


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Client:
    """A site of which each file's text is its own name, and the draw's files."""
    folder = tmp_path_factory.mktemp("edge") / "site"
    pages = [f"{language}{page}" for page in front.pages() for language in ("", "/en")]
    names = [f"{page.strip('/')}/index.html".lstrip("/") for page in pages]
    for name in (*names, *SMALL, "404.html", "en/404.html"):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"site {name}")
    files = FakeFiles()
    for name in DRAW:
        files.write("undian", name, f"draw {name}".encode(), content_type="x/y")
    files.write("undian", "internal/3/segment", b"never", content_type="x/y")
    files.write("site", "status/status.json", b"site status/status.json", content_type="x/y")
    return Client(Static(folder, files, serving.site_headers(S3)))


def test_the_edge_answers_each_path_with_the_file_that_this_machine_answers(browser, local):
    paths = [*ASKED, *front.pages(), *(f"/en{page}" for page in front.pages())]
    events = [{"request": {"uri": path, "headers": {}}} for path in paths]
    edge = {}
    for path, said in zip(paths, answers(browser, "Paths", events), strict=True):
        answer = said["answer"]
        if answer.get("statusCode"):
            edge[path] = (answer["statusCode"], answer["headers"]["location"]["value"])
        else:
            missing = answer["uri"].endswith("/404.html")
            text = f"{said['origin'] or 'site'} {answer['uri'].lstrip('/')}"
            edge[path] = (404 if missing else 200, text)
    here = {}
    for path in paths:
        found = local.get("/", environ_overrides={"PATH_INFO": path})
        location = found.headers.get("Location")
        here[path] = (found.status_code, location or found.text)
    assert edge == here
    assert {status for status, _ in edge.values()} == {200, 301, 404}


def test_the_page_404_gets_its_status_at_the_edge_and_nothing_else_does(browser):
    def event(status, **headers):
        found = {name.replace("_", "-"): {"value": value} for name, value in headers.items()}
        return {"response": {"statusCode": status, "headers": found}}

    marked, page, draw, kept = (
        said["answer"]
        for said in answers(
            browser,
            "Status",
            [
                event(200, x_amz_meta_status="404", cache_control="no-cache"),
                event(200, cache_control="no-cache"),
                event(200),
                event(304, cache_control="public, max-age=31536000, immutable"),
            ],
        )
    )
    assert marked["statusCode"] == 404
    assert marked["headers"] == {"cache-control": {"value": "no-store"}}
    assert page == {"statusCode": 200, "headers": {"cache-control": {"value": "no-cache"}}}
    assert draw["headers"] == {"cache-control": {"value": "no-cache"}}
    assert kept["headers"]["cache-control"]["value"].endswith("immutable")


def test_the_template_holds_what_its_sources_say():
    text = front.FILE.read_text(encoding="utf-8")
    assert front.filled(text) == text
    for name in ("paths", "status"):
        assert len(front.code(name).encode()) < front.MOST_CODE / 2
    assert front.filled(text.replace("no-referrer", "origin")) == text


def test_every_header_of_the_site_is_sent_by_cloudfront():
    policy = properties("StaticHeaders")["ResponseHeadersPolicyConfig"]
    security = policy["SecurityHeadersConfig"]
    hsts = security["StrictTransportSecurity"]
    csp = security["ContentSecurityPolicy"]["ContentSecurityPolicy"]["Fn::Sub"]
    sent = {
        "Content-Security-Policy": csp.replace("${PhotoOrigin}", S3),
        "Strict-Transport-Security": f"max-age={hsts['AccessControlMaxAgeSec']}; includeSubDomains",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": security["ReferrerPolicy"]["ReferrerPolicy"],
        **{i["Header"]: i["Value"] for i in policy["CustomHeadersConfig"]["Items"]},
    }
    wanted = dict(serving.site_headers(S3)["all"])
    del wanted["Cache-Control"]
    assert sent == wanted
    assert hsts["IncludeSubdomains"] is True
    behaviour = properties("Distribution")["DistributionConfig"]["DefaultCacheBehavior"]
    assert behaviour["ResponseHeadersPolicyId"] == {"Ref": "StaticHeaders"}


def test_each_function_is_reached_under_its_own_path_uncached_and_with_the_key_alone():
    about = properties("Distribution")["DistributionConfig"]
    origins = {origin["Id"]: origin for origin in about["Origins"]}
    behaviours = {b["PathPattern"]: b for b in about["CacheBehaviors"]}
    http = [name for name in FUNCTIONS if render(f"dev_{name}", "", "")["app_function"]]
    assert set(behaviours) == {f"/api/{name}/*" for name in http}
    for name in http:
        behaviour = behaviours[f"/api/{name}/*"]
        assert behaviour["TargetOriginId"] == name
        # AWS's own policies CachingDisabled and AllViewerExceptHostHeader.
        assert behaviour["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
        assert behaviour["OriginRequestPolicyId"] == "b689b0a8-53d0-40ab-baf2-68738e2966ac"
        assert behaviour["ViewerProtocolPolicy"] == "https-only"
        assert "FunctionAssociations" not in behaviour
        # Zappa calls the stage of an API as its own stage.
        assert origins[name]["OriginPath"] == {"Fn::Sub": f"/${{Stage}}_{name}"}
        assert function_name(f"dev_{name}", render(f"dev_{name}", "", "")).endswith(name)
        (header,) = origins[name]["OriginCustomHeaders"]
        assert header == {"HeaderName": "X-Front-Key", "HeaderValue": {"Ref": "FrontKey"}}
    for bucket in ("site", "draw"):
        assert origins[bucket]["OriginAccessControlId"] == {"Ref": "BucketAccess"}
        assert "OriginCustomHeaders" not in origins[bucket]
    # CloudFront's own error pages would replace the API's answers.
    assert "CustomErrorResponses" not in about


def test_readers_get_modern_tls_and_both_new_protocols():
    about = properties("Distribution")["DistributionConfig"]
    assert (about["HttpVersion"], about["IPV6Enabled"]) == ("http2and3", True)
    assert about["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"
    assert about["DefaultCacheBehavior"]["ViewerProtocolPolicy"] == "redirect-to-https"
    assert about["DefaultCacheBehavior"]["AllowedMethods"] == ["GET", "HEAD"]


def test_five_thousand_people_behind_one_address_are_not_turned_away():
    limit = template()["Parameters"]["ApiLimit"]["Default"]
    scale = Path("docs/scale.md").read_text(encoding="utf-8")
    requests = int(scale.split("| **in all** | **", 1)[1].split("*")[0])
    people, minutes_of_a_journey, window = 5_000, 16, 5
    assert limit > people * requests * window / minutes_of_a_journey
    (rate,) = [r for r in properties("Firewall")["Rules"] if r["Name"] == "api-rate"]
    about = rate["Statement"]["RateBasedStatement"]
    assert about["Limit"] == {"Ref": "ApiLimit"}
    assert about["EvaluationWindowSec"] == window * 60
    blocked = rate["Action"]["Block"]["CustomResponse"]
    assert blocked["ResponseCode"] == 429
    assert blocked["ResponseHeaders"] == [{"Name": "Retry-After", "Value": "60"}]


def test_the_key_at_the_door_is_no_part_of_the_template():
    key = template()["Parameters"]["FrontKey"]
    assert key["NoEcho"] is True and "Default" not in key
    assert key["MinLength"] >= len(hashlib.sha256().hexdigest()) * 4 // 6
