"""moto in this process, or as the real local server."""

import pytest
from moto import mock_aws

from local import settings
from local.stack import create_stack
from tests.local.stack import clients_of, running_moto, surroundings


@pytest.fixture
def credentials(monkeypatch):
    """Credentials that are worth nothing."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", settings.ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", settings.SECRET_KEY)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)


@pytest.fixture
def cloud(credentials):
    """moto in this process."""
    with mock_aws():
        yield


@pytest.fixture(scope="package")
def moto():
    """The local moto process with the stack in it: (place, clients, template)."""
    with running_moto() as where, surroundings(where):
        clients = clients_of(where)
        yield where, clients, create_stack(clients, settings.config(where))
