"""Where each definition of the new app comes from, and which rules wrote it."""

from __future__ import annotations

from typing import Any

from .modules import Placed, Tree
from .rule import Registry

VERSION = 1


def origins(tree: Tree, registry: Registry) -> dict[str, Any]:
    """As `.strangler/origins.json` holds it.

    `definitions`: by file and name of the new app the legacy `source` (`path:line`) and the `rule`
    that wrote it as a whole; either may be missing. `operations`: by file and line of legacy the
    rules that rewrote something there.
    """
    placed = Placed(tree.modules)
    definitions: dict[str, dict[str, dict[str, str]]] = {}
    for module in tree.modules.values():
        found = {}
        for item in module.items.values():
            _, file, line = item.order
            source = f"{file}:{line}" if file.endswith(".py") and line else ""
            known = {"source": source, "rule": item.rule}
            if told := {name: text for name, text in known.items() if text}:
                found[item.name] = told
        if found:
            definitions[placed.of(module.path, "/")] = dict(sorted(found.items()))
    operations = {
        file: {str(line): sorted(names) for line, names in sorted(lines.items())}
        for file, lines in sorted(registry.applied.items())
    }
    ordered = dict(sorted(definitions.items()))
    return {"version": VERSION, "definitions": ordered, "operations": operations}
