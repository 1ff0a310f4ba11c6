"""Styles, modules and icons: gathered, joined, hashed."""

from __future__ import annotations

import hashlib
import re
from functools import cached_property
from pathlib import Path

import joining
from catalogues import CatalogueError, keys_of_module

# One request for styles a page, tokens first. Pages without forms take `plain.css`, those of
# photos `photo.css`.
STYLES = {
    "site.css": ("tokens.css", "base.css", "forms.css", "pages.css"),
    "plain.css": ("tokens.css", "base.css", "pages.css"),
    "noscript.css": ("noscript.css",),
    "photo.css": ("tokens.css", "base.css", "forms.css", "pages.css", "photos.css"),
}
# Pages with this module take it, and all it imports, from one file, which the next form has then.
SHARED = "form"

# The modules that a page's HTML asks for, in their order.
Asked = tuple[str, ...]


class Modules:
    """The site's modules: who imports whom, and which sentences they use."""

    def __init__(self, folder: Path):
        self.sources = {path.stem: path.read_text("utf-8") for path in sorted(folder.glob("*.js"))}
        self._parsed = {name: joining.parse(name, text) for name, text in self.sources.items()}

    def __getitem__(self, name: str) -> joining.Module:
        """A module by name. Raises JoinError when there is none."""
        if name not in self._parsed:
            raise joining.JoinError(f"there is no module {name}")
        return self._parsed[name]

    @cached_property
    def shared(self) -> list[str]:
        """What the forms have in common."""
        return joining.order([SHARED], self.__getitem__)

    def needed(self, asked: Asked) -> list[str]:
        """The modules asked for and all that they import."""
        return joining.order(asked, self.__getitem__)

    def later(self) -> list[str]:
        """Modules that others load when they need them, each a file of its own."""
        return sorted({name for module in self._parsed.values() for name in module.later})

    def joined(self, asked: Asked) -> str:
        """The text of the file for these modules."""
        shared = self.shared if SHARED in self.needed(asked) else []
        return joining.join(asked, self.__getitem__, shared, f"{SHARED}.js")

    def keys(self, asked: Asked) -> tuple[set[str], set[str]]:
        """The keys and families of sentences that these modules use."""
        keys: set[str] = set()
        families: set[str] = set()
        for name in self.needed(asked):
            try:
                more, wide = keys_of_module(self.sources[name])
            except CatalogueError as error:
                raise CatalogueError(f"{name}: {error}") from error
            keys |= more
            families |= wide
        return keys, families


class Assets:
    """All files of the folder `/aset/<hash>/`; the hash is made of every name and byte."""

    def __init__(self, root: Path, modules: Modules, pages: dict[str, Asked]):
        """`pages`: for each page's name the modules that it asks for."""
        self._modules = modules
        self._file_of: dict[Asked, str] = {}
        self.files = {name: _style_sheet(root / "styles", parts) for name, parts in STYLES.items()}
        self._put(SHARED, joining.join([SHARED], modules.__getitem__))
        for name in modules.later():
            self._put(name, joining.join([name], modules.__getitem__))
        for page, asked in pages.items():
            if asked and asked not in self._file_of:
                self._file_of[asked] = self._put(page.replace("/", "-"), modules.joined(asked))
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

    def scripts(self, asked: Asked) -> list[str]:
        """The files that a page with these modules loads: its own, then what it shares."""
        if not asked:
            return []
        shares = SHARED in self._modules.needed(asked)
        return [self._file_of[asked], *([f"modules/{SHARED}.js"] if shares else [])]

    def vendored(self) -> list[str]:
        """The names of all code that others wrote; it is loaded when it is needed."""
        return [name for name in self.files if name.startswith("vendor/")]

    def write(self, out: Path) -> None:
        """Put every file under its hashed address."""
        for name, content in self.files.items():
            path = out / (self.folder + name).lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def _put(self, name: str, text: str) -> str:
        file = f"modules/{name}.js"
        if file in self.files:
            raise joining.JoinError(f"two files would be named {file}")
        self.files[file] = text.encode()
        return file


def _style_sheet(folder: Path, parts: tuple[str, ...]) -> bytes:
    text = "\n".join((folder / name).read_text(encoding="utf-8") for name in parts)
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r"\s*([{};])\s*|(:|,)\s+", r"\1\2", text).replace(";}", "}")
    return text.strip().encode()
