"""What a class body binds: evaluated once, when its module is loaded."""

from __future__ import annotations

import ast
from collections.abc import Iterable

import libcst as cst
from libcst import matchers

from .body import Body
from .operation import code_of
from .refusal import RefusalError
from .sources import Module
from .walking import children, walk

# Calls that give the same at any time.
_LASTING = frozenset(
    [
        "django.contrib.auth.get_user_model",
        *("datetime.date", "datetime.datetime", "datetime.time", "datetime.timedelta"),
        *("decimal.Decimal", "uuid.UUID"),
    ]
)
_EXPRESSIONS = "django.db.models."


def class_value(
    node: cst.ClassDef, name: str, module: Module
) -> tuple[cst.BaseExpression, int] | None:
    """What the class body leaves bound to `name`, and the line of that statement; None for nothing.

    Raises:
        RefusalError: the name is bound by something other than plain assignments.
    """
    found: tuple[cst.BaseExpression, int] | None = None
    plain = 0
    for line in node.body.body:
        for small in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            value = _assigned(small, name)
            if value is not None:
                found, plain = (value, module.line_of(small)), plain + 1
    if bindings(node, name) != plain:
        place = f"{module.path}:{module.line_of(node)}"
        raise RefusalError("B301", f"`{name}` is bound in a way without a rule", place)
    return found


def _assigned(node: cst.CSTNode, name: str) -> cst.BaseExpression | None:
    """The value of `name = value` or `name: annotation = value`."""
    if isinstance(node, cst.Assign):
        target = node.targets[0].target
        return node.value if len(node.targets) == 1 and code_of(target) == name else None
    if isinstance(node, cst.AnnAssign) and code_of(node.target) == name:
        return node.value
    return None


def binds(node: cst.ClassDef, name: str) -> bool:
    """Whether the class body binds a name in whatever way."""
    return bindings(node, name) > 0


def bindings(node: cst.ClassDef, name: str) -> int:
    """How often the class body binds `name`, in whatever way."""
    visitor = _Bindings(name)
    node.body.visit(visitor)
    return visitor.count


class _Targets(cst.CSTVisitor):
    """Finds what binds names, without looking into functions and inner classes."""

    def bind(self, target: cst.CSTNode) -> None:
        """Called with each target: a name, or what names stand in."""
        raise NotImplementedError

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:
        self.bind(node.name)
        return False

    def visit_ClassDef(self, node: cst.ClassDef) -> bool:
        self.bind(node.name)
        return False

    def visit_Lambda(self, node: cst.Lambda) -> bool:
        return False

    def visit_AssignTarget(self, node: cst.AssignTarget) -> None:
        self.bind(node.target)

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        if node.value is not None:
            self.bind(node.target)

    def visit_AugAssign(self, node: cst.AugAssign) -> None:
        self.bind(node.target)

    def visit_NamedExpr(self, node: cst.NamedExpr) -> None:
        self.bind(node.target)

    def visit_For(self, node: cst.For) -> None:
        self.bind(node.target)

    def visit_AsName(self, node: cst.AsName) -> None:
        self.bind(node.name)

    def visit_ImportAlias(self, node: cst.ImportAlias) -> None:
        name: cst.BaseExpression = node.name
        while isinstance(name, cst.Attribute):
            name = name.value
        if node.asname is None:
            self.bind(name)


class _Bindings(_Targets):
    """Counts what binds a name; an attribute set on it counts too."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name, self.count = name, 0

    def bind(self, target: cst.CSTNode) -> None:
        self.count += sum(isinstance(n, cst.Name) and n.value == self.name for n in walk(target))


class _BoundNames(_Targets):
    """Collects the names themselves."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def bind(self, target: cst.CSTNode) -> None:
        if isinstance(target, cst.Name):
            self.found.add(target.value)
        elif isinstance(target, cst.Tuple | cst.List):
            for element in target.elements:
                self.bind(element.value)


def require_lasting(body: Body, node: cst.BaseExpression) -> None:
    """Refuse calls, such as `timezone.now()`, whose value legacy fixed when it loaded the module."""
    for call in matchers.findall(node, matchers.Call()):
        assert isinstance(call, cst.Call)
        text = code_of(call.func)
        if not text.replace(".", "").isidentifier():
            continue  # a method of something that is looked at itself
        path = body.world.sources.resolve(body.module, text) or text
        path = _user_model(body, text, path) or path
        is_model = any(path.startswith(f"{model}.") for model in body.world.model_paths)
        if not (is_model or path.startswith(_EXPRESSIONS) or path in _LASTING):
            body.refuse("Q133", f"`{text}()` is called once, when the module is loaded", call)


def _user_model(body: Body, text: str, path: str) -> str | None:
    """The path of `User.objects.all` where `User = get_user_model()`; None for all else."""
    rest = text.partition(".")[2]
    owner = path.removesuffix(f".{rest}") if rest else path
    found = body.world.sources.split(owner)
    value = found[0].constant(found[1]) if found is not None and "." not in found[1] else None
    if found is None or not isinstance(value, ast.Call):
        return None
    made = body.world.sources.resolve(found[0], ast.unparse(value.func))
    if made != "django.contrib.auth.get_user_model":
        return None
    return f"{body.world.models[body.world.user_label].path}.{rest}"


def require_outer_names(body: Body, owner: cst.ClassDef, node: cst.BaseExpression) -> None:
    """Refuse names that the class body binds itself, which hide those of the module."""
    for name in loaded_names(node):
        if bindings(owner, name.value):
            body.refuse("B103", f"`{name.value}` is a name of the class body", name)


def bound_names(lines: Iterable[cst.BaseStatement]) -> set[str]:
    """The names that statements of a function bind, in whatever way."""
    visitor = _BoundNames()
    for line in lines:
        line.visit(visitor)
    return visitor.found


def loaded_names(node: cst.CSTNode) -> list[cst.Name]:
    """The names that code reads, without attributes and keywords."""
    if isinstance(node, cst.Name):
        return [node]
    read = (node.value,) if isinstance(node, cst.Attribute | cst.Arg) else children(node)
    return [name for each in read for name in loaded_names(each)]
