"""The links of the OpenAPI documents are true: what they give is in the answer, and leads on."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from functions.web.links import JOIN, LINKS, OBJECT, REVIEW, START, Given, Route
from functions.web.openapi import path_of
from tests.attack.stage import KEY, Person, Stage, valid_body

# Budi may join wave 2; Ani has objected to her record in wave 1.
OPEN_WAVE, PUBLISHED_WAVE = "2", "1"
GIVING = [
    (source, target, given)
    for source, links in LINKS.items()
    for target, given in links.items()
    if given
]


def value_of(expression: str, asked: dict[str, Any], body: Any, answer: Any) -> Any:
    """A runtime expression's value. Raises KeyError or IndexError where there is none."""
    source, _, pointer = expression.partition("#/")
    if source.startswith("$request.path."):
        return asked[source.removeprefix("$request.path.")]
    found = {"$response.body": answer, "$request.body": body}[source]
    for step in pointer.split("/"):
        found = found[int(step)] if isinstance(found, list) else found[step]
    return found


def send(stage: Stage, person: Person, route: Route, parts: dict[str, Any], body: Any, key: str):
    return stage.send(
        route[0],
        path_of(route[1]).format(**parts),
        body,
        session=stage.log_in(person),
        registration=person.owned["registration"],
        key=key,
    )


def prepared(stage: Stage, source: Route) -> tuple[Person, dict[str, Any], str]:
    """Who asks, the parts of the paths and the idempotency key, when all is ready for the route."""
    budi = stage.budi
    parts = {"wave": OPEN_WAVE, "number": "1", "photo": budi.owned["photo"]}
    if source == OBJECT:
        return stage.ani, {"wave": PUBLISHED_WAVE}, stage.ani.key
    if "/test" in source[1] and source != START:
        send(stage, budi, START, {}, {}, KEY.format(60))
    if "entr" in source[1] and source != JOIN:
        send(stage, budi, JOIN, parts, {"consent": True}, KEY.format(61))
    if source == REVIEW:
        photos = stage.tables["photos"]
        earlier = copy.deepcopy(photos[budi.applicant, budi.owned["photo"]])
        earlier |= {"photo": "0" * 32, "created_at": earlier["created_at"] - 1}
        photos[budi.applicant, "0" * 32] = earlier
    return budi, parts, KEY.format(62)


def asked_body(stage: Stage, route: Route) -> Any:
    if route == OBJECT:
        return {"reason": "wrong_family", "text": "Salah."}
    return valid_body(stage, route)


@pytest.mark.parametrize(
    ("source", "target", "given"),
    GIVING,
    ids=[f"{' '.join(source)} to {' '.join(target)}" for source, target, _ in GIVING],
)
def test_what_a_link_gives_is_in_the_answer_and_is_known_where_it_leads(
    stage: Stage, source: Route, target: Route, given: Given
):
    person, parts, key = prepared(stage, source)
    body = asked_body(stage, source)
    answer = send(stage, person, source, parts, body, key)
    assert answer.status_code < 300, answer.text
    told = answer.get_json(silent=True)
    leads = {n: value_of(said, parts, body, told) for n, said in given.items() if n != "body"}
    more = {n: value_of(said, parts, body, told) for n, said in given.get("body", {}).items()}
    next_body = {**asked_body(stage, target), **more} if more else asked_body(stage, target)
    followed = send(stage, person, target, leads, next_body, KEY.format(63))
    unknown = followed.status_code == 404 or "fields" in followed.text
    assert followed.status_code < 500 and not unknown, followed.text
