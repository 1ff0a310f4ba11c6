"""Joining modules into files: what is understood runs as before, all else is refused by name."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType

import pytest
from playwright.sync_api import Page

from tests.site.conftest import ROOT


def _joining() -> ModuleType:
    """site/joining.py; `site` is no package, since a standard module has that name."""
    spec = importlib.util.spec_from_file_location("joining", ROOT / "site" / "joining.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["joining"] = module
    spec.loader.exec_module(module)
    return module


joining = _joining()


def _join(sources: dict[str, str], *entries: str, shared: tuple[str, ...] = ()) -> str:
    parsed = {name: joining.parse(name, text) for name, text in sources.items()}
    joined: str = joining.join(entries, parsed.__getitem__, shared, "shared.js")
    return joined


def _run(page: Page, text: str) -> object:
    """What a joined file leaves in `window.said`, run in a browser as a module."""
    page.goto("about:blank")
    page.add_script_tag(content=text, type="module")
    page.wait_for_function("'said' in window")
    return page.evaluate("() => window.said")


LOW = """/* Why. */
const box = ["low"];
export function tell(text) {
  box.push(text);
}
export const kept = box;
"""
MID = """import { tell } from "./low.js";

const box = "mid";
// once
tell(box);
export class Mid {}
export async function wait() {}
"""
TOP = """import {
  Mid,
  wait,
} from "./mid.js";
import { kept, tell } from "./low.js";

const box = Mid.name;
tell(box);
wait().then(() => { window.said = kept; });
"""


def test_modules_with_the_same_inner_names_are_joined_and_run_in_order(page: Page) -> None:
    text = _join({"low": LOW, "mid": MID, "top": TOP}, "top")
    assert "Why" not in text and "once" not in text
    assert _run(page, text) == ["low", "mid", "Mid"]


def test_a_module_of_the_shared_file_is_taken_from_there_and_not_repeated() -> None:
    sources = {
        "low": "export const one = 1;\n",
        "top": 'import { one } from "./low.js";\nwindow.said = one;\n',
    }
    text = _join(sources, "top", shared=("low",))
    assert text.startswith('import { $low } from "./shared.js";\n')
    assert "one = 1" not in text
    assert _join(sources, "low").endswith("export { $low };\n")


@pytest.mark.parametrize(
    "line",
    [
        'import it from "./other.js";',
        'import * as it from "./other.js";',
        'import "./other.js";',
        'import { a as b } from "./other.js";',
        'import { a } from "elsewhere";',
        'import { a } from "../vendor/a.js";',
        "export default class {}",
        "export { a };",
        'export * from "./other.js";',
        'export { a } from "./other.js";',
        "export let a = 1;",
        "export const { a } = b;",
        "export function* a() {}",
        "const a = await b();",
        "await b();",
        "import(name);",
        "import(`./${name}.js`);",
        "const text = `one\ntwo`;",
        "export const a = 1;\nexport function a() {}",
        'import { a } from "./x.js";\nimport { b } from "./x.js";',
    ],
)
def test_what_is_not_understood_is_refused_with_the_modules_name(line: str) -> None:
    with pytest.raises(joining.JoinError, match=r"^some-module: "):
        joining.parse("some-module", f"{line}\n")


def test_of_code_and_dynamic_imports_inside_functions_only_the_indentation_goes() -> None:
    source = (
        "export async function load() {\n"
        "  const one = await other();\n"
        '  const late = await import("./later.js");\n'
        '  const lib = await import("../vendor/lib.js");\n'
        '  const text = "export default"; /* kept */ const mark = `a${1}b`;\n'
        "}\n"
        'const address = new URL("./worker.js", import.meta.url);\n'
    )
    module = joining.parse("m", source)
    lines = source.replace("export async", "async").strip("\n").split("\n")
    assert module.body == "\n".join(line.lstrip() for line in lines)
    assert module.later == ["later", "worker"]


def test_a_comment_before_code_on_one_line_does_not_swallow_what_follows() -> None:
    source = "/* a */ const one = 1;\nconst two = 2;\n/* b */\nconst three = 3;\n"
    assert "two" in joining.parse("m", source).body
    assert "b */" not in joining.parse("m", source).body


def test_modules_that_import_one_another_are_refused() -> None:
    sources = {
        "a": 'import { b } from "./b.js";\nexport const a = 1;\n',
        "b": 'import { a } from "./a.js";\nexport const b = 1;\n',
    }
    with pytest.raises(joining.JoinError, match="a → b → a"):
        _join(sources, "a")


def test_a_name_that_the_other_module_does_not_export_is_refused() -> None:
    sources = {"a": 'import { b, c } from "./b.js";\n', "b": "export const b = 1;\n"}
    with pytest.raises(joining.JoinError, match="a: b does not export c"):
        _join(sources, "a")
