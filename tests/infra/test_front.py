"""infra/front.yaml: the same rule, headers and limits at the edge as here."""

import hashlib
from pathlib import Path

import pytest
from werkzeug.test import Client

from functions.cloud.edge import STORE
from functions.programme.admission import EVERYONE
from infra import door, front, openapi, serving
from infra.settings import FUNCTIONS, function_name, render
from local.static import Static
from local.waiting import Gate
from tests.fakes import FakeFiles
from tests.infra.front import answers, properties, template
from tests.infra.test_template import ACCOUNT
from tests.infra.test_template import template as stack

S3 = "https://photos.example"
DRAW = ("undian/pins.json", "undian/3/roster.bin", "undian/12/results.head")
SMALL = ("aset/0123456789ab/site.css", "aset/0123456789ab/modules/form.js", "manifest.json")
SMALL += ("data/wilayah/31.json", "undian/verify.py", "en/undian/periksa/offline.js", "robots.txt")
SMALL += (openapi.FILE,)
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
    return Client(Static(folder, files, serving.site_headers(S3)), use_cookies=False)


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
        request = {"uri": "/bantuan/", "headers": {}, "cookies": {}}
        return {"request": request, "response": {"statusCode": status, "headers": found}}

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


NOW = 1_770_000_000_000
SHUT = {"share": 300_000, "span": 600, "until": NOW + 60_000}
DOORS = {
    "shut": SHUT,
    "open": {**SHUT, "share": EVERYONE},
    "over": {**SHUT, "until": NOW},
    "never": None,
}
SECONDS = NOW // 1000
COOKIES = (
    {},
    {door.INSIDE: "1"},
    {door.INSIDE: ""},
    {"__Host-session": "a.b.c"},
    {"__Host-registration": "a"},
    {"other": "1"},
    *({door.RETURN: str(at)} for at in (SECONDS - 1, SECONDS, SECONDS + 1, SECONDS + 3_600)),
    *({door.RETURN: at} for at in (str(SECONDS + 3_601), "x", "1e99", "-1", "")),
)
OPENED = ("/", "/en/", "/daftar/", "/en/daftar/", "/index.html", "/en/daftar/index.html")
FREE = ("/tunggu/", "/en/tunggu/", "/masuk/", "/daftar/email/", "/en/undian/", "/manifest.json")


def asked(path, cookies, mode):
    headers = {"sec-fetch-mode": {"value": mode}} if mode else {}
    found = {name: {"value": value} for name, value in cookies.items()}
    return {"request": {"uri": path, "headers": headers, "cookies": found}}


def at_the_edge(browser, cases, name, draws):
    """(where they are sent or None, return time drawn or None, whether they stay inside)."""
    more = {"door": DOORS[name], "now": NOW, "draws": draws}
    said = [s["answer"] for s in answers(browser, "Paths", [asked(*c) for c in cases], **more)]
    passed = [
        {"response": {"statusCode": 200, "headers": {}}, **asked(*case)}
        for case, answer in zip(cases, said, strict=True)
        if answer.get("statusCode") != 302
    ]
    after = iter(answers(browser, "Status", passed, **more))
    return [
        waits(answer) if answer.get("statusCode") == 302 else (None, None, stays(next(after)))
        for answer in said
    ]


def waits(answer):
    told = answer.get("cookies", {}).get(door.RETURN)
    assert told is None or told["attributes"].startswith("Path=/; Max-Age=3600; Secure")
    return answer["headers"]["location"]["value"], told and told["value"], False


def stays(after):
    inside = after["answer"].get("cookies", {}).get(door.INSIDE)
    assert inside is None or "Max-Age=43200; Secure; HttpOnly" in inside["attributes"]
    return inside is not None


def at_this_machine(local, cases, name, draws):
    found = []
    for path, cookies, mode in cases:
        left = list(draws)
        state = DOORS[name] and door.Door(**DOORS[name])
        shut = state if state and state.shut(NOW) else None
        local.application._gate = Gate(
            lambda shut=shut: shut, now=lambda: NOW, chance=lambda left=left: left.pop(0)
        )
        headers = {"Sec-Fetch-Mode": mode} if mode else {}
        headers["Cookie"] = "; ".join(f"{key}={value}" for key, value in cookies.items())
        answer = local.get(path, headers=headers)
        kept = dict(c.split("=", 1) for c in answer.headers.getlist("Set-Cookie"))
        told = kept.get(door.RETURN, "").split(";")[0] or None
        where = answer.headers.get("Location") if answer.status_code == 302 else None
        found.append((where, told, door.INSIDE in kept))
    local.application._gate = None
    return found


@pytest.mark.parametrize("name", DOORS)
def test_the_door_at_the_edge_is_the_door_of_this_machine(browser, local, name):
    for draws in ((0.29999, 0.5), (0.3, 0.9999)):
        cases = [(path, cookies, "navigate") for path in OPENED[:3] for cookies in COOKIES]
        cases += [
            (path, {}, mode) for path in (*OPENED, *FREE) for mode in ("", "navigate", "cors")
        ]
        edge = at_the_edge(browser, cases, name, draws)
        assert edge == at_this_machine(local, cases, name, draws)
        waiting = [where for where, _, _ in edge if where]
        assert bool(waiting) == (name == "shut")
        if name == "shut" and draws[0] >= 0.3:
            assert ("/tunggu/", str(SECONDS + 10 + int(draws[1] * 600)), False) in edge
            assert "/en/tunggu/#daftar" in waiting


def test_reloading_changes_no_return_time_and_everything_but_the_door_is_free(browser, local):
    told = {door.RETURN: str(SECONDS + 500)}
    lucky = (0.0, 0.0)
    for find in (lambda cases: at_the_edge(browser, cases, "shut", lucky),
                 lambda cases: at_this_machine(local, cases, "shut", lucky)):  # fmt: skip
        assert find([("/", told, "navigate")] * 3) == [("/tunggu/", None, False)] * 3
        free = [(path, {}, "navigate") for path in FREE]
        assert find(free) == [(None, None, False)] * len(FREE)


def test_the_door_lies_in_a_store_that_both_functions_read_and_the_worker_alone_writes():
    stored = {"KeyValueStoreARN": {"Fn::GetAtt": ["Door", "Arn"]}}
    for function in ("Paths", "Status"):
        config = properties(function)["FunctionConfig"]
        assert config["KeyValueStoreAssociations"] == [stored]
    assert properties("Door")["Name"] == {"Fn::Sub": f"gelombang-${{Stage}}-{STORE}"}
    assert template()["Outputs"]["DoorArn"]["Value"] == {"Fn::GetAtt": ["Door", "Arn"]}
    arn = f"arn:aws:cloudfront::{ACCOUNT}:key-value-store/one"
    writers = [
        (role.properties["RoleName"], statement["Action"])
        for role in stack(DoorArn=arn).of_type("AWS::IAM::Role")
        for policy in role.properties.get("Policies", ())
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Resource"] == arn
    ]
    (found,) = writers
    assert found[0] == "gelombang-production-verify-worker"
    assert [action.split(":")[1] for action in found[1]] == [
        "DescribeKeyValueStore",
        "DescribeKeyValueStore",
        "PutKey",
    ]


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
