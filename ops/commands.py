"""The operator's command line. Every command can be repeated; none replaces what is public."""

from __future__ import annotations

import json
import secrets
from functools import partial
from pathlib import Path
from typing import Any

import click

from functions.cloud.clients import Clients
from functions.cloud.runtime import Runtime, system_clock
from functions.cloud.tables import Busy
from functions.programme.draw.keys import COSIGNATURE, Signer
from functions.programme.draw.pins import SCHEME
from functions.programme.times import SECOND
from functions.programme.waves import FAMILY_SHARDS
from functions.select.waves import phase_of
from ops import keys as stage_keys
from ops import pins as stage_pins
from ops import waves as stage_waves
from ops.account_commands import accounts
from ops.applicant_commands import applicants
from ops.audit_commands import audit
from ops.context import runtime_of
from ops.dispute_commands import disputes
from ops.draw_commands import draw
from ops.errors import Refused
from ops.flag_commands import flags
from ops.funnel_commands import wave_funnel
from ops.golive_commands import golive
from ops.ledger_commands import blacklist, recipients
from ops.moments import parse_moment, parse_pool
from ops.objection_commands import objections
from ops.opening_commands import simulate
from ops.purchase_commands import purchases
from ops.queue_commands import queues
from ops.restore_commands import restore
from ops.review_commands import by_operator, review
from ops.wave_commands import wave_revoke, wave_void
from ops.witness import Signed, create_app

SEED_BYTES = 32


class Operator(click.Group):
    """A group whose commands' refusals, and busy tables, are shown as one line and exit 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Refused as error:
            raise click.ClickException(str(error)) from error
        except Busy as error:
            raise click.ClickException("others write the same items: nothing is done") from error


@click.group(cls=Operator)
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Operate a stage of Gelombang; the environment says which (docs/settings.md)."""
    ctx.ensure_object(dict)


cli.add_command(review)
cli.add_command(audit)
cli.add_command(objections)
cli.add_command(disputes)
cli.add_command(accounts)
cli.add_command(applicants)
cli.add_command(draw)
cli.add_command(recipients)
cli.add_command(blacklist)
cli.add_command(purchases)
cli.add_command(simulate)
cli.add_command(queues)
cli.add_command(golive)
cli.add_command(flags)
cli.add_command(restore)


@cli.group()
def keys() -> None:
    """Encryption keys and signing seeds."""


@keys.command("create")
@click.pass_context
def keys_create(ctx: click.Context) -> None:
    """Make the keys and seeds that this stage still lacks."""
    config = runtime_of(ctx).config
    made = stage_keys.create(Clients(config), config)
    for name in made:
        click.echo(f"made {name}")
    if not made:
        click.echo("nothing to make")


@cli.group()
def pins() -> None:
    """What every verifier must know."""


@pins.command("publish")
@click.option("--witness", "witnesses", multiple=True, help="Verifier key of a witness.")
@click.option("--quorum", type=int, default=stage_pins.QUORUM, show_default=True)
@click.option("--chain", default=stage_pins.QUICKNET["chain"], show_default=True)
@click.option("--public-key", default=stage_pins.QUICKNET["public_key"], show_default=True)
@click.option("--genesis", type=int, default=stage_pins.QUICKNET["genesis"], show_default=True)
@click.option("--period", type=int, default=stage_pins.QUICKNET["period"], show_default=True)
@click.option("--family-limit", type=int, default=stage_pins.FAMILY_LIMIT, show_default=True)
@click.option("--margin", type=int, default=stage_pins.MARGIN_SECONDS, show_default=True)
@click.option("--fallback", type=int, default=stage_pins.FALLBACK_ROUNDS, show_default=True)
@click.option("--draw-delay", type=int, default=stage_pins.DRAW_DELAY_SECONDS, show_default=True)
@click.pass_context
def pins_publish(ctx: click.Context, **given: Any) -> None:
    """Publish pins.json, once; prints it. Without beacon options: drand's quicknet."""
    data = stage_pins.publish(
        runtime_of(ctx),
        witnesses=given["witnesses"],
        quorum=given["quorum"],
        beacon={
            "chain": given["chain"],
            "public_key": given["public_key"],
            "scheme": SCHEME,
            "genesis": given["genesis"],
            "period": given["period"],
        },
        family_limit=given["family_limit"],
        margin_seconds=given["margin"],
        fallback_rounds=given["fallback"],
        draw_delay_seconds=given["draw_delay"],
    )
    click.echo(data.decode())


@cli.group()
def wave() -> None:
    """Waves."""


@wave.command("create")
@click.option("--wave", "number", type=int, required=True)
@click.option("--quota", type=int, required=True)
@click.option("--reserve", type=int, default=0, show_default=True)
@click.option("--opens", required=True, help="2026-01-09T05:00:00Z or '2026-01-09 12:00 WIB'.")
@click.option("--closes", required=True, help="As --opens.")
@click.option(
    "--draw-after", type=int, help="Seconds from close to draw; as soon as allowed if left out."
)
@click.option("--province", "provinces", multiple=True, help="Two-digit code; all if left out.")
@click.option(
    "--pool",
    "pools",
    multiple=True,
    help="name:seats:provinces, such as timur:5000:91,92; with 1,000 expected members or more.",
)
@click.option("--shards", type=int, default=FAMILY_SHARDS, show_default=True)
@click.option(
    "--returned-from",
    type=int,
    multiple=True,
    help="A wave whose places that nobody has are added to the quota; may be repeated.",
)
@partial(by_operator, required=False)
@click.pass_context
def wave_create(ctx: click.Context, **given: Any) -> None:
    """Announce a wave and make its gates; repeat it if it was interrupted."""
    runtime = runtime_of(ctx)
    stage_waves.create(
        runtime,
        wave=given["number"],
        quota=given["quota"],
        reserve=given["reserve"],
        opens_at=parse_moment(given["opens"]),
        closes_at=parse_moment(given["closes"]),
        draw_after_seconds=given["draw_after"],
        shards=given["shards"],
        provinces=given["provinces"] or None,
        pools=[parse_pool(text) for text in given["pools"]],
        returned_from=given["returned_from"],
        operator=given["operator"],
    )
    _show(runtime, given["number"])


wave.add_command(wave_void)
wave.add_command(wave_revoke)
wave.add_command(wave_funnel)


@wave.command("list")
@click.pass_context
def wave_list(ctx: click.Context) -> None:
    """One line for each wave: number, phase, close, entries."""
    runtime = runtime_of(ctx)
    for item in stage_waves.find_all(runtime):
        shown = stage_waves.shown(item)
        phase = phase_of(item, runtime.clock())
        entries = "" if shown["entries"] is None else f"  {shown['entries']} entries"
        click.echo(f"{shown['wave']}  {phase}  closes {shown['closes_at']}{entries}")


@wave.command("show")
@click.option("--wave", "number", type=int, required=True)
@click.pass_context
def wave_show(ctx: click.Context, number: int) -> None:
    """All that is public of a wave, as JSON."""
    _show(runtime_of(ctx), number)


def _show(runtime: Runtime, number: int) -> None:
    click.echo(json.dumps(stage_waves.shown(stage_waves.find(runtime, number)), indent=2))


@cli.group()
def witness() -> None:
    """A witness, run by an institution of its own."""


@witness.command("key")
@click.option("--name", required=True, help="Name in the verifier key, such as a host name.")
@click.option("--seed-file", type=click.Path(path_type=Path, dir_okay=False), required=True)
def witness_key(name: str, seed_file: Path) -> None:
    """Make the witness's key if there is none, and print the verifier key to be pinned."""
    click.echo(str(Signer(name, COSIGNATURE, read_seed(seed_file)).verifier))


@witness.command("serve")
@click.option("--name", required=True, help="Name in the verifier key, such as a host name.")
@click.option("--operator-key", required=True, help="Verifier key of the operator.")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), required=True)
@click.option("--seed-file", type=click.Path(path_type=Path, dir_okay=False), required=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=int, default=8090, show_default=True)
def witness_serve(
    name: str, operator_key: str, folder: Path, seed_file: Path, host: str, port: int
) -> None:
    """Cosign roster heads; the seed (hex) is made when the file is not there."""
    from werkzeug.serving import run_simple

    app = create_app(
        name=name,
        seed=read_seed(seed_file),
        operator_key=operator_key,
        folder=folder,
        clock=system_clock,
    )
    Signed(folder).sweep()
    key = app.test_client().get("/key").text.strip()
    click.echo(f"witness {key} at http://{host}:{port}, clock {system_clock() // SECOND}")
    run_simple(host, port, app, threaded=True)


def read_seed(path: Path) -> bytes:
    """The seed of a file of 64 hex digits, made with access for its owner only if missing."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(SEED_BYTES) + "\n")
    try:
        seed = bytes.fromhex(path.read_text().strip())
    except ValueError as error:
        raise Refused(f"{path} holds no hex seed") from error
    if len(seed) != SEED_BYTES:
        raise Refused(f"{path} must hold {2 * SEED_BYTES} hex digits")
    return seed
