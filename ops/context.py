"""What the commands know of their surroundings."""

from __future__ import annotations

from collections.abc import Callable

import click

from functions.cloud.runtime import Runtime, current


def runtime_of(ctx: click.Context) -> Runtime:
    """The runtime that a caller put into the context, else that of the environment."""
    make: Callable[[], Runtime] = ctx.obj.get("runtime", current)
    return make()
