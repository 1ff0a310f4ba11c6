"""moto's DynamoDB transactions, at the price of the items that they name.

To be able to take a transaction back, moto copies each table that it touches, item by item and
all that is in them, once for every action. With some thousand items a join then takes seconds.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Sequence
from typing import Any


def copy_only_what_they_name() -> None:
    """Make moto's transactions set aside only their own items; the rest of a table is shared.

    Holds while one request is served at a time. The records of a table's stream are not taken back.
    """
    from moto.dynamodb import models
    from moto.dynamodb.models.table import Table

    named: dict[str, list[dict[str, Any]]] = {}
    as_moto_does = models.DynamoDBBackend.transact_write_items

    def transact_write_items(self: Any, transact_items: list[dict[str, Any]]) -> None:
        named.clear()
        for item in transact_items:
            for action in item.values():
                found = action.get("Key") or action.get("Item") or {}
                named.setdefault(action.get("TableName", ""), []).append(found)
        as_moto_does(self, transact_items)

    class Copies:
        """Stands in for the module `copy` there."""

        copy = staticmethod(copy.copy)

        @staticmethod
        def deepcopy(thing: Any) -> Any:
            return _set_aside(thing, named[thing.name]) if isinstance(thing, Table) else deep(thing)

    deep = copy.deepcopy
    setattr(models, "copy", Copies)  # noqa: B010 - it is a module
    setattr(models.DynamoDBBackend, "transact_write_items", transact_write_items)  # noqa: B010


def _set_aside(table: Any, keys: Sequence[dict[str, Any]]) -> Any:
    """A table that stays as this one is now, as long as only the items with these keys change."""
    from moto.dynamodb.models.dynamo_type import DynamoType

    kept = copy.copy(table)
    ranged = table.has_range_key
    kept.items = defaultdict(dict, {h: dict(v) if ranged else v for h, v in table.items.items()})
    for key in keys:
        names = [name for name in (table.hash_key_attr, table.range_key_attr) if name]
        if not set(names) <= set(key):
            continue  # moto itself refuses such a key
        place = kept.items if not ranged else kept.items.get(DynamoType(key[names[0]]), {})
        last = DynamoType(key[names[-1]])
        if last in place:
            place[last] = copy.deepcopy(place[last])
    return kept
