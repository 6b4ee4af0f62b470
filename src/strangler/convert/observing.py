"""Runs the legacy project's tests under the observer, and keeps what they showed of types."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from strangler.config import Config
from strangler.errors import ConfigError, EnvironmentProblem, OutputError
from strangler.legacy import environment_of, interpreter_of, root_of
from strangler_codemods.sources import Sources, module_name

from .project import read_project

FILE = Path(".strangler") / "observed.json"
VERSION = 1
_OBSERVER = Path(__file__).parent.parent / "legacy" / "observer.py"
# The project's own `sitecustomize`, where it has one, runs after ours.
_SITE = """
import os, sys
here = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [each for each in sys.path if os.path.abspath(each or ".") != here]
with open(os.environ["STRANGLER_OBSERVE_SCRIPT"]) as file:
    exec(compile(file.read(), os.environ["STRANGLER_OBSERVE_SCRIPT"], "exec"), {"__name__": "observer"})
ours = sys.modules.pop("sitecustomize", None)
try:
    import sitecustomize
except ImportError:
    sys.modules["sitecustomize"] = ours
"""
Kinds = dict[str, dict[str, list[str]]]


@dataclass(frozen=True)
class Observation:
    """What a run showed: kinds by function and name, attributes by class; the command's exit code."""

    functions: Kinds
    attributes: Kinds
    code: int
    file: Path


def observe(config: Config, command: Sequence[str]) -> Observation:
    """Run `command` in the project's folder, its `python` being the project's, and write what was seen.

    Raises:
        StranglerError: the command cannot be started, or nothing of the project ran in it.
    """
    root = root_of(config)
    with tempfile.TemporaryDirectory(prefix="strangler-") as name:
        folder = Path(name)
        (folder / "site").mkdir()
        (folder / "seen").mkdir()
        (folder / "site" / "sitecustomize.py").write_text(_SITE, encoding="utf-8")
        code = _run(config, root, command, folder)
        found = [json.loads(p.read_text("utf-8")) for p in sorted((folder / "seen").glob("*.json"))]
    sources = Sources(read_project(root, without=config.at(config.new.path)).files)
    functions = _functions(sources, found)
    if not functions:
        raise EnvironmentProblem(
            f"no function of the project ran in `{' '.join(command)}` (exit code {code})",
            hint="run its tests with the project's own python, without -I, -S or -E",
        )
    attributes = _merged(each["attributes"] for each in found)
    file = config.folder / FILE
    document = {"version": VERSION, "functions": functions, "attributes": attributes}
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(document, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{file} cannot be written: {error.strerror}") from error
    return Observation(functions, attributes, code, file)


def _run(config: Config, root: Path, command: Sequence[str], folder: Path) -> int:
    given = environment_of(config)
    paths = [str(folder / "site"), *filter(None, [given.get("PYTHONPATH")])]
    bin_folder = str(Path(interpreter_of(config)).absolute().parent)
    environment = {
        **given, "PYTHONPATH": os.pathsep.join(paths), "PATH": os.pathsep.join([bin_folder, given.get("PATH", "")]),
        "STRANGLER_OBSERVE_ROOT": str(root), "STRANGLER_OBSERVE_OUT": str(folder / "seen"),
        "STRANGLER_OBSERVE_SCRIPT": str(_OBSERVER), "STRANGLER_OBSERVE_SKIP": str(config.at(config.new.path)),
    }  # fmt: skip
    first = command[0]
    if first in ("python", "python3"):
        first = interpreter_of(config)
    try:
        done = subprocess.run([first, *command[1:]], cwd=root, env=environment, check=False)
    except OSError as error:
        hint = "write the command after --: strangler observe -- python manage.py test"
        text = f"`{command[0]}` cannot be started: {error.strerror}"
        raise EnvironmentProblem(text, hint=hint) from error
    return done.returncode


def _functions(sources: Sources, found: Iterable[Mapping[str, Any]]) -> Kinds:
    """What was seen by dotted path; functions inside of others have none."""
    listed = []
    for each in found:
        for function in each["functions"]:
            path = _path(sources, function)
            if path is not None:
                listed.append({path: {**function["parameters"], "return": function["returns"]}})
    return _merged(listed)


def _path(sources: Sources, function: Mapping[str, Any]) -> str | None:
    module = sources.module(module_name(function["file"]))
    for name, lines in module.spans if module is not None else ():
        if lines.start == function["line"] and name.rpartition(".")[2] == function["name"]:
            assert module is not None
            return f"{module.name}.{name}"
    return None


def _merged(found: Iterable[Mapping[str, Mapping[str, Iterable[str]]]]) -> Kinds:
    kinds: dict[str, dict[str, set[str]]] = {}
    for each in found:
        for path, names in each.items():
            for name, seen in names.items():
                kinds.setdefault(path, {}).setdefault(name, set()).update(seen)
    return {
        path: {name: sorted(seen) for name, seen in sorted(names.items()) if seen}
        for path, names in sorted(kinds.items())
    }


def read_observed(folder: Path) -> Kinds:
    """What an observation beside strangler.toml says of functions; nothing where there is none.

    Raises:
        ConfigError: the file is none of ours.
    """
    file = folder / FILE
    if not file.is_file():
        return {}
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        if document["version"] != VERSION:
            raise ValueError(f"version {document['version']}")
        return {
            str(path): {str(name): [str(kind) for kind in kinds] for name, kinds in names.items()}
            for path, names in document["functions"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        hint = "run `strangler observe` again, or remove it"
        raise ConfigError(f"it cannot be read: {error}", source=str(file), hint=hint) from None
