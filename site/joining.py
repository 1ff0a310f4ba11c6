"""Modules joined into the few files that a page loads.

No bundler that is kept up comes as a Python package, and Node is not needed to build; the site's
modules keep to so few forms that joining them is small. A module may begin with

    import { a, b } from "./other.js";

and may export functions, classes and constants where it declares them. Each module becomes a
function of its own that gives what it exports, so their inner names never meet. Whatever else a
module imports or exports is refused. A joined file exports its modules by name, `photo-store.js`
as `$photo_store`, so that another joined file, or a test, has the very same one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([a-z0-9-]+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?function|class|const) (\w+)", re.MULTILINE)
_NAME = re.compile(r"[A-Za-z_]\w*")
# Files that a module asks for only when it needs them.
_LATER = re.compile(r'(?:\bimport\(|\bnew URL\()"\./([a-z0-9-]+)\.js"')
_VENDORED = re.compile(r'\bimport\("\.\./vendor/[a-z0-9-]+\.js"\)')
_COMMENT = re.compile(r"^[ \t]*(?:/\*(?:[^*]|\*(?!/))*\*/[ \t]*|//[^\n]*)\n", re.MULTILINE)
# Before a line, and empty ones; no text in a module reaches over two lines (_refuse_the_rest).
_SPACE = re.compile(r"^\s+", re.MULTILINE)
_AWAIT = re.compile(r"^(?:\w[^\n({]*[ =(])?await\b", re.MULTILINE)


class JoinError(Exception):
    """A module uses a form that cannot be joined; the message names the module and the form."""


@dataclass(frozen=True)
class Module:
    """One module taken apart: {imported module: names}, exported names, the rest, loaded later."""

    imports: dict[str, list[str]]
    exports: list[str]
    body: str
    later: list[str]


def parse(name: str, source: str) -> Module:
    """The parts of a module. Raises JoinError for each form that is not understood."""
    text = _COMMENT.sub("", source)
    imports: dict[str, list[str]] = {}
    for names, other in _IMPORT.findall(text):
        wanted = [word.strip() for word in names.split(",") if word.strip()]
        if other in imports or not wanted or not all(map(_NAME.fullmatch, wanted)):
            raise JoinError(f"{name}: imports {{{names.strip()}}} from {other}")
        imports[other] = wanted
    text = _IMPORT.sub("", text)
    exports = [exported for _, exported in _EXPORT.findall(text)]
    body = _EXPORT.sub(r"\1 \2", text).strip("\n")
    _refuse_the_rest(name, body, exports)
    body = _SPACE.sub("", body)
    return Module(imports, exports, body, _LATER.findall(body))


def _refuse_the_rest(name: str, body: str, exports: list[str]) -> None:
    for line in body.splitlines():
        if re.match(r"\s*(?:export\b|import\b(?!\s*\(|\.meta\b))", line):
            raise JoinError(f"{name}: not understood: {line.strip()}")
        if line.count("`") % 2:
            raise JoinError(f"{name}: a template over several lines: {line.strip()}")
    if len(set(exports)) != len(exports):
        raise JoinError(f"{name}: exports a name twice")
    literal = len(_VENDORED.findall(body)) + len(re.findall(r'\bimport\("\./', body))
    if len(re.findall(r"\bimport\s*\(", body)) != literal:
        raise JoinError(f"{name}: imports a module whose name is not written out")
    if _AWAIT.search(body):
        raise JoinError(f"{name}: waits while it is loaded")


def order(entries: Sequence[str], module: Callable[[str], Module]) -> list[str]:
    """The entries and all they import, each after what it imports. Raises JoinError on a circle."""
    found: list[str] = []

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise JoinError(f"import one another: {' → '.join([*above, name])}")
        if name in found:
            return
        for imported, names in module(name).imports.items():
            visit(imported, (*above, name))
            lacking = sorted(set(names) - set(module(imported).exports))
            if lacking:
                raise JoinError(f"{name}: {imported} does not export {', '.join(lacking)}")
        found.append(name)

    for entry in entries:
        visit(entry, ())
    return found


def join(
    entries: Sequence[str],
    module: Callable[[str], Module],
    shared: Sequence[str] = (),
    shared_file: str = "",
) -> str:
    """One file that runs the entries. Modules in `shared` are taken from the file `shared_file`."""
    names = order(entries, module)
    taken = [name for name in names if name in shared]
    own = [name for name in names if name not in shared]
    parts = [_wrapped(name, module(name)) for name in own]
    if taken:
        parts.insert(0, f'import {_braced(map(_identifier, taken))} from "./{shared_file}";')
    given = [_identifier(name) for name in own if module(name).exports]
    if given:
        parts.append(f"export {_braced(given)};")
    return "\n".join(parts) + "\n"


def _wrapped(name: str, module: Module) -> str:
    taken = [
        f"const {_braced(names)} = {_identifier(other)};" for other, names in module.imports.items()
    ]
    given = [f"return {_braced(module.exports)};"] if module.exports else []
    head = f"const {_identifier(name)} = " if module.exports else ""
    return "\n".join([f"{head}(() => {{", *taken, module.body, *given, "})();"])


def _braced(names: Iterable[str]) -> str:
    return f"{{ {', '.join(names)} }}"


def _identifier(name: str) -> str:
    return "$" + name.replace("-", "_")
