"""Statements: the structure of a body is kept, its expressions are rewritten."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, cast

import libcst as cst

from .arithmetic import augmented
from .blocks import (
    LATER,
    WITH_ITEMS,
    acts,
    as_else,
    context_first,
    forget,
    local_target,
    rename_saved,
    statements,
    stored,
    unpacked,
)
from .body import Body
from .expressions import truth
from .lattice import describe, item_of, join
from .narrowing import known_when
from .open_statements import drafted
from .operation import Operation, Typed, code_of
from .plain_values import operate, plain, require_value
from .query_cache import kept
from .strangers import somebody
from .trying import rewrite_try
from .types import (
    Checked,
    Condition,
    Constant,
    Given,
    Instance,
    ItemsOf,
    KeyOf,
    ListOf,
    Plain,
    Rows,
    Saved,
    Symbol,
    TupleOf,
    Type,
    Unknown,
)

Finish = Callable[[Body, Typed | None, cst.CSTNode], cst.BaseExpression | None]
Statement = cst.BaseStatement


class Block:
    """Rewrites the statements of one function; `finish` turns what `return` gives into the answer."""

    def __init__(self, body: Body, finish: Finish) -> None:
        self.body = body
        self.finish = finish

    def run(self, given: Sequence[Statement]) -> tuple[list[Statement], bool]:
        """Rewrite a block: the new statements, and whether control never leaves at its end."""
        result: list[Statement] = []
        for statement in given:
            if self.body.opened is None:
                lines, ended = self.statement(statement)
            else:
                lines, ended = drafted(self, statement)
            self.body.acted = self.body.acted or any(map(acts, lines))
            self.body.late = self.body.late or (
                not isinstance(statement, cst.With) and any(map(acts, lines))
            )
            result.extend(lines)
            if ended:
                return result, True
        return result, False

    def statement(self, statement: Statement) -> tuple[list[Statement], bool]:
        """Rewrite one statement; what comes of it, and whether control never leaves at its end."""
        self.body.queries.statement()
        if isinstance(statement, cst.SimpleStatementLine):
            return self._line(statement)
        handler = self._COMPOUND.get(type(statement))
        if handler is None:
            name = type(statement).__name__.lower()
            self.body.refuse("B201", f"`{name}` statements have no rule", statement)
        self.body.acted = True
        self.body.late = self.body.late or not isinstance(statement, cst.With)
        return handler(self, statement)

    def _line(self, line: cst.SimpleStatementLine) -> tuple[list[Statement], bool]:
        changed: list[cst.BaseSmallStatement] = []
        ended = False
        for small in line.body:
            handler = self._SMALL.get(type(small))
            if handler is None:
                name = type(small).__name__.lower()
                self.body.refuse("B201", f"`{name}` statements have no rule", small)
            new = handler(self, small)
            if new is not None:
                changed.append(new)
            if isinstance(small, cst.Return | cst.Raise | cst.Continue | cst.Break):
                ended = True
                break
        if not changed:
            return [], ended
        return [line.with_changes(body=changed)], ended

    def _return(self, node: cst.Return) -> cst.BaseSmallStatement | None:
        value = self._returned(node.value) if node.value is not None else None
        answer = self.finish(self.body, value, node)
        space = cst.SimpleWhitespace(" " if answer is not None else "")
        return node.with_changes(value=answer, whitespace_after_return=space)

    def _returned(self, node: cst.BaseExpression) -> Typed:
        if self.body.returns_truth and isinstance(node, cst.BooleanOperation):
            return truth(self.body, node)
        return self.body.expr(node)

    def _expression(self, node: cst.Expr) -> cst.BaseSmallStatement | None:
        if isinstance(node.value, cst.SimpleString | cst.ConcatenatedString):
            return node
        typed = self.body.expr(node.value)
        if isinstance(typed.type, Constant):
            return None
        if isinstance(typed.type, LATER):  # it is written where it is used, and nothing uses it
            self.body.refuse("B102", f"`{code_of(node.value)}` alone has no rule", node)
        if isinstance(typed.type, Checked):
            return cst.Assign([cst.AssignTarget(cst.Name("data"))], typed.node)
        if isinstance(typed.type, Saved):
            assert self.body.saved_as is not None
            target = cst.AssignTarget(cst.Name(self.body.saved_as))
            return cst.Assign(targets=[target], value=typed.node)
        return node.with_changes(value=typed.node)

    def _import(self, node: cst.Import | cst.ImportFrom) -> cst.BaseSmallStatement | None:
        """An import inside a function: what is used of it is imported with the rest."""
        if not self.body.module.imports_as_elsewhere(code_of(node)):
            self.body.refuse("B201", "an import of a name that means several things", node)
        return None

    def _raise(self, node: cst.Raise) -> cst.BaseSmallStatement:
        if node.exc is None:
            return node
        exc = self.body.expr(node.exc)
        changed = node.with_changes(exc=exc.node)
        if node.cause is not None:
            cause = node.cause.with_changes(item=self.body.expr(node.cause.item).node)
            changed = changed.with_changes(cause=cause)
        return changed

    def _assign(self, node: cst.Assign) -> cst.BaseSmallStatement | None:
        if len(node.targets) != 1:
            self.body.refuse("B202", "chained assignment has no rule", node)
        target = node.targets[0].target
        if isinstance(target, cst.Tuple) and isinstance(node.value, cst.Tuple):
            return self._assign_each(node, target, node.value)
        if isinstance(target, cst.Name):
            self.body.binding = (target.value, node.value)
            self.body.targets = (target.value,)
        value = self.body.expr(node.value)
        self.body.binding, self.body.targets = None, ()
        if isinstance(target, cst.Name):
            value = kept(self.body, target.value, node.value, value)
        return self._bind(node, target, value)

    def _annotated(self, node: cst.AnnAssign) -> cst.BaseSmallStatement | None:
        if node.value is None:
            return None
        plain_form = cst.Assign(targets=[cst.AssignTarget(node.target)], value=node.value)
        return self._bind(plain_form, node.target, self.body.expr(node.value))

    def _bind(
        self, node: cst.Assign, target: cst.BaseExpression, value: Typed
    ) -> cst.BaseSmallStatement | None:
        if isinstance(target, cst.Name):
            return self._bind_name(node, target, value)
        if isinstance(target, cst.Attribute):
            return self._bind_attribute(node, target, value)
        if isinstance(target, cst.Subscript):
            return self._bind_item(node, target, value)
        if isinstance(target, cst.Tuple) and isinstance(value.type, Plain):
            for element in target.elements:
                if not isinstance(element.value, cst.Name):
                    self.body.refuse("B202", "this unpacking has no rule", node)
                forget(self.body, element.value.value)
                self.body.env[element.value.value] = Plain()
            return node.with_changes(targets=[unpacked(self.body, target)], value=value.node)
        if isinstance(target, cst.Tuple) and isinstance(value.type, TupleOf):
            return self._bind_tuple(node, target, value)
        self.body.refuse("B202", "this assignment has no rule", node)

    def _bind_attribute(
        self, node: cst.Assign, target: cst.Attribute, value: Typed
    ) -> cst.BaseSmallStatement | None:
        receiver = self.body.expr(target.value)
        name = target.attr.value
        if isinstance(receiver.type, Instance):
            value = somebody(self.body, value)
        operation = Operation(target, self.body, name, receiver, value)
        done = operate(self.body, "assign", type(receiver.type), name, operation)
        if done is None:
            self.body.refuse("B203", f"assigning `.{name}` of {describe(receiver.type)}", node)
        if isinstance(done.type, Constant):
            return None  # it changes nothing that is seen
        return stored(done.node, value.node)

    def _bind_tuple(
        self, node: cst.Assign, target: cst.Tuple, value: Typed
    ) -> cst.BaseSmallStatement:
        """`a, b = f()`: each name has the type of its place."""
        kinds = value.type.items if isinstance(value.type, TupleOf) else ()
        names = [e.value.value for e in target.elements if isinstance(e.value, cst.Name)]
        if not len(names) == len(target.elements) == len(kinds):
            self.body.refuse("B202", "this unpacking has no rule", node)
        for name, kind in zip(names, kinds, strict=True):
            forget(self.body, name)
            self.body.env[name] = Plain() if isinstance(kind, Constant) else kind
        return node.with_changes(targets=[unpacked(self.body, target)], value=value.node)

    def _assign_each(
        self, node: cst.Assign, target: cst.Tuple, value: cst.Tuple
    ) -> cst.BaseSmallStatement:
        """`a, b = x, y`: each name has the type of its own value."""
        names = [e.value.value for e in target.elements if isinstance(e.value, cst.Name)]
        if not len(names) == len(target.elements) == len(value.elements):
            self.body.refuse("B202", "this unpacking has no rule", node)
        given = [self.body.expr(e.value) for e in value.elements]
        for name, typed in zip(names, given, strict=True):
            if not isinstance(typed.type, Plain | Constant | Instance | Rows):
                self.body.refuse("B202", f"`{name}` is unpacked from something else", node)
            forget(self.body, name)
            self.body.env[name] = Plain() if isinstance(typed.type, Constant) else typed.type
        changed = [e.with_changes(value=g.node) for e, g in zip(value.elements, given, strict=True)]
        new = value.with_changes(elements=changed)
        return node.with_changes(targets=[unpacked(self.body, target)], value=new)

    def _bind_name(
        self, node: cst.Assign, target: cst.Name, value: Typed
    ) -> cst.BaseSmallStatement | None:
        kind = value.type
        if isinstance(kind, Unknown):
            require_value(self.body, value, node)
        forget(self.body, target.value)
        if isinstance(kind, LATER):
            self.body.env[target.value] = kind
            return context_first(self.body, target.value, kind)  # else written where it is used
        if isinstance(kind, Saved):
            rename_saved(self.body, self.body.local(target.value))
            kind = Rows(kind.model) if kind.many else Instance(kind.model)
        if isinstance(kind, Constant):
            kind = Plain("None") if kind.value is None else Plain()
        self.body.env[target.value] = kind
        bound = set(self.body.bound)
        name = self.body.local(target.value)
        if value.code == name:
            self.body.bound = bound
            return None  # the parameter has this name already
        if isinstance(kind, Given):  # more of another type may be put into it
            self.body.use("typing", "Any")
            annotation = cst.Annotation(cst.parse_expression("dict[str, Any]"))
            return cst.AnnAssign(cst.Name(name), annotation, value.node)
        return node.with_changes(targets=[cst.AssignTarget(cst.Name(name))], value=value.node)

    def _bind_item(
        self, node: cst.Assign, target: cst.Subscript, value: Typed
    ) -> cst.BaseSmallStatement | None:
        receiver = self.body.expr(target.value)
        operation = Operation(target, self.body, "", receiver, value)
        done = operate(self.body, "assign_item", type(receiver.type), "*", operation)
        if done is not None:
            left_out = isinstance(done.node, cst.Ellipsis)
            return None if left_out else stored(done.node, value.node)
        if not isinstance(receiver.type, Plain):
            self.body.refuse("B203", f"assigning an item of {describe(receiver.type)}", node)
        require_value(self.body, value, node)
        key = self.body.expr(target).node
        return node.with_changes(
            targets=[cst.AssignTarget(cast("cst.Subscript", key))], value=value.node
        )

    def _augment(self, node: cst.AugAssign) -> cst.BaseSmallStatement:
        name = node.target.value if isinstance(node.target, cst.Name) else ""
        self.body.targets = (name,) if name else ()
        value = self.body.expr(node.value)
        self.body.targets = ()
        if isinstance(self.body.env.get(name), Condition):
            return self._augment_condition(node, name, value)
        require_value(self.body, value, node)
        target = self.body.expr(node.target)
        if isinstance(node.target, cst.Name) and isinstance(target.type, Plain):
            self.body.env[name] = augmented(node.operator, target.type, value.type)
            return node.with_changes(target=target.node, value=value.node)
        if isinstance(node.target, cst.Attribute):
            receiver = self.body.expr(node.target.value)
            operation = Operation(node.target, self.body, node.target.attr.value, receiver, value)
            kind = type(receiver.type)
            done = operate(self.body, "assign", kind, node.target.attr.value, operation)
            if done is not None and isinstance(done.node, cst.Attribute):
                return node.with_changes(target=done.node, value=value.node)
        self.body.refuse("B203", f"changing `{code_of(node.target)}` in place has no rule", node)

    def _augment_condition(
        self, node: cst.AugAssign, name: str, value: Typed
    ) -> cst.BaseSmallStatement:
        """`q |= Q(...)`."""
        target = self.body.expr(node.target)
        operation = Operation(node, self.body, "", target, value)  # type: ignore[arg-type]  # a statement
        done = operate(self.body, "augment", Condition, "*", operation)
        assert done is not None
        self.body.env[name] = done.type
        new = cst.Name(self.body.local(name))
        return cst.Assign(targets=[cst.AssignTarget(new)], value=done.node)

    def _if(self, node: cst.If) -> tuple[list[Statement], bool]:
        body = self.body
        test = truth(body, node.test)
        if isinstance(test.type, Constant):
            return self._folded(node, bool(test.type.value))
        before, read = dict(body.env), body.queries.now
        with body.knowing(known_when(test.node, true=True)):
            inner, ended = self.suite(node.body)
        after_then, read_then = body.env, body.queries.now
        body.env, body.queries.now = dict(before), read
        otherwise: cst.If | cst.Else | None = None
        else_ended = False
        with body.knowing(known_when(test.node, true=False)):
            if isinstance(node.orelse, cst.If):
                lines, else_ended = self._if(node.orelse)
                otherwise = as_else(lines, node.orelse)
            elif node.orelse is not None:
                suite, else_ended = self.suite(node.orelse.body)
                otherwise = node.orelse.with_changes(body=suite)
        if ended and not else_ended:
            body.narrowed |= known_when(test.node, true=False)
        elif else_ended and not ended:
            body.narrowed |= known_when(test.node, true=True)
            body.env, body.queries.now = after_then, read_then
        elif not ended:
            body.env = self.joined(after_then, body.env)
            body.queries.now |= read_then
        changed = node.with_changes(test=test.node, body=inner, orelse=otherwise)
        return [changed], ended and else_ended

    def _folded(self, node: cst.If, taken: bool) -> tuple[list[Statement], bool]:
        if taken:
            block = node.body
        elif isinstance(node.orelse, cst.If):
            return self._if(node.orelse)
        elif node.orelse is not None:
            block = node.orelse.body
        else:
            return [], False
        lines, ended = self.run(statements(block))
        if taken and lines:  # the comment above the `if` speaks of what is left of it
            above = [*node.leading_lines, *lines[0].leading_lines]  # type: ignore[attr-defined]  # every statement has them
            lines[0] = lines[0].with_changes(leading_lines=above)
        return lines, ended

    def suite(self, block: cst.BaseSuite) -> tuple[cst.IndentedBlock, bool]:
        lines, ended = self.run(statements(block))
        if not lines:
            lines = [cst.SimpleStatementLine([cst.Pass()])]
        shaped = block if isinstance(block, cst.IndentedBlock) else cst.IndentedBlock(body=[])
        return shaped.with_changes(body=lines), ended

    def joined(self, left: dict[str, Type], right: dict[str, Type]) -> dict[str, Type]:
        return {
            name: join(left[name], right[name])
            if name in left and name in right
            else Unknown("it is not set on every path")
            for name in left.keys() | right.keys()
        }

    def _for(self, node: cst.For) -> tuple[list[Statement], bool]:
        if node.orelse is not None or node.asynchronous is not None:
            self.body.refuse("B204", "this loop has no rule", node)
        iterated = self.body.expr(node.iter)
        operation = Operation(node.iter, self.body, "__iter__", iterated)
        done = operate(self.body, "method", type(iterated.type), "__iter__", operation)
        iterated = done or iterated
        kind = iterated.type
        if not isinstance(kind, Plain | Rows | Constant | ListOf | ItemsOf):
            self.body.refuse("B204", f"looping over {describe(kind)} has no rule", node)
        before = dict(self.body.env)
        target = local_target(self.body, node.target)
        for _ in range(2):
            self._bind_loop(node.target, kind)
            with self.body.queries.either():
                suite, _ended = self.suite(node.body)
            self.body.env = self.joined(self.body.env, before) if before else self.body.env
        self.body.env = {k: v for k, v in self.body.env.items() if k in before}
        return [node.with_changes(target=target, iter=iterated.node, body=suite)], False

    def _while(self, node: cst.While) -> tuple[list[Statement], bool]:
        if node.orelse is not None:
            self.body.refuse("B204", "this loop has no rule", node)
        before = dict(self.body.env)
        for _ in range(2):
            test = truth(self.body, node.test)
            known = self.body.knowing(known_when(test.node, true=True))
            with known, self.body.queries.either():
                suite, _ended = self.suite(node.body)
            self.body.env = self.joined(self.body.env, before)
        self.body.env = {k: v for k, v in self.body.env.items() if k in before}
        return [node.with_changes(test=test.node, body=suite)], False

    def _with(self, node: cst.With) -> tuple[list[Statement], bool]:
        items = []
        for item in node.items:
            operation = Operation(item.item, self.body, code_of(item.item))
            done = None
            if isinstance(item.item, cst.Call) and item.asname is None:
                function = self.body.expr(item.item.func)
                if isinstance(function.type, Symbol):
                    args = tuple(item.item.args)
                    operation = Operation(
                        item.item, self.body, function.type.path, function, args=args
                    )
                    done = operate(self.body, "with", None, function.type.path, operation)
            if done is None:
                self.body.refuse("B209", f"`with {operation.name}` has no rule", node)
            items.append(item.with_changes(item=done.node))
        suite, ended = self.suite(node.body)
        is_async = self.body.colour == "async"
        marker = cst.Asynchronous() if is_async else None
        return [node.with_changes(items=items, body=suite, asynchronous=marker)], ended

    def _bind_loop(self, target: cst.BaseAssignTargetExpression, kind: Type) -> None:
        if isinstance(kind, ItemsOf):
            self._bind_items(target, kind)
        elif isinstance(target, cst.Name):
            forget(self.body, target.value)
            self.body.env[target.value] = item_of(kind)
        elif isinstance(target, cst.Tuple) and not isinstance(kind, Rows | ListOf):
            for element in target.elements:
                if isinstance(element.value, cst.Name):
                    forget(self.body, element.value.value)
                    self.body.env[element.value.value] = Plain()
        else:
            self.body.refuse("B204", "this loop target has no rule", target)

    def _bind_items(self, target: cst.BaseAssignTargetExpression, kind: ItemsOf) -> None:
        """`for key, value in attrs.items()`: the key is one of those that are known."""
        elements = target.elements if isinstance(target, cst.Tuple) else ()
        names = [e.value.value for e in elements if isinstance(e.value, cst.Name)]
        if len(names) != 2:  # the key and the value
            self.body.refuse("B204", "this loop target has no rule", target)
        self.body.env[names[0]], self.body.env[names[1]] = KeyOf(kind.attrs), Plain()

    def _delete(self, node: cst.Del) -> cst.BaseSmallStatement:
        """`del data["key"]` of plain data or a session."""
        target = node.target
        if isinstance(target, cst.Subscript):
            receiver = self.body.expr(target.value)
            if isinstance(receiver.type, WITH_ITEMS):
                return node.with_changes(target=cast("cst.Subscript", self.body.expr(target).node))
        self.body.refuse("B203", f"deleting `{code_of(target)}` has no rule", node)

    def _pass(self, node: cst.BaseSmallStatement) -> cst.BaseSmallStatement:
        return node

    def _assert(self, node: cst.Assert) -> cst.BaseSmallStatement:
        return node.with_changes(test=plain(self.body, node.test))

    _SMALL: ClassVar[dict[type, Callable[..., cst.BaseSmallStatement | None]]] = {
        cst.Return: _return,
        cst.Expr: _expression,
        cst.Import: _import,
        cst.ImportFrom: _import,
        cst.Raise: _raise,
        cst.Assign: _assign,
        cst.AnnAssign: _annotated,
        cst.AugAssign: _augment,
        cst.Del: _delete,
        cst.Pass: _pass,
        cst.Break: _pass,
        cst.Continue: _pass,
        cst.Assert: _assert,
    }
    _COMPOUND: ClassVar[dict[type, Callable[..., tuple[list[Statement], bool]]]] = {
        cst.If: _if,
        cst.For: _for,
        cst.Try: rewrite_try,
        cst.While: _while,
        cst.With: _with,
    }
