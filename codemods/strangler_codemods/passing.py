"""Which endpoints rest on what a person ported or tests showed, as the new functions name each other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from strangler.facts import Facts

from .modules import Item, Tree
from .overrides import Overrides
from .pruning import reached
from .world import World

Place = tuple[str, str]
# What every endpoint reaches, or every row that it loads.
_ENDS = (".models", ".identity")
_MODELS = ".models"


def passed_through(
    tree: Tree, overrides: Overrides, endpoints: Mapping[str, Place]
) -> dict[str, tuple[str, ...]]:
    """The ported bodies behind each endpoint, by its id; those behind none are left out."""
    if not overrides.used:
        return {}
    found = {}
    for name, place in endpoints.items():
        places = reached(tree, [place], ends=_ENDS)
        names = {overrides.named(each) for each in places} - {None}
        names.update(_of_rows(tree, overrides, places))
        if names:
            found[name] = tuple(sorted(map(str, names)))
    return found


def _of_rows(tree: Tree, overrides: Overrides, places: set[Place]) -> Iterator[str]:
    """Ported methods of models: those whose name stands in what the endpoint runs through."""
    classes = {each for each in places if each[0].endswith(_MODELS)}
    for name, override in overrides.by_name.items():
        method = re.compile(rf"\b{re.escape(name.rpartition('.')[2])}\b")
        for module, item in classes:
            if override.alias not in _text(tree, (module, item)):
                continue
            if any(method.search(_text(tree, each)) for each in places - classes):
                yield name


def _text(tree: Tree, place: Place) -> str:
    found = _item(tree, *place)
    return found.text if found is not None else ""


def supposed(
    tree: Tree, world: World, facts: Facts, endpoints: Mapping[str, Place]
) -> dict[str, tuple[str, ...]]:
    """The hypotheses behind each endpoint: about functions of which definitions that it reaches were made."""
    paths = {path for path, _, _ in world.observed.used}
    lines = {path: _definition(world, path) for path in paths}
    own = {e.id: {ref.path for ref in e.methods.values()} for e in facts.endpoints}
    found = {}
    for name, place in endpoints.items():
        places = {
            item.order[1:]
            for module, each in reached(tree, [place])
            if (item := _item(tree, module, each)) is not None
        }
        near = {path for path in paths if lines[path] & places or path in own.get(name, ())}
        if near:
            found[name] = tuple(world.observed.of(near))
    return found


def _definition(world: World, path: str) -> set[tuple[str, int]]:
    """File and each line of the top-level definition that a function is, or stands in."""
    found = world.sources.split(path)
    for node in found[0].tree.body if found is not None else ():
        name = getattr(node, "name", None)
        if found is not None and name == found[1].partition(".")[0]:
            return {(found[0].path, n) for n in range(node.lineno, (node.end_lineno or 0) + 1)}
    return set()


def _item(tree: Tree, module: str, name: str) -> Item | None:
    known = tree.modules.get(module)
    return known.items.get(name) if known is not None else None
