"""Rules of the project (`[convert] rules`) and of installed packages (entry points `strangler.rules`)."""

from __future__ import annotations

import importlib.util
import traceback
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from types import ModuleType

from strangler.config import Config
from strangler.errors import ConfigError, StranglerError
from strangler_codemods.rule import Rule, all_rules, rules_of

GROUP = "strangler.rules"
_SECTION = "[convert] rules"


def load_rules(config: Config) -> tuple[Rule, ...]:
    """The rules that are not ours: those of packages, then those of the project's files.

    Raises:
        ConfigError: a file is not there, raises when it is imported, or holds no rule.
    """
    return (*_of_packages(), *rules_of_files(config.convert.rules, config.folder))


def rules_of_files(files: Iterable[Path], folder: Path) -> tuple[Rule, ...]:
    """The rules of files, relative to `folder`; each is called after its file and function."""
    found: dict[str, Rule] = {}
    for path in files:
        name = path.stem
        for rule in _checked(_module(folder / path.expanduser(), str(path)), name, str(path)):
            if rule.name in found:
                hint = "give one of the files another name"
                raise ConfigError(f"two rules are called {rule.name}", source=_SECTION, hint=hint)
            found[rule.name] = rule
    return tuple(found.values())


def _module(file: Path, shown: str) -> ModuleType:
    if not file.is_file():
        hint = "name a Python file, relative to strangler.toml"
        raise ConfigError(f"{file} is not there", source=_SECTION, hint=hint)
    spec = importlib.util.spec_from_file_location(f"strangler_rules_of_{file.stem}", file)
    if spec is None or spec.loader is None:
        raise ConfigError("it is no Python file", source=shown, hint="call it something.py")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # whatever it raises, the file is theirs to mend
        raise _raised(error, shown) from error
    return module


def _raised(error: Exception, shown: str) -> StranglerError:
    line = getattr(error, "lineno", None)
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame.lineno for frame in frames if frame.filename.endswith(Path(shown).name)]
    hint = (
        "it runs in strangler's interpreter: import strangler_codemods.api, nothing of the project"
    )
    return ConfigError(
        f"importing it raises {type(error).__name__}: {error}",
        source=f"{shown}:{line or (inside[-1] if inside else 1)}",
        hint=hint,
    )


def _checked(module: ModuleType, name: str, shown: str) -> tuple[Rule, ...]:
    rules = rules_of(module, name)
    if not rules:
        hint = "put @rewrites(...) of strangler_codemods.api above a function; see docs/plugins.md"
        raise ConfigError("it holds no rule", source=shown, hint=hint)
    return rules


def _of_packages() -> tuple[Rule, ...]:
    found: list[Rule] = []
    for point in sorted(metadata.entry_points(group=GROUP), key=lambda point: point.name):
        shown = f"entry point {point.name} = {point.value} of {GROUP}"
        try:
            module = point.load()
        except Exception as error:  # whatever it raises, the package is not ours to mend
            text = f"loading it raises {type(error).__name__}: {error}"
            hint = "upgrade or remove the package that brings it"
            raise ConfigError(text, source=shown, hint=hint) from error
        found.extend(_checked(module, point.name, shown))
    return tuple(found)


def require_known(names: Iterable[str], rules: Iterable[Rule]) -> None:
    """Refuse names of rules that do not exist.

    Raises:
        ConfigError: with the first of them.
    """
    known = {*all_rules(), *(rule.name for rule in rules)}
    for name in names:
        if name not in known:
            raise ConfigError(f"there is no rule {name!r}", hint="strangler convert --list-rules")
