"""The paths of the whole project, for links: by name, and in the order in which Django tries them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from strangler.facts import Url

from .body import Import
from .format_suffixes import with_format
from .modules import Tree
from .world import World

_MODULE = "app.paths"
_SAYS = "Where endpoints are found, by name."
_RESOLVING = "app.compat.resolving"


def write_paths(world: World, tree: Tree) -> None:
    """Write what links need, and tell the application of it."""
    main = tree.module("app.main", "The application.")
    if world.links:
        _by_name(world, tree)
        line = "app.state.reverse = reverser(PATHS)"
        main.add(line, line, {(_MODULE, "PATHS"), ("app.compat.reversing", "reverser")}, (3, "", 0))
    if world.resolves:
        _in_order(world, tree)
        line = "app.state.resolve = resolver(ROUTES)"
        main.add(line, line, {(_MODULE, "ROUTES"), (_RESOLVING, "resolver")}, (4, "", 0))


def _by_name(world: World, tree: Tree) -> None:
    """Templates by the names that links use; those still on legacy are valid as well."""
    paths: dict[str, list[str]] = {}
    for endpoint in world.facts.endpoints:
        name = endpoint.full_name
        if name in world.links:
            shown = endpoint.path.rstrip("/") if endpoint.optional_slash else endpoint.path
            for template in (shown, *map(with_format, endpoint.suffix_variants)):
                plain = re.sub(r"{(\w+):[^}]*}", r"{\1}", template)
                if plain not in paths.setdefault(name, []):
                    paths[name].append(plain)
    lines = [f'    "{name}": {tuple(found)!r},' for name, found in sorted(paths.items())]
    text = "PATHS = {\n" + "\n".join(lines) + "\n}"
    tree.module(_MODULE, _SAYS).add("PATHS", text, (), (1, "", 0))


def _in_order(world: World, tree: Tree) -> None:
    imports: set[Import] = {(_RESOLVING, "Route")}
    inner = _routes(world.facts.urls, 1)
    text = f"#: Every pattern of the project, those that nobody links to among them.\nROUTES = ({inner})"
    tree.module(_MODULE, _SAYS).add("ROUTES", text, imports, (2, "", 0))


def _routes(urls: Sequence[Url], depth: int) -> str:
    """Patterns that share what is above them as one that includes them; `depth`: what is written."""
    texts = []
    for (expression, leaf), group in groupby(urls, lambda url: _at(url, depth)):
        same = list(group)
        for url in same if leaf else same[:1]:
            name = f', "{url.name}"' if url.name else ""
            options = name if leaf else f", below=({_routes(same, depth + 1)})"
            kinds = url.converters.items()
            integers = tuple(n for n, kind in kinds if kind == "int" and f"(?P<{n}>" in expression)
            options += f", integers={integers!r}" if integers else ""
            texts.append(f"Route({_literal(expression)}{options}),")
    return " ".join(texts)


def _at(url: Url, depth: int) -> tuple[str, bool]:
    return url.expressions[depth], len(url.expressions) == depth + 1


def _literal(expression: str) -> str:
    """An expression as Python reads it, without escapes of its own where that can be."""
    plain = '"' not in expression and "\n" not in expression and not expression.endswith("\\")
    return f'r"{expression}"' if plain and "\\" in expression else repr(expression)
