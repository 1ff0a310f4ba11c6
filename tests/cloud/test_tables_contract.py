"""The fake tables behave as DynamoDB does: each test runs on both."""

from __future__ import annotations

import threading

import boto3
import pytest
from moto import mock_aws

from functions.cloud.dynamo import DynamoTables
from functions.cloud.tables import (
    INDEXES,
    KEYS,
    Busy,
    Check,
    ConditionFailed,
    Delete,
    Put,
    Update,
    all_of,
    any_of,
    at_least,
    at_most,
    contains,
    differs,
    equals,
    exists,
    greater,
    less,
    missing,
    size_less,
)
from tests.fakes import INDEXED, FakeTables

PREFIX = "gelombang-test-"
NUMBER_KEYS = {("waves", "wave"), ("audit", "number"), ("objections", "wave")}


def create_tables(client):
    """All tables and indexes of KEYS and INDEXES on an empty (mock) account."""
    for table, keys in KEYS.items():
        names = [name for name in keys if name]
        request = {
            "TableName": PREFIX + table,
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": _schema(names),
            "AttributeDefinitions": [
                {"AttributeName": n, "AttributeType": "N" if (table, n) in NUMBER_KEYS else "S"}
                for n in names
            ],
        }
        for index, (first, second) in INDEXES.items():
            if INDEXED[index] != table:
                continue
            request["AttributeDefinitions"] += [
                {"AttributeName": first, "AttributeType": "S"},
                {"AttributeName": second, "AttributeType": "N"},
            ]
            request["GlobalSecondaryIndexes"] = [
                {
                    "IndexName": index,
                    "KeySchema": _schema([first, second]),
                    "Projection": {"ProjectionType": "ALL"},
                }
            ]
        client.create_table(**request)


def _schema(names):
    kinds = ("HASH", "RANGE")
    return [{"AttributeName": n, "KeyType": k} for n, k in zip(names, kinds, strict=False)]


@pytest.fixture(scope="module")
def dynamo():
    """The tables on moto, made once: that takes longer than all that a test does in them."""
    with mock_aws():
        client = boto3.client("dynamodb", region_name="ap-southeast-3")
        create_tables(client)
        yield client


@pytest.fixture(params=["fake", "moto"])
def tables(request):
    if request.param == "fake":
        yield FakeTables()
        return
    client = request.getfixturevalue("dynamo")
    yield DynamoTables(lambda service: client, PREFIX)
    empty(client)


def empty(client):
    """Delete every item of every table."""
    for table, keys in KEYS.items():
        names, name = [key for key in keys if key], PREFIX + table
        for item in client.scan(TableName=name)["Items"]:
            client.delete_item(TableName=name, Key={key: item[key] for key in names})


ACCOUNT = {"applicant": "a"}


def refused(tables, *actions):
    with pytest.raises(ConditionFailed) as failure:
        tables.write(*actions)
    return failure.value.failed


def test_what_is_put_is_got_in_its_own_types(tables):
    item = {
        **ACCOUNT,
        "text": "é",
        "number": 10**15,
        "yes": True,
        "bytes": b"\x00\xff",
        "list": [1, "b", b"c"],
        "map": {"1": 3, "inner": {"x": False}},
        "set": {"x", "y"},
        "numbers": {1, 2},
    }
    tables.write(Put("accounts", item))
    assert tables.get("accounts", ACCOUNT) == item
    assert tables.get("accounts", {"applicant": "b"}) is None


def test_of_an_item_only_the_attributes_asked_for_come(tables):
    tables.write(Put("accounts", {**ACCOUNT, "name": "x", "size": 3}))
    assert tables.get("accounts", ACCOUNT, only=("applicant", "size")) == {**ACCOUNT, "size": 3}
    assert tables.get("accounts", ACCOUNT, only=("nothing",)) == {}
    assert tables.get("accounts", {"applicant": "b"}, only=("size",)) is None
    assert tables.scan_page("accounts", None, limit=9, only=("size",)) == ([{"size": 3}], None)


def test_pages_of_a_scan_hold_every_item_once_and_can_be_taken_up_again(tables):
    for number in range(5):
        tables.write(Put("entries", {"gate": f"1#{number % 2}", "applicant": str(number)}))
    seen, after = [], None
    while True:
        items, after = tables.scan_page("entries", after, limit=2)
        seen += [item["applicant"] for item in items]
        assert len(items) <= 2
        if after is None:
            break
        assert set(after) == {"gate", "applicant"}
    assert sorted(seen) == list("01234")


def test_many_items_come_at_once_without_those_that_do_not_exist(tables):
    keys = [{"applicant": f"{n:03d}"} for n in range(130)]
    for key in keys[::2]:
        tables.write(Put("accounts", {**key, "n": 1}))
    found = tables.get_many("accounts", keys)
    assert sorted(item["applicant"] for item in found) == [k["applicant"] for k in keys[::2]]
    assert tables.get_many("accounts", []) == []


def test_a_number_grows_beyond_sixty_four_bits_without_losing_a_digit(tables):
    most = 2**64 - 1
    for _ in range(20):
        tables.write(Update("accounts", ACCOUNT, add={"sum": most}))
    assert tables.get("accounts", ACCOUNT)["sum"] == 20 * most


def test_a_put_replaces_the_whole_item(tables):
    tables.write(Put("accounts", {**ACCOUNT, "x": 1}))
    tables.write(Put("accounts", {**ACCOUNT, "y": 2}))
    assert tables.get("accounts", ACCOUNT) == {**ACCOUNT, "y": 2}


@pytest.mark.parametrize(
    ("condition", "true"),
    [
        (exists("n"), True),
        (exists("q"), False),
        (missing("q"), True),
        (missing("n"), False),
        (equals("n", 5), True),
        (equals("q", 5), False),
        (differs("n", 4), True),
        (differs("n", 5), False),
        (differs("q", 5), True),
        (less("n", 6), True),
        (less("n", 5), False),
        (less("q", 5), False),
        (at_most("n", 5), True),
        (greater("n", 4), True),
        (greater("n", 5), False),
        (at_least("n", 5), True),
        (at_least("q", 5), False),
        (contains("s", "x"), True),
        (contains("s", "z"), False),
        (contains("q", "z"), False),
        (size_less("s", 3), True),
        (size_less("s", 2), False),
        (equals("map.1", 7), True),
        (missing("map.2"), True),
        (all_of(exists("n"), less("n", 9)), True),
        (all_of(exists("n"), less("n", 1)), False),
        (any_of(missing("n"), less("n", 9)), True),
        (any_of(missing("n"), all_of(exists("s"), equals("n", 1))), False),
    ],
)
def test_conditions(tables, condition, true):
    tables.write(Put("accounts", {**ACCOUNT, "n": 5, "s": {"x", "y"}, "map": {"1": 7}}))
    change = Update("accounts", ACCOUNT, set={"touched": 1}, when=condition)
    if true:
        tables.write(change)
    else:
        assert refused(tables, change)[0]["n"] == 5
    assert ("touched" in tables.get("accounts", ACCOUNT)) == true


def test_every_kind_of_change_in_one_update(tables):
    tables.write(Put("accounts", {**ACCOUNT, "n": 5, "s": {"x", "y"}, "map": {"1": 7}, "old": 1}))
    tables.write(
        Update(
            "accounts",
            ACCOUNT,
            set={"map.2": 8, "new": "v"},
            add={"n": 3, "fresh": 1, "t": {"p"}},
            discard={"s": {"x"}},
            remove=["old", "map.1"],
        )
    )
    assert tables.get("accounts", ACCOUNT) == {
        **ACCOUNT,
        "n": 8,
        "fresh": 1,
        "s": {"y"},
        "t": {"p"},
        "map": {"2": 8},
        "new": "v",
    }


def test_the_last_member_taken_out_of_a_set_takes_the_set_along(tables):
    tables.write(Put("readiness", {**ACCOUNT, "open_waves": {1}}))
    tables.write(Update("readiness", ACCOUNT, discard={"open_waves": {1, 2}}))
    assert tables.get("readiness", ACCOUNT) == ACCOUNT


def test_an_update_makes_an_item_and_can_return_it(tables):
    assert tables.update(Update("limits", {"limit": "x"}, add={"count": 1}))["count"] == 1
    assert tables.update(Update("limits", {"limit": "x"}, add={"count": 1}))["count"] == 2


def test_a_delete_may_have_a_condition(tables):
    tables.write(Put("accounts", {**ACCOUNT, "x": 1}))
    refused(tables, Delete("accounts", ACCOUNT, when=equals("x", 2)))
    tables.write(Delete("accounts", ACCOUNT, when=equals("x", 1)))
    assert tables.get("accounts", ACCOUNT) is None
    tables.write(Delete("accounts", ACCOUNT))


def test_a_transaction_does_all_or_nothing_and_says_which_failed(tables):
    tables.write(Put("accounts", {**ACCOUNT, "x": 1}))
    failed = refused(
        tables,
        Put("claims", {"claim": "c", "applicant": "a"}, when=missing("claim")),
        Update("accounts", ACCOUNT, set={"x": 2}, when=equals("x", 9)),
        Check("readiness", ACCOUNT, when=exists("email")),
    )
    assert failed == {1: {**ACCOUNT, "x": 1}, 2: None}
    assert tables.get("claims", {"claim": "c"}) is None
    tables.write(
        Put("claims", {"claim": "c", "applicant": "a"}, when=missing("claim")),
        Update("accounts", ACCOUNT, set={"x": 2}, when=equals("x", 1)),
        Check("readiness", ACCOUNT, when=missing("email")),
    )
    assert tables.get("accounts", ACCOUNT)["x"] == 2
    assert tables.get("readiness", ACCOUNT) is None


def test_a_query_reads_one_partition_in_order(tables):
    for photo in ("b", "a", "c"):
        tables.write(Put("photos", {**ACCOUNT, "photo": photo}))
    tables.write(Put("photos", {"applicant": "z", "photo": "a"}))
    read = lambda **how: [i["photo"] for i in tables.query("photos", "a", **how)]  # noqa: E731
    assert read() == ["a", "b", "c"]
    assert read(backwards=True, limit=2) == ["c", "b"]
    assert list(tables.query("photos", "nobody")) == []


def test_a_query_goes_on_past_one_page(tables):
    big = "x" * 300_000
    for number in range(5):
        tables.write(Put("photos", {**ACCOUNT, "photo": str(number), "big": big}))
    assert len(list(tables.query("photos", "a"))) == 5


def test_the_index_holds_just_the_rows_that_have_its_attributes(tables):
    for number in range(4):
        row = {"message": f"{number}f", "due_at": 10 - number, "unsent": "f"}
        tables.write(Put("outbox", row))
    tables.write(Update("outbox", {"message": "3f"}, remove=["unsent"]))
    found = tables.query_index("outbox", "unsent", "f", up_to=9, limit=5)
    assert [row["message"] for row in found] == ["2f", "1f"]
    assert len(tables.query_index("outbox", "unsent", "f", up_to=99, limit=2)) == 2


def test_the_newest_of_a_numbered_chain_is_found_without_reading_it_all(tables):
    for number in (9, 10, 11):
        tables.write(Put("audit", {"chain": "c", "number": number}, when=missing("number")))
    assert refused(tables, Put("audit", {"chain": "c", "number": 11}, when=missing("number")))
    (last,) = tables.query("audit", "c", backwards=True, limit=1)
    assert last["number"] == 11
    assert [item["number"] for item in tables.query("audit", "c")] == [9, 10, 11]


def test_a_scan_reads_all(tables):
    for wave in (3, 1, 2):
        tables.write(Put("waves", {"wave": wave}))
    assert {item["wave"] for item in tables.scan("waves")} == {1, 2, 3}


def test_of_many_writers_with_one_condition_one_wins():
    """On the fake alone: moto's own conditional writes are not atomic across threads."""
    tables, wins, start = FakeTables(), [], threading.Barrier(16)

    def write(number):
        start.wait()
        try:
            tables.write(Put("claims", {"claim": "c", "applicant": str(number)}, missing("claim")))
            wins.append(number)
        except ConditionFailed:
            pass

    threads = [threading.Thread(target=write, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [str(n) for n in wins] == [tables.get("claims", {"claim": "c"})["applicant"]]


class ConflictingClient:
    """A DynamoDB that answers with a conflict a number of times."""

    def __init__(self, conflicts):
        self.conflicts = conflicts

    def transact_write_items(self, **request):
        from botocore.exceptions import ClientError

        if self.conflicts:
            self.conflicts -= 1
            reasons = [{"Code": "TransactionConflict"}, {"Code": "None"}]
            raise ClientError(
                {
                    "Error": {"Code": "TransactionCanceledException", "Message": ""},
                    "CancellationReasons": reasons,
                },
                "TransactWriteItems",
            )


def transact(client):
    checks = [Check("readiness", {"applicant": x}, exists("email")) for x in "ab"]
    DynamoTables(lambda service: client, PREFIX).write(*checks)


def test_a_conflict_is_tried_again_and_never_read_as_a_failed_condition():
    transact(ConflictingClient(3))
    with pytest.raises(Busy):
        transact(ConflictingClient(99))
