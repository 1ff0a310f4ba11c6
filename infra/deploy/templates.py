"""A template's text, resource by resource."""

from __future__ import annotations

import re
from collections.abc import Iterator

RESOURCE = re.compile(r"^  (\w+):\n((?:^(?:    .*|\s*)\n)+)", re.MULTILINE)


def parts(text: str) -> dict[str, str]:
    """{logical name: its lines} of a template's resources."""
    _, _, resources = text.partition("\nResources:\n")
    resources = re.split(r"^\S", resources, maxsplit=1, flags=re.MULTILINE)[0]
    return dict(RESOURCE.findall(resources + "\n"))


def differences(before: str, after: str) -> Iterator[str]:
    """`+Name`, `-Name` and `~Name` for what is added, removed and changed."""
    old, new = parts(before), parts(after)
    yield from (f"+{name}" for name in new if name not in old)
    yield from (f"-{name}" for name in old if name not in new)
    yield from (f"~{name}" for name in new if old.get(name, new[name]) != new[name])
