"""Overrides such as a serializer's `__init__` that give every instance the same fields.

What a serializer's fields are was asked of an instance, so it is enough to know that another
instance has the same: that the code looks at its own fields and at constants, and at nothing that
it is handed.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator

from strangler.facts import Serializer

from .operation import code_of
from .shape_lines import shaping_lines
from .sources import FunctionSource, Sources
from .world import World

#: Overrides of which the source can tell that.
SHAPING = frozenset({"__init__", "get_fields", "get_field_names", "get_extra_kwargs"})
#: What `__init__` may set of a field: what DRF reads of it for each request, and facts hold as well.
_SET = frozenset(
    [
        *("allow_blank", "allow_empty", "allow_null", "default", "help_text", "initial", "label"),
        *("read_only", "required", "style", "trim_whitespace", "write_only"),
    ]
)
_METHODS = frozenset(
    [
        *("add", "append", "copy", "difference", "extend", "get", "intersection", "items", "keys"),
        *("pop", "remove", "setdefault", "union", "update", "values"),
    ]
)
_BUILTINS = frozenset(
    [
        *("dict", "frozenset", "isinstance", "len", "list", "reversed", "set", "sorted", "str"),
        *("tuple", "zip", "enumerate", "issubclass"),
    ]
)
_FIELDS = ("rest_framework.serializers.", "rest_framework.fields.")
_STATEMENTS = (
    ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.For, ast.If, ast.Delete, ast.Return,
    ast.Pass, ast.Continue, ast.Break,
)  # fmt: skip


def is_fixed(world: World, serializer: Serializer, method: str) -> bool:
    """Whether every override of `method` along the serializer's classes shapes each instance alike."""
    if method not in SHAPING:
        return False
    for ref in serializer.lineage:
        source = world.sources.function(f"{ref.path}.{method}")
        if source is None and is_unread(world.sources, ref.path):
            return False
        if source is not None and not is_fixed_by(world.sources, serializer, source):
            return False
    return True


def is_fixed_by(sources: Sources, serializer: Serializer, source: FunctionSource) -> bool:
    """Whether one override shapes each instance alike."""
    return _Looking(sources, serializer, source).is_fixed()


def is_unread(sources: Sources, path: str) -> bool:
    """Whether a class along the way is neither DRF's nor in sight."""
    known = path.startswith(("rest_framework.", "builtins.", "typing.", "abc."))
    return not known and sources.class_node(path) is None


class _Looking:
    """One override: what it reads, calls and sets."""

    def __init__(self, sources: Sources, serializer: Serializer, source: FunctionSource) -> None:
        self.sources, self.serializer, self.source = sources, serializer, source
        tree = ast.parse(textwrap.dedent(code_of(source.node).strip("\n"))).body[0]
        assert isinstance(tree, ast.FunctionDef)
        self.locals = {
            n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        }
        tree = shaping_lines(tree, given=bool(serializer.given))
        self.tree, self.name = tree, tree.name

    def is_fixed(self) -> bool:
        if self.tree.decorator_list or not self._usual_parameters():
            return False
        lines = [n for n in ast.walk(self.tree) if isinstance(n, ast.stmt) and n is not self.tree]
        if not all(isinstance(line, _STATEMENTS) for line in lines):
            return False
        return all(self._allows(node) for each in self.tree.body for node in _walk(each))

    def _usual_parameters(self) -> bool:
        """`self` alone, or `__init__`'s `*args, **kwargs`."""
        given = self.tree.args
        names = [arg.arg for arg in (*given.posonlyargs, *given.args)]
        self.own = names[0] if names else ""
        self.stars = [a.arg for a in (given.vararg, given.kwarg) if a is not None]
        self.handed = names[1:]
        if self.name == "__init__":
            return not self.handed and not given.kwonlyargs and len(self.stars) == 2
        usual = {"get_field_names": 2}.get(self.name, 0)
        return len(self.handed) == usual and not given.kwonlyargs and not self.stars

    def _allows(self, node: ast.AST) -> bool:
        match node:
            case ast.Call():
                return self._call(node)
            case ast.Attribute():
                return self._attribute(node)
            case ast.Subscript(value=value, ctx=ast.Store()):
                return self._item_set(node, value)
            case ast.Name():
                return self._named(node)
            case ast.Starred():
                return False
            case ast.Lambda() | ast.Await() | ast.Yield() | ast.YieldFrom() | ast.NamedExpr():
                return False
        return True

    def _named(self, node: ast.Name) -> bool:
        name = node.id
        if name in self.locals or name in self.handed or name in ("super", self.own):
            return name not in (self.own, *self.stars) or isinstance(node.ctx, ast.Load)
        if name in self.stars:
            return False
        path = self._path(node)
        if not path:
            return name in _BUILTINS
        return path.startswith("rest_framework") or self._is_literal(name)

    def _is_literal(self, name: str) -> bool:
        value = self.source.module.constant(name)
        try:
            return value is not None and hash(ast.literal_eval(value)) is not None
        except (TypeError, ValueError):  # computed, or a list that may change
            return False

    def _attribute(self, node: ast.Attribute) -> bool:
        value = node.value
        if isinstance(value, ast.Name) and value.id == self.own:
            loaded = isinstance(node.ctx, ast.Load) and self.name == "__init__"
            return loaded and node.attr == "fields"
        if isinstance(node.ctx, ast.Store):
            return node.attr in _SET
        above = ast.unparse(value) == "super()"
        known = node.attr in _METHODS or node.attr in _SET or node.attr == "error_messages"
        return known or above or self._path(node).startswith("rest_framework.")

    def _path(self, node: ast.expr) -> str:
        """The dotted path that a name, or an attribute of a module, stands for."""
        return self.sources.resolve(self.source.module, ast.unparse(node)) or ""

    def _item_set(self, node: ast.Subscript, value: ast.expr) -> bool:
        """`self.fields["name"] = ...` of a field that no class body declares; items of local names."""
        if isinstance(value, ast.Attribute) and value.attr == "error_messages":
            return True
        key = node.slice.value if isinstance(node.slice, ast.Constant) else None
        if ast.unparse(value) == f"{self.own}.fields" or self.name == "get_fields":
            declared = {item.name for item in self.serializer.fields if item.declared}
            return isinstance(key, str) and key not in declared
        return isinstance(value, ast.Name | ast.Subscript)

    def _call(self, node: ast.Call) -> bool:
        func = node.func
        if _is_above(node):
            stars = [f"{'*' * n}{name}" for n, name in enumerate(self.stars, start=1)]
            handed = ", ".join(stars or self.handed)
            return ast.unparse(node) == f"super().{self.name}({handed})"
        if isinstance(func, ast.Name) and func.id == "super":
            return not node.args
        if isinstance(func, ast.Name) and func.id in _BUILTINS and func.id not in self.locals:
            return True
        if isinstance(func, ast.Attribute) and func.attr in _METHODS:
            return True
        plain = all(isinstance(a, ast.Constant) for a in node.args)
        plain = plain and all(k.arg and _is_plain(k.value) for k in node.keywords)
        path = self._path(func)
        return plain and path.startswith(_FIELDS) and path.endswith("Field")


def _is_plain(node: ast.expr) -> bool:
    try:
        return ast.literal_eval(node) is not Ellipsis
    except ValueError:
        return False


def _is_above(node: ast.AST) -> bool:
    """Whether a call is one of what the method overrides: `super().__init__(...)`."""
    func = node.func if isinstance(node, ast.Call) else None
    return isinstance(func, ast.Attribute) and ast.unparse(func.value) == "super()"


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes to look at; the arguments that `super().__init__(*args, **kwargs)` hands on aside."""
    yield node
    above = isinstance(node, ast.Call) and _is_above(node)
    for child in (
        [node.func] if isinstance(node, ast.Call) and above else ast.iter_child_nodes(node)
    ):
        yield from _walk(child)
