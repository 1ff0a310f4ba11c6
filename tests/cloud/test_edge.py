"""What the edge is told goes into CloudFront's store, over the version that stands there."""

from __future__ import annotations

import json

from functions.cloud.edge import NoEdge, StoreEdge
from functions.cloud.runtime import runtime_from
from infra.settings import render
from tests.fakes import CONFIG

ARN = "arn:aws:cloudfront::123456789012:key-value-store/5a"
DOOR = {"share": 220_000, "span": 300, "until": 1_770_000_000_000}


class Store:
    """Both of CloudFront's services, as far as the worker calls them."""

    def __init__(self):
        self.put = []

    def __call__(self, service):
        assert service in ("cloudfront", "cloudfront-keyvaluestore")
        return self

    def describe_key_value_store(self, Name=None, KvsARN=None):
        if Name is not None:
            assert Name == "gelombang-test-door"
            return {"KeyValueStore": {"ARN": ARN}, "ETag": "of another kind"}
        assert KvsARN == ARN
        return {"ETag": "7"}

    def put_key(self, **given):
        self.put.append(given)


def test_the_door_is_put_over_the_version_that_stands_there():
    store = Store()
    StoreEdge(store, CONFIG).tell(DOOR)
    (given,) = store.put
    assert json.loads(given.pop("Value")) == DOOR
    assert given == {"KvsARN": ARN, "Key": "door", "IfMatch": "7"}


def test_an_emulator_has_no_edge_and_a_stage_of_aws_has_one():
    environment = render("dev_verify_worker", "123456789012", "ap-southeast-3")
    environment = environment["environment_variables"]
    assert isinstance(runtime_from(environment).edge, StoreEdge)
    emulated = {**environment, "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    assert isinstance(runtime_from(emulated).edge, NoEdge)
    NoEdge().tell(DOOR)
