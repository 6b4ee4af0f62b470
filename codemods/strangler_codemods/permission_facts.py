"""What permission classes read of themselves and of the path, over all that use them."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Sequence

from strangler.facts import ClassFacts, Endpoint, Value

from .endpoint_index import index_of
from .operation import code_of
from .own_settings import is_secret
from .refusal import RefusalError
from .world import World

_SCALARS = {"str", "int", "bool", "float"}


def class_attributes(world: World, facts: ClassFacts) -> dict[str, str]:
    """What a class sets in its body: name to the text behind it, ` = "x"` or `: str | None = None`."""
    found = {}
    for name, value in _own(world, facts).items():
        kind = attribute_type(world, facts.name, name)
        if kind is None and name not in ("message", "code"):
            continue
        above = any(name in _own(world, base) for base in _bases(world, facts))
        note = f": {kind}" if kind is not None and " | None" in kind and not above else ""
        found[name] = f"{note} = {_text(value)}"
    return found


def _text(value: Value) -> str:
    return repr(tuple(value.value) if isinstance(value.value, list) else value.value)


def attribute_type(world: World, path: str, name: str) -> str | None:
    """The type of `self.name` in the methods of a class; None where it has no rule.

    The class or one above it has to set it; those below may set it otherwise.
    """
    known = {facts.name: facts for facts in world.facts.permissions}
    facts = known.get(path)
    if facts is None:
        return None
    above = [facts, *_bases(world, facts)]
    below = [f for f in known.values() if any(ref.path == path for ref in f.lineage)]
    if not any(name in _own(world, cls) for cls in above):
        return None
    kinds: set[str] = set()
    for cls in (*above, *below):
        if name in assigned(world, cls):
            value = _own(world, cls).get(name)
            kinds.add(_kind_of(value) if value is not None else "")
    optional = "None" in kinds
    kinds.discard("None")
    if len(kinds) != 1 or "" in kinds:
        return None
    return kinds.pop() + (" | None" if optional else "")


def _kind_of(value: Value) -> str:
    if value.kind == "none":
        return "None"
    if isinstance(value.value, list):
        texts = all(isinstance(item, str) for item in value.value)
        return "tuple[str, ...]" if texts and value.value else ""
    kind = type(value.value).__name__
    return kind if kind in _SCALARS else ""


def _bases(world: World, facts: ClassFacts) -> list[ClassFacts]:
    known = {each.name: each for each in world.facts.permissions}
    return [known[r.path] for r in facts.lineage if r.path in known and r.path != facts.name]


def _own(world: World, facts: ClassFacts) -> dict[str, Value]:
    """The values that a class sets by literals or members of enums: the same at any time."""
    found = {}
    for name, node in assigned(world, facts).items():
        value = facts.attributes.get(name, Value())
        fixed = value.path is not None or _is_fixed(world, facts, node)
        if "***" in str(value.value):
            continue  # a secret
        if value.kind in ("none", "literal") and fixed:
            found[name] = value
    return found


def assigned(world: World, facts: ClassFacts) -> dict[str, ast.expr]:
    """Names that the body of a class assigns, with the expressions."""
    node = world.sources.class_node(facts.name)
    if node is None:
        return {}
    (cls,) = ast.parse(textwrap.dedent(code_of(node[0]).strip("\n"))).body
    found: dict[str, ast.expr] = {}
    for line in cls.body if isinstance(cls, ast.ClassDef) else ():
        targets = line.targets if isinstance(line, ast.Assign) else []
        if isinstance(line, ast.AnnAssign) and line.value is not None:
            targets = [line.target]
        if isinstance(line, ast.Assign | ast.AnnAssign) and line.value is not None:
            found |= {t.id: line.value for t in targets if isinstance(t, ast.Name)}
    return found


def require_told(world: World, facts: ClassFacts) -> None:
    """Refuse a class whose `message` or `code`, told to those who are refused, is not known."""
    known = _own(world, facts)
    for name in ("message", "code"):
        if name in assigned(world, facts) and name not in known:
            raise RefusalError("P105", f"`{facts.name}.{name}` is not known", facts.source or "")


def _is_fixed(world: World, facts: ClassFacts, node: ast.expr) -> bool:
    return (
        _is_literal(node) or _is_setting(world, facts, node) or _is_translated(world, facts, node)
    )


def _is_translated(world: World, facts: ClassFacts, node: ast.expr) -> bool:
    """Whether a value is a literal that is marked for translation, or made of literals only."""
    found = world.sources.class_node(facts.name)
    if found is not None and isinstance(node, ast.Call):
        path = world.sources.resolve(found[1], ast.unparse(node.func)) or ""
        return path.startswith("django.utils.translation.") and all(map(_is_literal, node.args))
    parts = (ast.Constant, ast.BinOp, ast.Add, ast.JoinedStr)
    return all(isinstance(part, parts) for part in ast.walk(node))


def _is_setting(world: World, facts: ClassFacts, node: ast.expr) -> bool:
    """Whether a value is one of the project's settings, which the new app has as they are."""
    found = world.sources.class_node(facts.name)
    if found is None or not isinstance(node, ast.Attribute):
        return False
    path = world.sources.resolve(found[1], ast.unparse(node)) or ""
    return path.startswith("django.conf.settings.") and not is_secret(node.attr)


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except ValueError:
        return False
    return True


def path_kinds(world: World, path: str) -> dict[str, str]:
    """Types of the parts of the path, over all endpoints that a permission stands before."""
    known = index_of(world.facts).kinds
    if path not in known:
        known[path] = _path_kinds(world, path)
    return known[path]


def _path_kinds(world: World, path: str) -> dict[str, str]:
    classes = {path} | {
        facts.name
        for facts in world.facts.permissions
        if any(ref.path == path for ref in facts.lineage)
    }
    asked = [
        endpoint for endpoint in index_of(world.facts).behind(classes) if endpoint.kind == "drf"
    ]
    return kinds_over(asked)


def kinds_over(endpoints: Sequence[Endpoint]) -> dict[str, str]:
    """Types of the parts of the paths that have one type over all endpoints."""
    kinds: dict[str, set[str]] = {}
    for endpoint in endpoints:
        for key, converter in endpoint.converters.items():
            kinds.setdefault(key, set()).add(path_kind(converter))
    found = {}
    for key, names in kinds.items():
        if len(names) == 1:
            always = all(key in endpoint.converters for endpoint in endpoints)
            found[key] = names.pop() + ("" if always else " | None")
    return found


def path_kind(converter: str) -> str:
    """The type of a part of the path: regular expressions give texts."""
    return {"int": "int", "uuid": "UUID"}.get(converter, "str")
