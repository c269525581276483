"""A measured figure beside what it is compared with."""

import dataclasses

from .rounds import median, paired


@dataclasses.dataclass
class Figure:
    """One line of the report.

    `limit` is for the ratio where there is a baseline, otherwise for the value; None where the figure is only told.
    `ratio` is that of the rounds where it was measured in rounds; see `between`.
    """

    measure: str
    name: str
    value: float
    unit: str
    against: str = ""
    baseline: float | None = None
    limit: float | None = None
    note: str = ""
    ratio: float | None = None
    spread: tuple[float, float] | None = None

    def __post_init__(self):
        if self.ratio is None and self.baseline:
            self.ratio = self.value / self.baseline

    @classmethod
    def between(cls, measure, name, ours, theirs, against, member="durable", other=None, unit="s", limit=None, note=""):
        """Two ways that took turns, by one member of their results: medians, and the median ratio of the rounds."""
        ratio, least, most = paired(ours, theirs, member, other)
        return cls(
            measure, name, median(ours, member), unit, against, median(theirs, other or member), limit, note, ratio,
            (least, most))

    @property
    def is_over(self):
        if self.limit is None:
            return False
        return (self.value if self.ratio is None else self.ratio) > self.limit

    @property
    def verdict(self):
        if self.limit is None:
            return "told"
        return "over" if self.is_over else "ok"

    @property
    def cells(self):
        """measure, figure, value, baseline, ratio, limit, verdict, note"""
        limit = ""
        if self.limit is not None:
            limit = f"{self.limit:g} {self.unit}" if self.ratio is None else f"{self.limit:g}×"
        baseline = f"{self.number(self.baseline)} ({self.against})" if self.baseline is not None else ""
        ratio = f"{self.ratio:.2f}×" if self.ratio is not None else ""
        if self.spread:
            ratio += f" ({self.spread[0]:.2f}–{self.spread[1]:.2f})"
        return [self.measure, self.name, self.number(self.value), baseline, ratio, limit, self.verdict, self.note]

    def number(self, value):
        digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
        return f"{value:.{digits}f} {self.unit}"
