"""The waiting room on one machine: what the functions at the edge do, by the same rule."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from random import SystemRandom

from werkzeug.wrappers import Request, Response

from functions.cloud.runtime import Runtime
from functions.verify.admission import STATE, told
from infra import door
from infra.door import Door


def real_time() -> int:
    """Milliseconds since 1970, whatever the stage's clock says: cookies and browsers go by it."""
    return time.time_ns() // 1_000_000


def door_of(runtime: Runtime) -> Door | None:
    """What verify's tick would have told the edge."""
    state = runtime.tables.get("figures", STATE)
    found = Door(**told(state)) if state is not None else None
    return found if found is not None and found.shut(runtime.clock()) else None


@dataclass(frozen=True)
class Gate:
    """`door()`: the door while not everyone is let in. `secure`: cookies for https alone."""

    door: Callable[[], Door | None]
    now: Callable[[], int] = real_time
    chance: Callable[[], float] = SystemRandom().random
    secure: bool = False

    def meet(self, request: Request) -> tuple[Response | None, bool]:
        """The answer for whoever has to wait; and whether somebody comes in now."""
        mode = request.headers.get("Sec-Fetch-Mode")
        if not door.concerns(request.path, request.cookies, mode):
            return None, False
        shut = self.door()
        if shut is None:
            return None, False
        wait = door.ask(shut, request.path, request.cookies, self.now(), self.chance)
        if wait is None:
            return None, True
        response = Response(status=302, headers={"Cache-Control": "no-store"})
        response.headers["Location"] = wait.location
        if wait.at is not None:
            self._keep(response, door.RETURN, str(wait.at), door.RETURN_SECONDS, script=True)
        return response, False

    def let_in(self, response: Response) -> None:
        """Whoever came in stays inside."""
        self._keep(response, door.INSIDE, "1", door.INSIDE_SECONDS, script=False)

    def _keep(
        self, response: Response, name: str, value: str, seconds: int, *, script: bool
    ) -> None:
        response.set_cookie(
            name,
            value,
            max_age=seconds,
            path="/",
            secure=self.secure,
            httponly=not script,
            samesite="Lax",
        )
