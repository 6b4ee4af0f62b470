"""How long the conversion of the corpus takes, in a process of its own.

    python speed.py PROJECT [PYTHON] < nothing > JSON

Seconds of CPU for parsing and printing the files of the models by LibCST, for converting half the
apps and all of them; and the most memory that was held, in bytes.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import libcst

from strangler.config import discover, resolve
from strangler.convert.project import read_project
from strangler.facts import Facts
from strangler.legacy import read_facts
from strangler_codemods.conversion import convert


def main(root: Path, python: str = sys.executable) -> dict[str, float]:
    """Measure."""
    options = {"legacy_settings": "corpus_settings", "legacy_python": python}
    facts = read_facts(resolve(discover(root), legacy_path=str(root), **options), timeout=600.0)
    files = read_project(root).files
    sources = [m.source.partition(":")[0] for m in facts.models if m.source and not m.package]
    texts = [files[path] for path in sorted({s for s in sources if s in files})]
    parse = cpu(lambda: [libcst.parse_module(text).code for text in texts])
    half = halved(facts)
    some = cpu(lambda: convert(half, files))
    whole = cpu(lambda: convert(facts, files))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {
        "parse": parse, "half": some, "whole": whole, "memory": memory,
        "half_models": len(half.models), "models": len(facts.models),
    }  # fmt: skip


def halved(facts: Facts) -> Facts:
    """Facts with the models of the first apps only: about half of all."""
    labels: list[str] = []
    for model in facts.models:
        label = model.name.partition(".")[0]
        if label not in labels:
            labels.append(label)
    kept, count = set(), 0
    for label in labels:
        kept.add(label)
        count += sum(model.name.startswith(f"{label}.") for model in facts.models)
        if count * 2 >= len(facts.models):
            break
    models = tuple(m for m in facts.models if m.name.partition(".")[0] in kept)
    return facts.model_copy(update={"models": models})


def cpu(work: Callable[[], Any]) -> float:
    """Seconds of CPU, the better of two."""
    times = []
    for _ in range(2):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), *sys.argv[2:])))
