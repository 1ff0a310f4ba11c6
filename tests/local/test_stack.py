"""The stack in moto is the whole template, nothing dropped."""

from dataclasses import replace

import pytest

from functions.cloud.clients import Clients
from local import filler, settings
from local.stack import create_stack, described_stack
from local.template import Template
from tests.local.readback import UNFILLABLE, differences


@pytest.fixture
def config():
    """The local configuration, but for moto in this process."""
    return replace(settings.config(settings.place(1024)), endpoint=None)


@pytest.fixture
def clients(cloud, config):
    return Clients(config)


def test_every_property_of_the_template_exists_in_moto(clients, config):
    template = create_stack(clients, config)
    assert differences(clients, template) == []


@pytest.mark.parametrize("dropped", ["AWS::IAM::Role", "AWS::SQS::QueuePolicy"])
def test_a_property_that_nobody_fills_is_noticed(clients, config, monkeypatch, dropped):
    monkeypatch.delitem(filler.FILLERS, dropped)
    with pytest.raises((KeyError, ValueError)):
        differences(clients, create_stack(clients, config))


def test_a_property_that_differs_is_noticed(clients, config):
    template = create_stack(clients, config)
    bucket = template.resources["IncomingBucket"].properties["BucketName"]
    clients("s3").put_bucket_versioning(
        Bucket=bucket, VersioningConfiguration={"Status": "Suspended"}
    )
    assert differences(clients, template) == [("IncomingBucket", "VersioningConfiguration")]


def test_what_cannot_be_filled_is_still_in_the_template():
    template = Template({"Stage": "dev", "Origin": "http://x", "MailFrom": "a@b.example"}, "1", "r")
    properties = {(r.type, name) for r in template.resources.values() for name in r.properties}
    assert properties >= UNFILLABLE


def test_the_ids_of_an_existing_stack_can_be_read_again(clients, config):
    made = create_stack(clients, config)
    assert described_stack(clients, config).physical == made.physical
