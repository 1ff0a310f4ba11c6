"""What a soak judges by can fail: its ledger, its eye for memory, its weather."""

from __future__ import annotations

import io
import json
import os
from collections import Counter

import pytest

from tests.soak.ledger import ACCOUNT, GONE, THERE, Ledger
from tests.soak.memory import MOST_KIB_A_MINUTE, Sample, judged, sampled, slope
from tests.soak.weather import PATH, Odds, Weather

WHO = "warga@contoh.example"
KEY = "LOCALKEY"


def test_an_acknowledged_write_that_is_not_found_is_lost():
    ledger = Ledger()
    ledger.acknowledged(WHO, "entry 1", "ab")
    ledger.acknowledged(WHO, "phone", "+62811")
    assert ledger.lost(WHO, lambda _: {"entry 1": "ab", "phone": "+62811"}) == []
    assert ledger.lost(WHO, lambda _: {"phone": "+62811"}) == ["entry: acknowledged, and not found"]
    assert ledger.lost(WHO, lambda _: {"entry 1": "cd", "phone": "+62811"})
    assert len(ledger.lost(WHO, lambda _: {})) == 2


def test_of_a_write_without_answer_the_old_and_the_new_value_may_stand_and_no_third():
    ledger = Ledger()
    ledger.acknowledged(WHO, "profile", 1)
    ledger.unanswered(WHO, "profile", 2)
    assert [bool(ledger.lost(WHO, lambda _, n=n: {"profile": n})) for n in (1, 2, 3)] == [
        False,
        False,
        True,
    ]
    ledger.acknowledged(WHO, "profile", 3)
    assert ledger.lost(WHO, lambda _: {"profile": 2}) and ledger.lost(WHO, lambda _: {})
    ledger.unanswered(WHO, "score", 12)
    assert ledger.lost(WHO, lambda _: {"profile": 3}) == []


def test_an_account_may_be_gone_only_when_its_owner_asked_for_it():
    ledger = Ledger()
    ledger.acknowledged(WHO, ACCOUNT, THERE)
    ledger.acknowledged(WHO, "entry 1", "ab")
    assert len(ledger.lost(WHO, lambda _: {ACCOUNT: GONE})) == 2
    ledger.forget(WHO, "entry ")
    ledger.acknowledged(WHO, ACCOUNT, GONE)
    assert ledger.lost(WHO, lambda _: {ACCOUNT: GONE}) == []
    assert ledger.lost(WHO, lambda _: {ACCOUNT: THERE})


def grown(kib_a_minute, first=0, pid=7):
    """Samples of four minutes of a process that loads 50 MB in its first, and then grows so."""
    return [
        Sample("web", pid, first + at, 50_000 * min(1, at / 60) + kib_a_minute * at / 60)
        for at in range(0, 240, 5)
    ]


def test_memory_that_grows_beyond_the_bound_is_not_flat_and_what_is_loaded_at_first_is_no_leak():
    flat, leaking = judged(grown(100)), judged(grown(2 * MOST_KIB_A_MINUTE))
    assert [one.flat for one in (*flat, *leaking)] == [True, False]
    assert leaking[0].growth == pytest.approx(2 * MOST_KIB_A_MINUTE)
    assert "+2048 KiB a minute" in leaking[0].told()


def test_each_life_of_a_process_is_its_own_and_the_longest_is_judged():
    (verdict,) = judged([*grown(5000)[:30], *grown(0, first=240, pid=8), *grown(5000, 500, 9)[:9]])
    assert verdict.lives == 3 and verdict.flat
    (short,) = judged(grown(5000)[:20])
    assert short.growth is None and "too short" in short.told()


def test_memory_is_read_with_that_of_children():
    mine, again = (sampled({"me": os.getpid()})[0] for _ in range(2))
    assert 5_000 < mine.kib < 5_000_000 and again.at >= mine.at
    assert sampled({"nobody": 2**22 + 1}) == []
    assert slope([(0, 1), (1, 3), (2, 5)]) == 2


def cloud(done):
    def app(environ, start_response):
        done[environ["wsgi.input"].read()] += 1
        start_response("200 OK", [])
        return [b"done"]

    return app


def asked(weather, service, target, key=KEY, body=b"body", path="/", method="POST"):
    """(status, body) of one signed request."""
    said = []
    environ = {
        "PATH_INFO": path,
        "REQUEST_METHOD": method,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "HTTP_AUTHORIZATION": f"… Credential={key}/20260101/x/{service}/aws4_request, …",
        "HTTP_X_AMZ_TARGET": target,
    }
    answer = b"".join(weather(environ, lambda status, headers: said.append(status)))
    return said[0][:3], answer


@pytest.mark.parametrize(
    ("kind", "target", "status", "times"),
    [
        ("refused", "DynamoDB_20120810.PutItem", "400", 0),
        ("broken", "DynamoDB_20120810.PutItem", "500", 0),
        ("lost", "DynamoDB_20120810.PutItem", "500", 1),
        ("twice", "AmazonSQS.SendMessage", "200", 2),
        ("kept", "AmazonSQS.DeleteMessage", "200", 0),
        ("twice", "DynamoDB_20120810.PutItem", "200", 1),
    ],
)
def test_each_fault_is_what_its_name_says(kind, target, status, times):
    done = Counter()
    weather = Weather(cloud(done), KEY, 1)
    asked(weather, "", "", body=json.dumps({kind: 1.0}).encode(), path=PATH)
    assert weather.odds == Odds(**{kind: 1.0})
    assert asked(weather, "dynamodb", target)[0] == status
    assert done == ({b"body": times} if times else {})
    counts = json.loads(asked(weather, "", "", path=PATH, method="GET")[1])
    assert sum(counts.values()) == (0 if (status, times) == ("200", 1) else 1)


def test_whoever_signs_with_another_key_meets_no_weather():
    done = Counter()
    weather = Weather(cloud(done), KEY, 1)
    weather.odds = Odds(refused=1.0)
    assert asked(weather, "dynamodb", "x", key="OTHER") == ("200", b"done")
