"""The bias report as a picture: SVG of our own, the same for everyone, in both languages."""

from __future__ import annotations

from html import escape

from functions.programme.bias import Group, Report

TITLES = {
    "join_time": "Waktu bergabung · time of joining",
    "age": "Umur · age",
    "sex": "Jenis kelamin · sex",
    "region": "Provinsi · province",
    "pool": "Kelompok · pool",
}
WIDTH, LEFT, RIGHT = 640, 190, 110
LINE, HEAD = 22, 40
# The picture shows mean ranks from 40 % to 60 % of the list; what lies outside stands on the edge.
LOWEST, HIGHEST = 0.4, 0.6


def picture(report: Report) -> str:
    """`bias.svg`: for each group its mean rank (dot) and where chance puts it (bar)."""
    shapes: list[str] = []
    y = 64
    for name, groups in report.groups.items():
        if not groups:
            continue
        shapes.append(f'<text x="12" y="{y + 16}" class="t">{escape(TITLES[name])}</text>')
        shapes.append(f'<text x="{WIDTH - 12}" y="{y + 16}" class="p">{_p(report, name)}</text>')
        y += HEAD - 12
        for group in groups:
            shapes.append(_row(group, y))
            y += LINE
        y += 14
    title = f"Gelombang {report.wave}: urutan rata-rata tiap kelompok · mean rank of each group"
    note = "Batang: 95 % dari undian yang adil · bar: 95 % of fair draws. 0,5 = tengah · middle."
    middle = _x(0.5)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + 10}" role="img">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style>"
        f'<rect width="{WIDTH}" height="{y + 10}" fill="#fff"/>'
        f'<text x="12" y="24" class="t">{escape(title)}</text>'
        f'<text x="12" y="44" class="n">{escape(note)}</text>'
        f'<line x1="{middle}" x2="{middle}" y1="56" y2="{y}" stroke="#888"/>'
        f"{''.join(shapes)}</svg>\n"
    )


_STYLE = (
    "text{font:13px sans-serif;fill:#111}.t{font-weight:bold}.n,.p{font-size:12px;fill:#444}"
    ".p{text-anchor:end}"
)


def _row(group: Group, y: int) -> str:
    low, high, dot = _x(group.low), _x(group.high), _x(group.mean)
    inside = group.low <= group.mean <= group.high
    return (
        f'<text x="12" y="{y + 12}">{escape(group.name)}</text>'
        f'<text x="{WIDTH - 12}" y="{y + 12}" class="p">{group.entries:,}</text>'
        f'<rect x="{low}" y="{y + 3}" width="{round(high - low, 1)}" height="10" fill="#cde"/>'
        f'<circle cx="{dot}" cy="{y + 8}" r="4" fill="{"#0a5" if inside else "#b30"}"/>'
    )


def _x(share: float) -> float:
    """Where a share of the ranking stands, in the picture's units."""
    inside = (min(max(share, LOWEST), HIGHEST) - LOWEST) / (HIGHEST - LOWEST)
    return round(LEFT + inside * (WIDTH - LEFT - RIGHT), 1)


def _p(report: Report, attribute: str) -> str:
    found = [t.adjusted for t in report.tests if t.attribute == attribute]
    known = [p for p in found if p is not None]
    return f"p = {min(known):.3g}" if known else ""
