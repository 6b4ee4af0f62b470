"""Converts each app of the corpus as a project of its own, with the apps that it names."""

import os
import re
import shutil
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from .running import Found, Place, Run
from .sources import make_project


@dataclass
class Each:
    """What was found, all apps together; `failed` says of apps why they could not be measured."""

    apps: int = 0
    modules: int = 0
    tables: int = 0
    listed: int = 0  # tables of which Alembic says something
    unequal: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)


def one_by_one(
    tests: Path, apps: Iterable[str], folder: Path, kind: str, place: Callable[..., Place],
    python: str,
) -> Each:  # fmt: skip
    """Convert every app alone, make its tables on both sides and compare them."""
    known, found = set(apps), Each()
    shutil.rmtree(folder, ignore_errors=True)

    def measured(app: str) -> tuple[str, Found | str]:
        root = folder / app / "project"
        make_project(tests, needed(tests, app, known), root, postgresql=kind == "postgresql")
        run = Run(root, folder / app / "api", kind, lambda name: place(f"{app}_{name}"), python)
        try:
            run.convert()
            run.tables(run.place("django"), run.place("new"))
        except SystemExit as stopped:  # a step failed; the other apps go on
            return app, str(stopped)
        return app, run.found

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for app, seen in pool.map(measured, sorted(known)):
            shutil.rmtree(folder / app, ignore_errors=True)
            _add(found, app, seen)
    return found


def _add(all_: Each, app: str, seen: Found | str) -> None:
    all_.apps += 1
    if isinstance(seen, str):
        all_.failed[app] = seen
        return
    all_.modules += seen.loaded["modules"]
    all_.tables += len(set(seen.tables.values()))
    all_.listed += len({each["table"] for each in seen.alembic})
    all_.unequal += len(set(seen.catalogue))
    if seen.loaded["problems"]:
        all_.failed[app] = str(seen.loaded["problems"])
    all_.lines += [f"{app}: alembic {each}" for each in seen.alembic]
    all_.lines += [
        f"{app}: strict {t}: {one}" for t, lines in seen.catalogue.items() for one in lines
    ]


def needed(tests: Path, app: str, known: Iterable[str]) -> list[str]:
    """The app, and those whose modules or models its sources name, and theirs."""
    names = set(known)
    found, waiting = {app}, [app]
    while waiting:
        for path in sorted((tests / waiting.pop()).rglob("*.py")):
            if path.name.startswith("test"):
                continue
            text = path.read_text(encoding="utf-8", errors="replace")
            named = re.findall(
                r"^\s*(?:from|import) (\w+)|[\"'](\w+)\.\w+[\"']", text, re.MULTILINE
            )
            new = {one or other for one, other in named} & names - found
            found |= new
            waiting += new
    return sorted(found)
