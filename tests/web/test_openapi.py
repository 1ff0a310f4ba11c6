"""The OpenAPI documents: names of operations, and links that fit the routes."""

from __future__ import annotations

from functools import cache

import pytest

from functions.select.app import room as select
from functions.upload.app import room as upload
from functions.verify.app import room as verify
from functions.web import openapi
from functions.web.access import ACCESS
from functions.web.links import LINKS, NOTHING
from functions.web.openapi import document

ROOMS = (verify, upload, select)


@cache
def documents():
    return {room.name: document(room, secure=True) for room in ROOMS}


def operations():
    """(room, operation) of all documents."""
    for name, found in documents().items():
        for methods in found["paths"].values():
            for operation in methods.values():
                yield name, operation


def test_every_operation_has_a_name_of_its_own_in_all_documents_together():
    names = [operation["operationId"] for _, operation in operations()]
    assert len(names) == len(set(names)) == len(ACCESS) - len(ROOMS)


def test_the_table_of_links_names_routes_that_are_there():
    assert set(LINKS) <= set(ACCESS)
    assert {target for links in LINKS.values() for target in links} <= set(ACCESS)


def test_an_asked_photo_leads_to_its_state_and_to_a_review():
    asked = documents()["upload"]["paths"]["/api/upload/photos"]["post"]["responses"]["201"]
    assert asked["links"]["show_photo"] == {
        "operationId": "show_photo",
        "parameters": {"path.photo": "$response.body#/photo"},
    }
    assert "ask_for_review" in asked["links"]


def test_every_link_leads_to_an_operation_of_the_same_document():
    leads = 0
    for room, operation in operations():
        known = {other["operationId"] for name, other in operations() if name == room}
        for answer in operation["responses"].values():
            targets = {link["operationId"] for link in answer.get("links", {}).values()}
            assert targets <= known
            leads += len(targets)
    assert leads == sum(len(links) for links in LINKS.values())


def test_a_link_that_does_not_fit_its_route_stops_the_function(monkeypatch):
    photo, listed = ("GET", "/api/upload/photos/<photo>"), ("GET", "/api/upload/photos")
    monkeypatch.setattr(openapi, "LINKS", {listed: {photo: NOTHING}})
    with pytest.raises(ValueError, match="photo"):
        document(upload, secure=True)
