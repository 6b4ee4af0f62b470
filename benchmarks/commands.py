"""How long a person waits for a command: best of five, goal in seconds.

    make bench

Ends with one summary line; exit 1 when a goal is missed.
"""

import subprocess
import sys
import time
from pathlib import Path

STRANGLER = Path(sys.executable).with_name("strangler")
ROUNDS = 5

#: Arguments and the goal for them.
GOALS = {("--help",): 0.15, ("--version",): 0.2}


def seconds(arguments: tuple[str, ...]) -> float:
    """The shortest of the rounds: the rest is what else the machine did."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        subprocess.run([STRANGLER, *arguments], check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> int:
    """Measure each command, print a line for each and the summary."""
    missed = 0
    for arguments, goal in GOALS.items():
        taken = seconds(arguments)
        missed += taken > goal
        print(f"strangler {' '.join(arguments):20} {taken:6.3f} s   goal {goal} s")
    print(f"bench: {len(GOALS) - missed} of {len(GOALS)} goals reached")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
