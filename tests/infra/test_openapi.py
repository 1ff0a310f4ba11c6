"""The one description of the API: every route of the three functions, and valid."""

import json

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from functions.web.access import ACCESS
from functions.web.openapi import path_of
from infra import openapi


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    openapi.write(folder, secure=True)
    return json.loads((folder / "api" / "openapi.json").read_text(encoding="utf-8"))


def test_every_route_of_the_three_functions_stands_in_the_one_document(document):
    described = {
        (method.upper(), path) for path, found in document["paths"].items() for method in found
    }
    served = {(method, path_of(rule)) for method, rule in ACCESS if "openapi.json" not in rule}
    assert described == served
    rooms = {path.split("/")[1:3][-1] for path in document["paths"]}
    assert rooms == {"upload", "verify", "select"}
    assert all(path.startswith("/api/") for path in document["paths"])


def test_the_one_document_is_valid_openapi_3_1(document):
    assert document["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []
    broken = {"openapi": "3.1.0", "info": document["info"], "paths": {"no-slash": {"get": {}}}}
    assert list(OpenAPIV31SpecValidator(broken).iter_errors())


def test_the_one_document_names_the_cookies_of_a_site_over_tls(document):
    session = document["components"]["securitySchemes"]["session"]
    assert session["name"] == "__Host-session"


def test_functions_that_mean_different_things_by_one_name_are_not_merged():
    one, other = (
        {"openapi": "3.1.0", "info": {}, "paths": {}, "components": {"schemas": {"Me": meaning}}}
        for meaning in ({"type": "object"}, {"type": "string"})
    )
    with pytest.raises(openapi.Differs, match="Me"):
        openapi.merged([one, other])
    assert openapi.merged([one, one])["components"] == one["components"]
