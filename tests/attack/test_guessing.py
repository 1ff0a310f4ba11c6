"""Guessing codes and passwords from many addresses at once, and spending the programme's money."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from functions.programme.limits import CODE_TRIES
from functions.verify import challenges

GUESSES = 60


@pytest.fixture
def compared(monkeypatch):
    """The challenges whose code was worked out to be compared."""
    seen = []
    real = challenges.code

    def noted(runtime, item):
        seen.append(item["challenge"])
        return real(runtime, item)

    monkeypatch.setattr(challenges, "code", noted)
    return seen


def guesses(stage, method, path, right, **more):
    """Sixty different wrong codes at once, each from an address of its own."""
    numbers = count(1)
    ready = [f"{(int(right) + next(numbers)) % 10**6:06d}" for _ in range(GUESSES)]

    def guess(pair):
        number, code = pair
        body = {name: code if value is None else value for name, value in more["body"].items()}
        return stage.send(
            method,
            path,
            body,
            session=stage.budi.session,
            registration=stage.budi.owned["registration"] if more.get("cookie") else None,
            headers={"X-Forwarded-For": f"198.51.100.{number}"},
        )

    with ThreadPoolExecutor(20) as pool:
        return list(pool.map(guess, enumerate(ready)))


@pytest.mark.parametrize(
    ("method", "path", "which", "body", "cookie"),
    [
        ("POST", "/phone/confirm", "phone", {"code": None}, False),
        ("POST", "/email/confirm", "code", {"email": "lain.budi@contoh.id", "code": None}, True),
        (
            "DELETE",
            "/me",
            "change",
            {"password": "kopi susu si nomor 2", "code": None},
            False,
        ),
    ],
    ids=["phone", "mail", "second proof"],
)
def test_of_sixty_guesses_at_once_from_sixty_addresses_five_are_compared(
    stage, compared, method, path, which, body, cookie
):
    budi = stage.budi
    answers = guesses(
        stage, method, f"/api/verify{path}", budi.owned[which], body=body, cookie=cookie
    )
    assert len(compared) <= CODE_TRIES == 5
    assert {answer.status_code for answer in answers} <= {422, 429}
    right = {name: budi.owned[which] if v is None else v for name, v in body.items()}
    held = {"registration": budi.owned["registration"]} if cookie else {}
    answer = stage.send(method, f"/api/verify{path}", right, session=budi.session, **held)
    assert answer.json["error"]["code"] in ("code_expired", "too_many")


def test_asking_for_the_code_again_gives_no_tries_back(stage, compared):
    """A resend carries the same code with the tries that are left; a spent one is replaced."""
    budi = stage.budi
    session, looked_at = budi.session, 0
    for number in range(3 * CODE_TRIES):
        wrong = f"{(int(budi.owned['phone']) + 1 + number) % 10**6:06d}"
        compared.clear()
        answer = stage.send("POST", "/api/verify/phone/confirm", {"code": wrong}, session=session)
        # To ask again works the code out too, for the SMS.
        looked_at += len(compared)
        again = {"phone": "+6281234569009"}
        stage.send("POST", "/api/verify/phone", again, session=session)
        assert answer.status_code in (422, 429)
    assert 0 < looked_at <= CODE_TRIES
