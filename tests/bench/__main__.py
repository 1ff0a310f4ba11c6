"""`python -m tests.bench [PART]`: measure, print, and fail where a bound is broken."""

import sys
from itertools import chain
from pathlib import Path

import click

from functions.upload.photo.verdict import Kind
from local.cards import backgrounds, fonts, people
from local.cards.packages import NotAvailable
from tests.bench import (
    checks,
    draw,
    floor,
    hostile,
    lighthouse,
    merge,
    old_browser,
    photo_page,
    photo_sending,
    photo_states,
    photos,
    pictures,
    site_times,
    site_weight,
    system_commands,
    verdict,
    waves,
    waves_on_ministack,
    waves_on_moto,
)


@click.group(invoke_without_command=True)
@click.pass_context
def bench(context: click.Context) -> None:
    """Everything, one after the other, when no part is named."""
    if context.invoked_subcommand is None:
        for command in bench.commands.values():
            context.invoke(command)


@bench.command("photos")
@click.option("--count", default=200, show_default=True, help="Photos of each kind.")
@click.option("--large", default=40, show_default=True, help="Photos of 12 million pixels.")
@click.option(
    "--pictures", "folder", type=click.Path(path_type=Path), help="Save sheets of hits and misses."
)
def unseen_photos(count: int, large: int, folder: Path | None) -> None:
    """Photos the checks have never seen: the table of targets, what was taken for what, times."""
    try:
        fonts.gather(None)
        people.gather(None)
        backgrounds.gather("unseen", None)
    except NotAvailable as lack:
        raise click.ClickException(str(lack)) from lack
    timed = photos.large_outcomes(large)
    ktp = list(chain(*(shown_as("ktp", shown, count) for shown in photos.KTP)))
    selfies = list(chain(*(shown_as("selfie", shown, count) for shown in photos.SELFIE)))
    heavy = photos.memory(photos.peak_memory(min(large, 5)))
    rows = [*photos.targets(ktp, selfies), *photos.speed(timed), heavy]
    for row in rows:
        click.echo(
            f"{'kept  ' if row.kept else 'MISSED'} {row.name:38} {row.measured:36} {row.bound}"
        )
    click.echo("\nCPU ms at 12 MP, median by stage (decoding alone beside it)")
    for stage, millis in photos.by_stage(timed).items():
        click.echo(f"  {stage:10} {millis:6.1f}")
    if folder is not None:
        pictures.save(folder, [*ktp, *selfies])


def shown_as(kind: Kind, shown: str, count: int) -> list[photos.Outcome]:
    """The outcomes of photos that show this; how often each first reason came is told at once."""
    those = photos.outcomes(kind, shown, count)
    told = ", ".join(f"{reason} {number}" for reason, number in photos.first_reasons(those))
    click.echo(f"{kind} {shown:12} → {told}")
    return those


@bench.command("hostile")
@click.option("--damaged", default=20_000, show_default=True, help="Files damaged from a seed.")
def hostile_files(damaged: int) -> None:
    """Pillow's own test pictures and damaged files: each ends as a verdict."""
    corpora = {
        "Pillow's test pictures": hostile.pillow_tally(),
        "damaged files": hostile.damaged_tally(damaged),
    }
    for name, tally in corpora.items():
        click.echo(
            f"{name}: {tally.files} files, {tally.verdicts.total()} verdicts, "
            f"{tally.broken.total()} broken children {dict(tally.broken)}, "
            f"at most {tally.peak_kib / 1024:.0f} MB ({tally.heaviest}), {tally.slowest:.2f} s"
        )
        for reason, count in tally.verdicts.most_common():
            click.echo(f"  {reason:16} {count}")
    if not all(tally.holds() for tally in corpora.values()):
        sys.exit(1)


@bench.command("verdict")
@click.option("--people", default=5, show_default=True, help="Each sends two photos.")
def waits_for_verdicts(people: int) -> None:
    """Seconds from sending a good photo to its verdict, on the local stack, in a browser."""
    found = list(verdict.waits(people))
    click.echo(verdict.told(found))
    if not all(wait.accepted and wait.seconds <= verdict.LIMIT_SECONDS for wait in found):
        sys.exit(1)


@bench.command("waves")
@click.option("--entries", default=50_000, show_default=True, help="With tables in memory.")
@click.option("--on-moto", default=500, show_default=True, help="On the moto stack; 0: not there.")
@click.option("--merge", "merged", default=10_000_000, show_default=True, help="Entries merged.")
@click.option("--seed", default=1, show_default=True, help="Of the late one; the other is next.")
def killed_waves(entries: int, on_moto: int, merged: int, seed: int) -> None:
    """Waves by the schedule alone, killed ten times each: with a late and with a wrong beacon."""
    sound = True
    for number, fault in enumerate(("late", "wrong"), seed):
        courses = (
            [("in memory", waves.Stage(number, entries, fault).run(browser=True))]
            if entries
            else []
        )
        if on_moto:
            courses.append(("on moto", waves_on_moto.run(number, on_moto, fault)))
        for where, course in courses:
            click.echo(f"{where}, {fault} beacon: {course.told()}")
            sound = sound and not course.wrong
    if merged:
        found = merge.measure(merged, merge.SHARDS)
        click.echo(
            f"merge of {found.entries} entries from {found.shards} segments: {found.seconds:.1f} "
            f"CPU seconds, {found.megabytes_a_second:.0f} MB/s, {found.reads} reads, "
            f"{found.peak_mib:.0f} MiB at most, {found.before_mib:.0f} of them before"
        )
    if not sound:
        sys.exit(1)


@bench.command("ministack")
@click.option("--ministack", type=click.Path(path_type=Path), help="The program itself.")
@click.option("--package", type=click.Path(path_type=Path), help="select_worker/package.zip")
@click.option("--entries", default=40, show_default=True)
@click.option("--shards", default=8, show_default=True)
def wave_on_ministack(
    ministack: Path | None, package: Path | None, entries: int, shards: int
) -> None:
    """A wave whose shards the state machine itself takes through the deployed zip."""
    if ministack is None or package is None:
        click.echo("on ministack: not tried, since --ministack and --package are not given")
        return
    course = waves_on_ministack.run(ministack, package, entries, shards)
    click.echo(f"on ministack: {course.told()}")
    sys.exit(1 if course.wrong else 0)


@bench.command("draw")
@click.option("--entries", default=(1_000_000, 10_000_000), multiple=True, show_default=True)
def draws(entries: tuple[int, ...]) -> None:
    """The draw by stages, beside pandas, random.sample, SQLite and PostgreSQL."""
    kept = [draw.bench(count, click.echo) for count in entries]
    if not all(kept):
        sys.exit(1)


@bench.command("checks")
@click.option("--entries", default=1_000_000, show_default=True)
def public_checks(entries: int) -> None:
    """The public's own checks: a proof on a slow phone, a wave in Python and in the browser."""
    for line in checks.measure(entries):
        click.echo(line)


@bench.command("site-weight")
def weights_of_pages() -> None:
    """Bytes and requests of every page in both languages, for a phone with nothing of the site."""
    found = list(site_weight.lines())
    for line in found:
        click.echo(line)
    if any(line.endswith("OVER") for line in found):
        sys.exit(1)


@bench.command("site-times")
@click.option("--runs", default=5, show_default=True, help="Of each page.")
@click.option("--page", "pages", multiple=True, help="Only these, as `daftar/`.")
def times_of_pages(runs: int, pages: tuple[str, ...]) -> None:
    """Largest paint, shifts and answers to touches at slow 4G and a fourth of the speed."""
    kept = True
    for felt in site_times.measure(runs, pages):
        click.echo(felt.told())
        kept = kept and felt.kept
    if not kept:
        sys.exit(1)


@bench.command("floor")
def oldest_browsers() -> None:
    """Every page, registering, a photo and a proof in Chromium 83 and 92."""
    failed = False
    for release in old_browser.RELEASES:
        for line in floor.measure(release):
            click.echo(line)
            failed = failed or line.startswith("FAILED")
    if failed:
        sys.exit(1)


@bench.command("lighthouse")
@click.option("--runs", default=5, show_default=True, help="Of each page.")
@click.option("--page", "pages", multiple=True, help="Only these, as `daftar/`.")
def rated_by_lighthouse(runs: int, pages: tuple[str, ...]) -> None:
    """Lighthouse as on a phone: four categories, largest paint, shifts, blocked time."""
    kept = True
    for rated in lighthouse.measure(runs, pages):
        click.echo(rated.told())
        kept = kept and rated.kept


@bench.command("photo-page")
@click.option("--rounds", default=5, show_default=True, help="Photos, each on a fresh page.")
def photo_on_a_slow_phone(rounds: int) -> None:
    """A 12-megapixel photo made to fit on a phone six times slower than this machine."""
    lines, kept = photo_page.told(*photo_page.measure(rounds))
    for line in lines:
        click.echo(line)
    if not kept:
        sys.exit(1)


@bench.command("photo-sending")
@click.option("--runs", default=8, show_default=True, help="Photos at each share of losses.")
def photos_over_bad_connections(runs: int) -> None:
    """How many photos arrive when none, 30, 60 and 80 % of all requests are lost."""
    arrived = number = 0
    for share, sent in photo_sending.measure(runs):
        click.echo(photo_sending.told(share, sent))
        arrived, number = arrived + sum(one.arrived for one in sent), number + len(sent)
    click.echo(f"{arrived} of {number} photos arrived")
    if arrived < number:
        sys.exit(1)


@bench.command("photo-states")
@click.option("--pictures", type=click.Path(path_type=Path), help="Save what a phone shows.")
@click.argument("names", nargs=-1)
def states_of_photo_pages(pictures: Path | None, names: tuple[str, ...]) -> None:
    """Every state of the photo pages in both languages: what axe finds wrong."""
    wrong = number = 0
    for state, found in photo_states.measure(names, pictures):
        wrong, number = wrong + len(found), number + 1
        for one in found:
            click.echo(f"{state}: {one}")
    click.echo(f"{number} states and languages, {wrong} violations")
    if wrong:
        sys.exit(1)


for command in system_commands.COMMANDS:
    bench.add_command(command)


if __name__ == "__main__":
    bench()
