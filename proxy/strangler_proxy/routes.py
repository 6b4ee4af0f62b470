"""Reads `routes.toml`: the mode of each endpoint that is not on legacy."""

from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, ValidationError

from strangler.config.lines import line_of
from strangler.config.loading import parse_toml, read_text
from strangler.endpoint import Endpoint
from strangler.errors import ConfigError
from strangler_proxy.exchange import Mode


@dataclass(frozen=True, slots=True)
class Route:
    """How one endpoint is answered.

    percent: 0-100, of the sticky keys that get new in a canary. compare: the share, 0-1, of
    answers that are compared with the other side's. values: keep raw values of differences.
    """

    endpoint: str
    mode: Mode = "legacy"
    percent: float = 0.0
    compare: float = 0.0
    values: bool = False


def _known(text: str) -> str:
    return str(Endpoint.parse(text))


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    endpoint: Annotated[str, AfterValidator(_known)]
    mode: Mode
    percent: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] | None = None
    compare: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None = None
    values: StrictBool = False


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    route: tuple[_Entry, ...] = ()


def load_routes(
    path: Path, known: Container[str], served: Container[str] | None = None
) -> tuple[Route, ...]:
    """The routes of a file.

    known: the endpoints that legacy has; served: those that new answers, None: it is not known.
    Raises ConfigError with `file:line` for the first thing wrong.
    """
    return parse_routes(read_text(path), path, known, served)


def parse_routes(
    text: str, path: Path, known: Container[str], served: Container[str] | None = None
) -> tuple[Route, ...]:
    """The routes of a text; `path` is what errors name. Raises as `load_routes` does."""
    try:
        entries = _File.model_validate(parse_toml(text, path)).route
    except ValidationError as error:
        first = error.errors()[0]
        raise _refusal(text, path, tuple(first["loc"]), _explained(dict(first))) from error
    seen: set[str] = set()
    for position, entry in enumerate(entries):
        place = ("route", position, "endpoint")
        if entry.endpoint in seen:
            raise _refusal(text, path, place, f"a second route for {entry.endpoint!r}")
        if entry.endpoint not in known:
            raise _refusal(text, path, place, f"legacy has no endpoint {entry.endpoint!r}")
        if entry.mode != "legacy" and served is not None and entry.endpoint not in served:
            raise _refusal(text, path, place, f"the new application lacks {entry.endpoint!r}")
        if entry.mode == "canary" and entry.percent is None:
            raise _refusal(text, path, place, "a canary needs a percent")
        seen.add(entry.endpoint)
    return tuple(_route(entry) for entry in entries)


def _route(entry: _Entry) -> Route:
    compare = entry.compare
    if compare is None:  # a shadow is there to be compared; elsewhere it is asked for
        compare = 1.0 if entry.mode == "shadow" else 0.0
    return Route(entry.endpoint, entry.mode, entry.percent or 0.0, compare, entry.values)


def _explained(error: dict[str, Any]) -> str:
    name = str(error["loc"][-1]) if error["loc"] else ""
    if error["type"] == "extra_forbidden":
        return f"unknown key {name!r}"
    if error["type"] == "missing":
        return f"{name!r} is missing"
    return f"{name}: {str(error['msg']).removeprefix('Value error, ')}"


def _refusal(text: str, path: Path, place: tuple[int | str, ...], message: str) -> ConfigError:
    return ConfigError(message, source=f"{path}:{line_of(text, place)}")
