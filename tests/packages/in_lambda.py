"""The other side of `clean.py`: runs in an interpreter that knows a package and little else.

Does what Lambda does with a package: imports `handler`, lets Zappa load the application, hands it
events. Takes a job as JSON on stdin, gives what happened as JSON on stdout.
"""

import importlib
import json
import os
import sys
import time
from pathlib import Path
from types import SimpleNamespace

CONTEXT = SimpleNamespace(
    function_name="gelombang", aws_request_id="0" * 8, get_remaining_time_in_millis=lambda: 60_000
)


def main() -> None:
    """Import, call, tell. Whatever a handler raises ends this process with its traceback."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # Zappa prints what it does
    job = json.load(sys.stdin)
    begun, begun_cpu = time.perf_counter(), time.process_time()
    handler = importlib.import_module("handler")
    handler.LambdaHandler()
    for name in job["modules"]:
        importlib.import_module(name)
    imported = {
        "import_millis": (time.perf_counter() - begun) * 1000,
        "import_cpu_millis": (time.process_time() - begun_cpu) * 1000,
    }
    calls = []
    for event in job["events"]:
        begun = time.perf_counter()
        answer = handler.lambda_handler(event, CONTEXT)
        calls.append({"answer": answer, "millis": (time.perf_counter() - begun) * 1000})
    json.dump({**imported, "calls": calls, "outsiders": outsiders()}, answers)
    answers.close()


def outsiders() -> list[str]:
    """Files of imported modules that are neither in the package, the runtime nor Python itself."""
    ours = [Path(p).resolve() for p in os.environ["PYTHONPATH"].split(os.pathsep)]
    library = Path(os.__file__).resolve().parent
    found = []
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if file is None or module.__name__ == "__main__":
            continue
        place = Path(file).resolve()
        standard = library in place.parents and "site-packages" not in place.parts
        if not standard and not any(folder in place.parents for folder in ours):
            found.append(str(place))
    return found


if __name__ == "__main__":
    main()
