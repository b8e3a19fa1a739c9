"""Figures beside their limits."""

from dataclasses import dataclass, field


@dataclass
class Table:
    rows: list = field(default_factory=list)
    holds: bool = True

    def at_most(self, what, figure, limit, unit, detail=""):
        self._add(what, f"{figure:.2f} {unit}", f"≤ {limit:g} {unit}", figure <= limit, detail)

    def at_least(self, what, figure, limit, unit, detail=""):
        self._add(what, f"{figure:.2f} {unit}", f"≥ {limit:g} {unit}", figure >= limit, detail)

    def _add(self, what, figure, limit, holds, detail):
        self.rows.append((what, figure, limit, "holds" if holds else "MISSED", detail))
        self.holds = self.holds and holds

    def __str__(self):
        rows = [("measure", "figure", "limit", "", "medians"), *self.rows]
        widths = [max(len(row[i]) for row in rows) for i in range(5)]
        return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)
