"""A report as one HTML file: it loads nothing, runs nothing, and prints."""

from __future__ import annotations

from html import escape

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem;font-size:.9rem}
td,th{text-align:left;padding:.25rem .5rem;border-bottom:1px solid #ddd;vertical-align:top}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
figure{margin:1.5rem 0}figcaption{font-weight:600}svg{width:100%;height:auto}
td{overflow-wrap:anywhere}
text{font:11px system-ui,sans-serif;fill:#444}.grid{stroke:#e4e4e4}
.mark{stroke:#b4330c;stroke-dasharray:3 3}
.key{font-weight:400;margin-left:1rem;white-space:nowrap}
.key i{display:inline-block;width:.8em;height:.8em;margin-right:.3em}
.bad{color:#a3260a;font-weight:600}.good{color:#1f6b25;font-weight:600}
"""


def document(title: str, body: str) -> str:
    """A document of its own with this body, which is HTML already."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>{body}</body></html>\n"
    )
