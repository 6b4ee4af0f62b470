"""The figures of a run beside their goals, and the summary line."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """How many were compared, how many differ, the share that has to agree in per cent."""

    name: str
    compared: int
    different: int
    goal: float
    #: What else keeps the goal from being reached.
    note: str = ""

    @property
    def share(self) -> float:
        """Per cent that agree."""
        return 100 * (1 - self.different / self.compared) if self.compared else 0.0

    @property
    def reached(self) -> bool:
        """Whether the goal is."""
        return self.share >= self.goal and not self.note


def printed(figures: list[Figure], seed: int) -> int:
    """Print them; 1 where a goal is missed."""
    print()
    for figure in figures:
        mark = "" if figure.reached else "  MISSED"
        print(f"{figure.name:40}{figure.compared:>9}{figure.share:>10.4f} %  goal {figure.goal} %{mark}"
              f"{'  ' + figure.note if figure.note else ''}")  # fmt: skip
    missed = sum(not figure.reached for figure in figures)
    compared, different = sum(f.compared for f in figures), sum(f.different for f in figures)
    print(f"corpus-wire: seed {seed}, {compared} compared, {different} different; "
          f"{missed} of {len(figures)} goals missed")  # fmt: skip
    return 1 if missed else 0
