"""Every code that the draw can answer with is explained in docs/draw.md, and no other."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_codes_in_the_code_and_in_the_documentation_are_the_same():
    sources = [path.read_text() for path in (ROOT / "functions/programme/draw").rglob("*.py")]
    raised = set(re.findall(r'VerificationError\(\s*"(\w+)"', "\n".join(sources)))
    raised |= set(re.findall(r'\("(result_\w+)", head\.', "\n".join(sources)))
    text = (ROOT / "docs/draw.md").read_text()
    table = text.split("| code | what does not hold |")[1].split("\n\n")[0]
    rows = [row.split("|")[1] for row in table.splitlines()[2:]]
    assert raised == set(re.findall(r"`(\w+)`", "".join(rows)))


def test_every_module_is_in_the_documentations_table():
    text = (ROOT / "docs/draw.md").read_text()
    for path in (ROOT / "functions/programme/draw").glob("*.py"):
        if path.stem not in ("__init__", "errors"):
            assert f"`{path.stem}`" in text, path.stem
