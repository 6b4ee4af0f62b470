"""One run of `strangler convert`: facts and sources in, an app and its ledger out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from strangler.facts import Facts
from strangler_codemods.conversion import Conversion, convert

from . import report as reports
from .constants import constants_of
from .handwritten import handwritten
from .output import Written, check_ours, format_files, write_tree
from .project import Project, read_project
from .static import static_files
from .support import compat_files


@dataclass
class Result:
    """What a run found and wrote."""

    report: dict[str, Any]
    files: dict[str, str]
    written: Written | None = None
    skipped: list[tuple[str, str]] = field(default_factory=list)


def run(
    root: Path,
    out: Path,
    facts: Facts,
    walked: Iterable[tuple[str, str]],
    *,
    only: Iterable[str] = (),
    skip: Iterable[str] = (),
    accept: Iterable[str] = (),
    dry: bool = False,
) -> Result:
    """Convert the project at `root` into `out`; `dry` writes nothing.

    Raises:
        StranglerError: the output folder is not ours, the ledger is wrong, ruff or git fail.
    """
    check_ours(out, root)
    project: Project = read_project(root, without=out)
    manual = handwritten(out, facts)
    conversion: Conversion = convert(
        facts, project.files, only=only, skip=skip, accept=accept, manual=manual
    )
    files = {**conversion.files, **static_files(facts, root)}
    files.update(compat_files(conversion.files, constants_of(facts)))
    files = format_files(files)
    ledger = reports.build_report(facts, conversion, files, project.files, manual)
    reports.check_totals(facts, ledger, walked)
    result = Result(ledger, files, skipped=project.skipped)
    if not dry:
        result.written = write_tree(out, files, reports.dumps(ledger))
    return result
