"""The edge: what its functions read of us, one value in CloudFront's key value store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

# Name of the store, after the stage's, and its one key (infra/front.yaml, infra/edge/).
STORE, KEY = "door", "door"


class Edge(Protocol):
    def tell(self, door: Mapping[str, int]) -> None:
        """Let all edges know, within seconds, whom to let in."""
        ...


class StoreEdge:
    """`Edge` by CloudFront's store. Its calls are signed for all regions at once, for which boto3
    needs awscrt, so that verify's worker alone can make them."""

    def __init__(self, clients: Any, config: Any):
        self._clients, self._config = clients, config

    def tell(self, door: Mapping[str, int]) -> None:
        found = self._clients("cloudfront").describe_key_value_store(Name=self._config.name(STORE))
        arn = found["KeyValueStore"]["ARN"]
        store = self._clients("cloudfront-keyvaluestore")
        version = store.describe_key_value_store(KvsARN=arn)["ETag"]
        value = json.dumps(dict(door), separators=(",", ":"))
        store.put_key(KvsARN=arn, Key=KEY, Value=value, IfMatch=version)


class NoEdge:
    """No CloudFront stands before an emulator: its local server reads the tick's own item."""

    def tell(self, door: Mapping[str, int]) -> None:
        pass
