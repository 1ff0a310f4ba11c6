"""The whole system on one machine.

python -m local                 everything, until Ctrl-C
python -m local moto            one of its three processes alone, beside a supervisor
python -m local web
python -m local worker
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable

from local.processes import AlreadyRuns, end_with, lives
from local.settings import Place, environment, place

PROCESSES = ("moto", "web", "worker")
PORT = 8000
# From 1024 on no special rights are needed; the next port is moto's.
PORTS = range(1024, 65535)


def main(arguments: list[str]) -> int:
    """The command; 1 when it cannot run, with one line that says why."""
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("process", nargs="?", choices=PROCESSES, help="just this one")
    parser.add_argument("--port", type=int, default=PORT, help="the site's; S3 is on the next")
    options = parser.parse_args(arguments)
    if options.port not in PORTS:
        parser.error("--port must be 1024 to 65534")
    where = place(options.port)
    # From here on nothing in this process can reach a real account.
    surroundings = environment(where, os.environ)
    os.environ.clear()
    os.environ.update(surroundings)
    logging.basicConfig(format="%(name)s %(levelname)s %(message)s", level=logging.WARNING)
    run = run_process if options.process else run_all
    return run(where, options.process)


def run_all(where: Place, _: None) -> int:
    """Everything."""
    from local.supervisor import StartFailed, Supervisor

    try:
        Supervisor(where, sys.stdout).run()
    except StartFailed as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def run_process(where: Place, process: str) -> int:
    """One process. It lives no longer than the supervisor of its folder."""
    if not lives(where.lock("supervisor")):
        sys.stderr.write(f"nothing runs on port {where.port}; start `python -m local` first\n")
        return 1
    end_with(where.lock("supervisor"))
    try:
        runner(process)(where)
    except AlreadyRuns:
        sys.stderr.write(f"a {process} runs already\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"{process}: {error.strerror or error}\n")
        return 1
    return 0


def runner(process: str) -> Callable[[Place], None]:
    """The function that is the process; imported late, for each is a world of its own."""
    if process == "moto":
        from local.cloud import run
    elif process == "web":
        from local.web import run
    else:
        from local.worker import run
    return run


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
