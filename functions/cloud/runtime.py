"""The runtime: all ports of this process, put together in one place.

Lambda builds one from its environment when first needed; the local stack and the
tests install their own with `install`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from functions.cloud.clients import Clients
from functions.cloud.config import Config
from functions.cloud.dynamo import DynamoTables
from functions.cloud.edge import Edge, NoEdge, StoreEdge
from functions.cloud.files import Files, S3Files
from functions.cloud.flags import Flags
from functions.cloud.machines import Machines, StepMachines
from functions.cloud.mail import Mailer, SesMailer
from functions.cloud.queues import Queues, SqsQueues
from functions.cloud.sms import SmsSender, sms_sender
from functions.cloud.tables import Tables
from functions.cloud.vault import KmsVault, Vault


def system_clock() -> int:
    """Now, in milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class Runtime:
    """The ports that use cases take. `clock()` is in milliseconds, `random(n)` gives n bytes.

    `flags` are read by way of `tables` and remembered for some seconds.
    """

    config: Config
    clock: Callable[[], int]
    random: Callable[[int], bytes]
    tables: Tables
    files: Files
    queues: Queues
    machines: Machines
    mailer: Mailer
    sms: SmsSender
    vault: Vault
    edge: Edge
    flags: Flags = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "flags", Flags(self.tables, self.clock))


def runtime_from(
    environment: Mapping[str, str], clock: Callable[[], int] = system_clock
) -> Runtime:
    """A runtime on AWS (or an emulator of it). Raises ConfigError; calls nothing yet."""
    config = Config.from_environment(environment)
    clients = Clients(config)
    return Runtime(
        config=config,
        clock=clock,
        random=os.urandom,
        tables=DynamoTables(clients, f"gelombang-{config.stage}-"),
        files=S3Files(clients, config),
        queues=SqsQueues(clients, config),
        machines=StepMachines(clients, config),
        mailer=SesMailer(clients, config),
        sms=sms_sender(clients, config),
        vault=KmsVault(clients, config),
        edge=NoEdge() if config.endpoint else StoreEdge(clients, config),
    )


_installed: list[Runtime] = []


def install(runtime: Runtime) -> None:
    """Use this runtime in this process from now on."""
    _installed[:] = [runtime]


def current() -> Runtime:
    """The installed runtime, or one made from the environment."""
    if not _installed:
        install(runtime_from(os.environ))
    return _installed[0]
