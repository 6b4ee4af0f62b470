"""One run of `strangler convert`: facts and sources in, an app and its ledger out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from strangler.config import Config
from strangler.facts import Facts
from strangler.legacy import languages
from strangler_codemods.conversion import Additions, Conversion, convert
from strangler_codemods.languages import in_one_language, serves_several, texts_of
from strangler_codemods.rule import Rule

from . import report as reports
from .constants import constants_of, data_of
from .handwritten import handwritten
from .observing import read_observed
from .output import Written, check_ours, format_files, write_tree
from .plugins import load_rules, require_known
from .ported import read_overrides, require_importable, require_used
from .project import Project, read_project
from .speaking import Reader, UntranslatableError, speaking
from .static import static_files
from .support import compat_files
from .supported import assumed


@dataclass(frozen=True)
class Choices:
    """What a person decided: rules, surroundings that are answered for, bodies written by hand.

    bodies: dotted path to `file:function`, relative to `folder`. rules: those of somebody else. python: the interpreter that runs
    the new application; None for ours. reader: asks the project how texts read in its languages.
    """

    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    accept: tuple[str, ...] = ()
    bodies: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    folder: Path = Path()
    python: str | None = None
    reader: Reader | None = None

    @classmethod
    def of(cls, config: Config, only: Iterable[str] = (), skip: Iterable[str] = ()) -> Choices:
        """What the configuration says, and the command line's rules."""
        told = config.convert
        rules, skipped = load_rules(config), (*skip, *told.skip)
        require_known((*only, *skipped), rules)
        accept = tuple(told.accept)
        reader = partial(languages, config)
        return cls(
            tuple(only),
            skipped,
            accept,
            told.bodies,
            rules,
            config.folder,
            config.new.python,
            reader,
        )


_NONE = Choices()


@dataclass
class Result:
    """What a run found and wrote."""

    report: dict[str, Any]
    files: dict[str, str]
    written: Written | None = None
    skipped: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    assumed: str = ""  # what of the database server, where it did not answer


def run(
    root: Path,
    out: Path,
    facts: Facts,
    walked: Iterable[tuple[str, str]],
    *,
    choices: Choices = _NONE,
    dry: bool = False,
) -> Result:
    """Convert the project at `root` into `out`; `dry` writes nothing.

    Raises:
        StranglerError: the output folder is not ours, what a person wrote for the conversion does not
            fit, the ledger is wrong, ruff or git fail.
    """
    check_ours(out, root)
    if serves_several(facts) and choices.reader is None:
        facts = in_one_language(facts, "the project was not asked how its texts read")
    project: Project = read_project(root, without=out)
    manual = handwritten(out, facts)
    bodies = read_overrides(choices.bodies, choices.folder, project.files)
    conversion: Conversion = convert(
        facts,
        project.files,
        only=choices.only,
        skip=choices.skip,
        accept=choices.accept,
        manual=manual,
        added=Additions(tuple(bodies), choices.rules, observed=read_observed(choices.folder)),
    )
    notes = require_used(conversion)
    compat = compat_files(conversion.files, constants_of(facts), data_of(facts), texts_of(facts))
    files = {**conversion.files, **static_files(facts, root, compat), **compat}
    if serves_several(facts) and choices.reader is not None:
        try:
            files = speaking(files, facts.settings["LANGUAGE_CODE"], choices.reader)
        except UntranslatableError as error:
            facts = in_one_language(facts, str(error))
            return run(root, out, facts, walked, choices=choices, dry=dry)
    files = format_files(files)
    require_importable(files, bodies, choices.python)
    ledger = reports.build_report(facts, conversion, files, project.files, manual)
    reports.check_totals(facts, ledger, walked)
    result = Result(ledger, files, skipped=project.skipped, notes=notes, assumed=assumed(facts))
    if not dry:
        origins = json.dumps(conversion.origins, indent=0) + "\n"
        result.written = write_tree(out, files, reports.dumps(ledger), origins)
    return result
