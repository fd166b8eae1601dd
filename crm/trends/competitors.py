"""Competitors are entered by name as people write them: the same one is found again, a near one is proposed."""

from __future__ import annotations

from dataclasses import dataclass

from crm.models import Competitor
from crm.scoring.resemblance import edits_allowed, part_distances
from crm.search import fold, pinyin_of

PROPOSED = 3


@dataclass(frozen=True)
class KnownCompetitors:
    """All of them, read once."""

    competitors: tuple[Competitor, ...]

    @classmethod
    def read(cls) -> KnownCompetitors:
        return cls(tuple(Competitor.objects.order_by("name")))

    def called(self, name: str) -> Competitor | None:
        """The one with this name in either language, however it is capitalised and in either script."""
        wanted = fold(name)
        for competitor in self.competitors:
            if wanted in (fold(competitor.name), fold(competitor.english_name)):
                return competitor
        return None

    def like(self, name: str) -> list[Competitor]:
        """Those that may be meant: a slip of the finger, the same sound, or one name within the other."""
        wanted = pinyin_of(fold(name))
        if not wanted or not self.competitors:
            return []
        lines = [f"{pinyin_of(fold(c.name))} {pinyin_of(fold(c.english_name))}" for c in self.competitors]
        edits = part_distances(wanted, lines)
        found = []
        for place, competitor in enumerate(self.competitors):
            parts = [part for part in lines[place].split() if len(part) > 2]
            if (len(wanted) > 2 and edits[place] <= edits_allowed(len(wanted))) or any(
                part in wanted for part in parts
            ):
                found.append((int(edits[place]), competitor))
        found.sort(key=lambda pair: pair[0])
        return [competitor for _edits, competitor in found[:PROPOSED]]
