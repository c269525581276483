"""The figures as a table, on a terminal and in README.md."""

import re

from . import machine
from .errors import BenchError

HEADS = ["measure", "figure", "value", "baseline", "ratio", "limit", "verdict", "note"]
BEGIN = "<!-- figures: begin (written by run) -->"
END = "<!-- figures: end -->"


def plain(figures):
    rows = [HEADS] + [figure.cells for figure in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADS))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)


def markdown(figures, facts):
    lines = [machine.line(facts), "", "| " + " | ".join(HEADS[1:]) + " |", "|" + " --- |" * (len(HEADS) - 1)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in figure.cells[1:]) + " |" for figure in figures]
    return "\n".join(lines)


def rewrite(readme, name, figures, facts, order):
    """Puts the figures of one measure into its part, between the markers of README.md; the parts come in `order`."""
    text = readme.read_text(encoding="utf-8")
    head, begin, rest = text.partition(BEGIN)
    inside, end, tail = rest.partition(END)
    if not begin or not end:
        raise BenchError(f"{readme} has lost its markers, '{BEGIN}' and '{END}'")
    parts = {}
    for part in re.split(r"^### ", inside, flags=re.MULTILINE)[1:]:
        title, _, body = part.partition("\n")
        parts[title.strip()] = body.strip()
    parts[name] = markdown(figures, facts)
    whole = "\n\n".join(f"### {title}\n\n{parts[title]}" for title in order if title in parts)
    readme.write_text(f"{head}{BEGIN}\n\n{whole}\n\n{END}{tail}", encoding="utf-8")
