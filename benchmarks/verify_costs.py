"""What a comparison costs, in processor time beside `json` and DeepDiff, and in memory."""

import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from deepdiff import DeepDiff

from strangler.diff import Exchange, Gap, Pairing, compare

Row = tuple[str, str, str, bool]
_HEADERS = (
    ("Content-Type", "application/json"), ("Allow", "GET, POST, HEAD, OPTIONS"), ("Vary", "Accept"),
    ("X-Frame-Options", "DENY"), ("X-Content-Type-Options", "nosniff"),
)  # fmt: skip
_EXCHANGES, _FIRST = 200_000, 20_000


def costs(seed: int) -> Iterator[Row]:
    """Rows of the table; time is the processor's, the least of five."""
    body = document(random.Random(seed), 10_000)
    legacy = Exchange(200, _HEADERS, body, 1.0, 2.0)
    spaced = replace(legacy, body=json.dumps(json.loads(body), indent=1).encode())
    parsing = cpu(lambda: (json.loads(body), json.loads(body)))
    equal = cpu(lambda: compare(legacy, legacy, Pairing(Gap(0, 1))))
    other = cpu(lambda: compare(legacy, spaced, Pairing(Gap(0, 1))))
    left, right = json.loads(body), json.loads(body)
    peer = cpu(lambda: DeepDiff(left, right), 3)
    name = f"two equal bodies of {len(body) // 1000} KB, CPU beside"
    yield (
        f"{name} parsing both with json",
        f"{equal / parsing:.3f}x",
        "<= 1.5x",
        equal <= 1.5 * parsing,
    )
    yield f"{name} DeepDiff", f"{peer / equal:.0f}x less", ">= 50x", peer >= 50 * equal
    print(
        f"the same with other blanks, no goal: {other / parsing:.2f}x of parsing,"
        f" {peer / other:.0f}x less than DeepDiff"
    )
    command = [sys.executable, __file__, str(seed)]
    first, last = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    flat = last <= min(200, 1.1 * first)
    yield (
        f"memory after {_FIRST} and {_EXCHANGES} exchanges",
        f"{first:.0f}, {last:.0f} MiB", "<= 200 MiB", flat,
    )  # fmt: skip


def cpu(work: Callable[[], object], times: int = 200) -> float:
    """Seconds of processor time of one call."""

    def once() -> float:
        started = time.process_time()
        for _ in range(times):
            work()
        return (time.process_time() - started) / times

    return min(once() for _ in range(5))


def document(chance: random.Random, size: int) -> bytes:
    """A page of items as a list endpoint answers it."""
    items: list[dict[str, object]] = []
    while len(json.dumps(items)) < size:
        items.append({
            "id": len(items), "name": f"item {chance.random()}", "price": f"{chance.random():.2f}",
            "ratio": chance.random(), "tags": [f"tag-{chance.randrange(99)}" for _ in range(3)],
            "created_at": f"2026-01-{chance.randrange(10, 28)}T10:00:00Z",
            "owner": {"id": chance.randrange(999), "email": f"{chance.random()}@example.com"},
            "active": chance.random() < 0.5, "note": None,
        })  # fmt: skip
    return json.dumps({"count": len(items), "next": None, "results": items}).encode()


def grown(seed: int) -> tuple[float, float]:
    """MiB of the process after the first exchanges and after all; a tenth of them differ."""
    chance = random.Random(seed)
    bodies = [document(chance, 10_000) for _ in range(20)]
    first = 0.0
    for number in range(1, _EXCHANGES + 1):
        body = bodies[number % len(bodies)]
        legacy = Exchange(200, _HEADERS, body, number, number + 0.1)
        new = replace(legacy, started=number + 0.2, ended=number + 0.3)
        if number % 10 == 0:
            new = replace(new, body=body.replace(b"true", b"false", 1))
        compare(legacy, new, Pairing(Gap.between(legacy, new)))
        if number == _FIRST:
            first = _resident()
    return first, _resident()


def _resident() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    print(json.dumps(grown(int(sys.argv[1]))))
