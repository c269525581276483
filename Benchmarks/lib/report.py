"""The figures as a table, on a terminal and in README.md."""

from .errors import BenchError

HEADS = ["measure", "figure", "value", "baseline", "ratio", "limit", "verdict", "note"]
BEGIN = "<!-- figures: begin (written by run) -->"
END = "<!-- figures: end -->"


def plain(figures):
    rows = [HEADS] + [figure.cells for figure in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADS))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)


def markdown(figures, facts):
    lines = [f"- {label}: {text}" for label, text in facts]
    lines += ["", "| " + " | ".join(HEADS) + " |", "|" + " --- |" * len(HEADS)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in figure.cells) + " |" for figure in figures]
    return "\n".join(lines)


def rewrite(readme, figures, facts):
    """Puts the figures between the markers of README.md."""
    text = readme.read_text(encoding="utf-8")
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise BenchError(f"{readme} has lost its markers, '{BEGIN}' and '{END}'")
    readme.write_text(f"{head}{BEGIN}\n\n{markdown(figures, facts)}\n\n{END}{tail}", encoding="utf-8")
