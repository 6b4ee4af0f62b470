"""Names of attributes that lines of a module may give to objects, or queries to their rows."""

from __future__ import annotations

import ast

from .set_names import said_names

# What gives rows attributes by its keywords, or objects by those of their dictionary.
_GIVING = frozenset({"annotate", "alias", "extra", "update", "from_queryset"})


def given_names(tree: ast.Module) -> frozenset[str]:
    """The names; a key of any dictionary where one is handed on to something that gives them."""
    found: set[str] = set()
    keys: set[str] = set()
    hands_on = False
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            found.add(node.attr)
        elif isinstance(node, ast.Dict):
            keys |= {str(key.value) for key in node.keys if isinstance(key, ast.Constant)}
        elif isinstance(node, ast.Call):
            found |= _of_call(node)
            keys |= {str(k.arg) for k in node.keywords if _name(node) == "dict"}
            hands_on = hands_on or _hands_on(node)
    return frozenset(found | keys if hands_on else found) | said_by(tree)


def said_by(tree: ast.Module) -> frozenset[str]:
    """The names of `setattr(row, name, value)` where all values of `name` are known."""
    said = (said_names(tree, node) or frozenset() for node in _computed(tree))
    return frozenset().union(*said)


def sets_computed(tree: ast.Module) -> bool:
    """Whether a line says `setattr(row, name, value)` with a name that comes from somewhere."""
    return any(said_names(tree, node) is None for node in _computed(tree))


def _computed(tree: ast.Module) -> list[ast.Call]:
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    setting = [node for node in calls if _name(node) in ("setattr", "__setattr__")]
    return [n for n in setting if any(not isinstance(a, ast.Constant) for a in n.args[1:2])]


def names_in_sight(tree: ast.Module) -> frozenset[str]:
    """What a computed name may be: texts, keywords and names of class bodies; not what is asked for."""
    asked = {
        id(each)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _name(node) in ("getattr", "hasattr")
        for each in node.args[1:2]
    }
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in asked:
            found.add(node.value)
        elif isinstance(node, ast.keyword) and node.arg:
            found.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return frozenset(found)


def _name(node: ast.Call) -> str:
    func = node.func
    return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")


def _of_call(node: ast.Call) -> set[str]:
    """What a call names: keywords of `annotate`, `to_attr="name"`, `setattr(row, "name", value)`."""
    found = {str(k.arg) for k in node.keywords if _name(node) in _GIVING}
    texts = [k.value for k in node.keywords if k.arg == "to_attr"]
    texts += [*node.args[1:2]] if _name(node) == "setattr" else []
    return found | {str(text.value) for text in texts if isinstance(text, ast.Constant)}


def _hands_on(node: ast.Call) -> bool:
    """Whether a dictionary is handed to what gives attributes: `annotate(**extra)`."""
    handed = [k for k in node.keywords if k.arg is None or isinstance(k.value, ast.Dict | ast.Name)]
    return _name(node) in _GIVING and bool(node.args or handed)
