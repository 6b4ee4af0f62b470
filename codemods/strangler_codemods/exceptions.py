"""The project's exception classes and its exception handler."""

from __future__ import annotations

from dataclasses import dataclass, field

import libcst as cst

from strangler.facts import Ref

from .answer_types import Response
from .body import Body, Import, Owner
from .functions import rewrite_function
from .modules import Tree
from .names import as_docstring
from .operation import Typed, code_of, parse
from .refusal import RefusalError
from .surrounding_types import HandlerContext
from .types import Constant, Error, Plain, Symbol, Type
from .world import World


@dataclass
class Errors:
    """Writes exception classes of the project that derive from DRF's."""

    world: World
    tree: Tree
    _done: dict[str, Import | None] = field(default_factory=dict)

    def install(self) -> None:
        """Let names of these classes be found."""
        self.world.project_error = self.symbol

    def symbol(self, body: Body, path: str) -> Typed | None:
        """The class at `path` as a name of the new module; None when it is no such class."""
        if path not in self._done:
            self._done[path] = None
            self._done[path] = self._convert(path)
        place = self._done[path]
        if place is None:
            return None
        return Typed(parse(body.use(*place)), Symbol(path))

    def _convert(self, path: str) -> Import | None:
        found = self.world.sources.class_node(path)
        if found is None or len(found[0].bases) != 1:
            return None
        node, module = found
        base_path = self.world.sources.resolve(module, code_of(node.bases[0].value))
        if base_path is None or not self._is_error(base_path):
            return None
        body = Body(self.world, module, Owner("function", path))
        base = body.expr(node.bases[0].value)
        lines = [f"class {node.name.value}({base.code}):"]
        docstring = node.get_docstring()
        if docstring:
            lines.append(f"    {as_docstring(docstring)}\n")
        for line in node.body.body:
            text = self._attribute(body, line)
            if text:
                lines.append(f"    {text}")
        if len(lines) == 1:
            lines.append('    """As its base."""')
        app = self.world.app_of(path)
        name = f"app.{app}.exceptions" if app else "app.exceptions"
        new = self.tree.module(name, "Errors as clients see them.")
        order = (5, module.path, module.line_of(node.name))
        new.add(node.name.value, "\n".join(lines), body.imports, order)
        return name, node.name.value

    def _is_error(self, path: str) -> bool:
        if self.world.registry.find("call", None, path) is not None:
            return path.startswith("rest_framework.")
        found = self.world.sources.class_node(path)
        if found is None or len(found[0].bases) != 1:
            return False
        base = self.world.sources.resolve(found[1], code_of(found[0].bases[0].value))
        return base is not None and self._is_error(base)

    def _attribute(self, body: Body, line: cst.BaseStatement | cst.BaseSmallStatement) -> str:
        if not isinstance(line, cst.SimpleStatementLine):
            body.refuse("B140", "an exception class with methods has no rule", line)
        small = line.body[0]
        if isinstance(small, cst.Expr | cst.Pass):
            return ""
        if not isinstance(small, cst.Assign) or not isinstance(small.targets[0].target, cst.Name):
            body.refuse("B140", "this part of an exception class has no rule", line)
        value = body.expr(small.value)
        if not isinstance(value.type, Constant | Plain):
            body.refuse("B140", "this part of an exception class has no rule", line)
        return f"{small.targets[0].target.value} = {value.code}"


def project_handler(world: World, tree: Tree, ref: Ref) -> Import:
    """Write the project's EXCEPTION_HANDLER.

    Raises:
        RefusalError: an operation of it has no rule.
    """
    world.registry.declared("exception handler")
    source = world.sources.function(ref.path)
    if source is None:
        raise RefusalError("W102", "its source is not in the project")
    names = [p.name.value for p in source.node.params.params]
    if len(names) != 2:  # the exception and its context
        raise RefusalError("W102", "it takes other arguments than DRF's")
    body = Body(world, source.module, Owner("function", ref.path), colour="sync")
    env: dict[str, Type] = {names[0]: Error(), names[1]: HandlerContext()}

    def finish(inner: Body, value: Typed | None, at: cst.CSTNode) -> cst.BaseExpression:
        none = value is not None and value.type == Constant(None)
        if value is None or not (isinstance(value.type, Response) or none):
            inner.refuse("B207", "the handler returns something other than a response", at)
        return value.node

    rewritten = rewrite_function(source, body, env, finish)
    new = tree.module("app.errors", "How errors are answered.")
    name = ref.path.rpartition(".")[2]
    if name == "exception_handler":
        name = "project_exception_handler"
    head = f"def {name}({names[0]}: Exception, {names[1]}: HandlerContext) -> Response | None"
    imports = rewritten.imports | {
        ("app.compat.handlers", "HandlerContext"), ("app.compat.responses", "Response"),
    }  # fmt: skip
    for constant, text in body.definitions.items():
        new.add(constant, text, (), (1, source.module.path, 0))
    new.add(name, rewritten.text(head), imports, (5, source.module.path, source.line))
    return new.name, name
