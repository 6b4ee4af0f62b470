"""Lays what a person said elsewhere over the file: option, `STRANGLER_*`, file, default."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from strangler.config.models import Config, Section
from strangler.errors import ConfigError, UsageError

_PREFIX = "STRANGLER_"
_LISTS = {"rules", "skip", "sticky", "trusted", "forwarded"}
_SWITCHES = {"isolated"}
_SWITCH_VALUES = {"1": True, "true": True, "0": False, "false": False}
_TABLES = {"accept", "bodies", "limits"}  # only a file can hold them
_PATHS = {"path", "env_file", "rules"}


def resolve(
    config: Config, /, *, environ: Mapping[str, str] | None = None, **options: object
) -> Config:
    """The configuration with variables and options applied; None means "not given".

    An option is named after section and key: `legacy_settings=...`, `new_path=...`; its variable
    is the same in capitals, `STRANGLER_LEGACY_SETTINGS`, lists separated by commas. Relative paths
    from here start at the working directory. Raises ConfigError for a bad variable, UsageError
    for a bad option.
    """
    environ = os.environ if environ is None else environ
    known = _keys()
    unknown = sorted(set(options) - set(known))
    if unknown:
        raise TypeError(f"no setting is called {', '.join(unknown)}")
    for name, (section, key) in known.items():
        variable = f"{_PREFIX}{name.upper()}"
        try:
            if (given := options.get(name)) is not None:
                config = _with(config, section, key, given)
            elif text := environ.get(variable):
                config = _with(config, section, key, _from_text(key, text))
        except ValidationError as error:
            reason = error.errors()[0]["msg"].removeprefix("Value error, ")
            if given is None:
                raise ConfigError(reason, source=variable) from error
            raise UsageError(f"{section}.{key} cannot be {given!r}: {reason}") from error
    return config


def _keys() -> dict[str, tuple[str, str]]:
    """Every setting that an option or a variable may name."""
    return {
        f"{section}_{key}": (section, key)
        for section, field in Config.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section)
        for key in field.annotation.model_fields
        if key not in _TABLES
    }


def _from_text(key: str, text: str) -> object:
    if key in _LISTS:
        return [item.strip() for item in text.split(",")]
    if key in _SWITCHES:
        return _SWITCH_VALUES.get(text.lower(), text)
    return text


def _with(config: Config, section: str, key: str, value: Any) -> Config:
    if key in _PATHS or (key == "python" and os.sep in str(value)):
        value = _absolute(value)
    data = {name: getattr(config, name) for name in Config.model_fields}
    table = data[section].model_dump() | {key: value}
    return Config.model_validate(data | {section: table})


def _absolute(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_absolute(item) for item in value]
    # not resolved: the `python` of a virtual environment is a symlink that must stay one
    return str(Path(value).expanduser().absolute())
