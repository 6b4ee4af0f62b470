"""What a class body binds: evaluated once, when its module is loaded."""

from __future__ import annotations

import libcst as cst
from libcst import matchers

from .body import Body
from .operation import code_of
from .refusal import RefusalError
from .sources import Module

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
    if _bindings(node, name) != plain:
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


def _bindings(node: cst.ClassDef, name: str) -> int:
    """How often the class body binds `name`, in whatever way."""
    visitor = _Bindings(name)
    node.body.visit(visitor)
    return visitor.count


class _Bindings(cst.CSTVisitor):
    """Counts what binds a name, without looking into functions and inner classes."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name, self.count = name, 0

    def _target(self, target: cst.BaseExpression) -> None:
        self.count += len(matchers.findall(target, matchers.Name(self.name)))

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:
        self._target(node.name)
        return False

    def visit_ClassDef(self, node: cst.ClassDef) -> bool:
        self._target(node.name)
        return False

    def visit_Lambda(self, node: cst.Lambda) -> bool:
        return False

    def visit_AssignTarget(self, node: cst.AssignTarget) -> None:
        self._target(node.target)

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        if node.value is not None:
            self._target(node.target)

    def visit_AugAssign(self, node: cst.AugAssign) -> None:
        self._target(node.target)

    def visit_NamedExpr(self, node: cst.NamedExpr) -> None:
        self._target(node.target)

    def visit_For(self, node: cst.For) -> None:
        self._target(node.target)

    def visit_AsName(self, node: cst.AsName) -> None:
        self._target(node.name)


def require_lasting(body: Body, node: cst.BaseExpression) -> None:
    """Refuse calls, such as `timezone.now()`, whose value legacy fixed when it loaded the module."""
    for call in matchers.findall(node, matchers.Call()):
        assert isinstance(call, cst.Call)
        text = code_of(call.func)
        if not text.replace(".", "").isidentifier():
            continue  # a method of something that is looked at itself
        path = body.world.sources.resolve(body.module, text) or text
        is_model = any(path.startswith(f"{model}.") for model in body.world.model_paths)
        if not (is_model or path.startswith(_EXPRESSIONS) or path in _LASTING):
            body.refuse("Q133", f"`{text}()` is called once, when the module is loaded", call)


def require_outer_names(body: Body, owner: cst.ClassDef, node: cst.BaseExpression) -> None:
    """Refuse names that the class body binds itself, which hide those of the module."""
    for name in loaded_names(node):
        if _bindings(owner, name.value):
            body.refuse("B103", f"`{name.value}` is a name of the class body", name)


def loaded_names(node: cst.CSTNode) -> list[cst.Name]:
    """The names that code reads, without attributes and keywords."""
    found: list[cst.Name] = []

    class Visitor(cst.CSTVisitor):
        def visit_Attribute(self, node: cst.Attribute) -> bool:
            node.value.visit(self)
            return False

        def visit_Arg(self, node: cst.Arg) -> bool:
            node.value.visit(self)
            return False

        def visit_Name(self, node: cst.Name) -> None:
            found.append(node)

    node.visit(Visitor())
    return found
