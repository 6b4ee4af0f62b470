"""What the schemas of serializers are called, also where several serializers have one name."""

from __future__ import annotations

from collections.abc import Container
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .world import World


def schema_places(world: World) -> dict[str, tuple[str, str]]:
    """Module and name, without `Read` or `Write`, of the schemas of every serializer."""
    found: dict[str, tuple[str, str]] = {}
    taken: dict[tuple[str, str], str] = {}
    for serializer in world.facts.serializers:
        path = serializer.name
        app = world.app_of(path) or (serializer.model or "core").partition(".")[0]
        inner = world.sources.class_node(path.rpartition(".")[0]) is not None
        module, stem = f"app.{app}.schemas", schema_stem(path, inner=inner)
        if (module, stem) in taken:
            names = {name for place, name in taken if place == module}
            stem = distinct(path, taken[module, stem], stem, names)
        taken[module, stem] = path
        found[path] = (module, stem)
    return found


def distinct(path: str, first: str, stem: str, taken: Container[str]) -> str:
    """Another name for what `stem` already means for the class at `first`.

    The folder or module that only this one lies in leads: `V2User`; else a number follows.
    """
    others = set(first.split("."))
    apart = [part for part in path.split(".")[:-1] if part not in others]
    led = "".join(word[:1].upper() + word[1:] for word in apart[-1].split("_")) if apart else ""
    if led and f"{led}{stem}" not in taken:
        return f"{led}{stem}"
    return next(f"{stem}{n}" for n in count(2) if f"{stem}{n}" not in taken)


def schema_stem(path: str, *, inner: bool) -> str:
    """What the schemas of a serializer class are called, without `Read` or `Write`.

    inner: whether it is defined in another class, whose name then leads.
    """
    owner, _, name = path.rpartition(".")
    stem = name.removesuffix("Serializer") or "Serializer"
    return f"{owner.rpartition('.')[2]}{stem}" if inner else stem
