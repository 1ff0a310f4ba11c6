"""Styles, modules and icons: gathered, hashed, and who imports whom."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from catalogues import CatalogueError, keys_of_module

# One request for styles a page, tokens first. Pages without forms take `plain.css`.
STYLES = {
    "site.css": ("tokens.css", "base.css", "forms.css", "pages.css"),
    "plain.css": ("tokens.css", "base.css", "pages.css"),
}
_IMPORT = re.compile(r'^(?:import|export) [^;]*?from "\./([a-z-]+\.js)";', re.MULTILINE)


class Assets:
    """All files of the folder `/aset/<hash>/`; the hash is made of every name and byte."""

    def __init__(self, root: Path):
        self.files = {name: _style_sheet(root / "styles", parts) for name, parts in STYLES.items()}
        for path in sorted((root / "modules").glob("*.js")):
            self.files[f"modules/{path.name}"] = path.read_bytes()
        for path in sorted((root / "vendor").glob("*.js")):
            if not path.name.endswith(".entry.js"):
                self.files[f"vendor/{path.name}"] = path.read_bytes()
        for path in sorted((root / "icons").iterdir()):
            self.files[path.name] = path.read_bytes()
        digest = hashlib.sha256()
        for name, content in sorted(self.files.items()):
            digest.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
        self.folder = f"/aset/{digest.hexdigest()[:12]}/"

    def address(self, name: str) -> str:
        """The path of a file on the site. Raises KeyError when there is no such file."""
        self.files[name]
        return self.folder + name

    def with_imports(self, module: str) -> list[str]:
        """A module and all that it imports, itself first; names such as `modules/api.js`."""
        found, waiting = [], [f"modules/{module}.js"]
        while waiting:
            name = waiting.pop(0)
            if name in found:
                continue
            found.append(name)
            waiting += [f"modules/{imported}" for imported in _IMPORT.findall(self._source(name))]
        return found

    def vendored(self) -> list[str]:
        """The names of all code that others wrote; it is loaded when it is needed."""
        return [name for name in self.files if name.startswith("vendor/")]

    def keys(self, modules: list[str]) -> tuple[set[str], set[str]]:
        """The keys and families of sentences that these modules use."""
        keys: set[str] = set()
        families: set[str] = set()
        for name in modules:
            try:
                more, wide = keys_of_module(self._source(name))
            except CatalogueError as error:
                raise CatalogueError(f"{name}: {error}") from error
            keys |= more
            families |= wide
        return keys, families

    def write(self, out: Path) -> None:
        """Put every file under its hashed address."""
        for name, content in self.files.items():
            path = out / (self.folder + name).lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def _source(self, name: str) -> str:
        return self.files[name].decode()


def _style_sheet(folder: Path, parts: tuple[str, ...]) -> bytes:
    text = "\n".join((folder / name).read_text(encoding="utf-8") for name in parts)
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r"\s*([{};])\s*|(:|,)\s+", r"\1\2", text).replace(";}", "}")
    return text.strip().encode()
