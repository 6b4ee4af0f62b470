"""`perform_create` and its like: their statements inside the endpoint that they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from .body import Body, CallResult, Parameter
from .empty_stars import without_empty_stars
from .functions import Rewritten, rewrite_function
from .operation import Typed, code_of, parse
from .refusal import RefusalError
from .sources import KNOWN_PACKAGES, FunctionSource
from .types import Instance, Serializer, Type, View
from .walking import has, walk

if TYPE_CHECKING:
    from strangler.facts import Endpoint

    from .endpoints import Endpoints, Parts


def perform_hook(
    endpoints: Endpoints, parts: Parts, hook: str, variable: str, instance: str | None
) -> tuple[str | None, str, tuple[Parameter, ...]]:
    """The body of `perform_*` inside the endpoint; None where the project has none.

    Raises:
        RefusalError: an operation has no rule, or the hook may end without having saved.
    """
    ref = parts.endpoint.methods.get(hook)
    source = endpoints.world.sources.function(ref.path) if ref is not None else None
    if ref is None:
        return None, variable, ()
    if source is None:
        raise RefusalError("B302", f"`{ref.path}` has no source", ref.source or "")
    source = without_empty_stars(source)
    source = _without_value(_saving(endpoints, parts.endpoint, hook, source))
    owner = endpoints.querysets.owner(parts.endpoint, parts.login)
    owner.call_super = _super
    owner.saver = endpoints.schemas.saver
    body = Body(endpoints.world, source.module, owner, colour="async", saved_as=variable)
    body.renames["data"] = "data_"  # the endpoint's parameter
    names = [p.name.value for p in source.node.params.params]
    partial = parts.endpoint.action == "partial_update"
    named = parts.endpoint.serializer or ""
    subject: Type = Serializer(named, parts.label, instance, partial=partial)
    if hook == "perform_destroy":
        subject = Instance(parts.label)
        body.renames[names[1]] = variable

    def finish(inner: Body, value: Typed | None, node: cst.CSTNode) -> None:
        if value is not None:
            inner.refuse("B305", f"`{hook}` returns a value on its way", node)

    rewritten = rewrite_function(source, body, {names[0]: View(), names[1]: subject}, finish)
    saved = body.saved_as or variable
    if instance is not None and instance in body.bound and saved != instance:
        body.refuse("B152", f"`{instance}` is the object of the endpoint", source.node)
    if hook != "perform_destroy":
        rewritten.lines = _without_return(rewritten.lines)
        _require_saved(body, hook, rewritten, saved)
    parts.imports |= rewritten.imports
    for constant, text in body.definitions.items():
        parts.module.add(constant, text, (), (1, source.module.path, 0))
    tail = rewritten.text("def _()").partition("\n")[2]
    return tail.rstrip("\n") + "\n", saved, tuple(body.parameters.values())


def _require_saved(body: Body, hook: str, rewritten: Rewritten, saved: str) -> None:
    """Refuse a hook that may end without having saved, or before its end."""
    node = rewritten.source.node
    if any(has(line, cst.Return) for line in rewritten.lines):
        body.refuse("B305", f"`{hook}` returns before its end", node)
    if not _assigns(rewritten.lines, saved):
        body.refuse("B305", f"`{hook}` does not always save", node)


def _super(body: Body, name: str, node: cst.BaseExpression) -> CallResult | Typed:
    body.refuse("B302", f"`super().{name}` has no rule", node)


def _saving(
    endpoints: Endpoints, endpoint: Endpoint, hook: str, source: FunctionSource
) -> FunctionSource:
    """`super().perform_create(serializer)` as `serializer.save()`, where DRF's own is meant."""
    own = f"{source.module.name}.{source.owner}"
    classes = [ref.path for ref in endpoint.lineage]
    above = endpoint.lineage[classes.index(own) + 1 :] if own in classes else ()
    sources = endpoints.world.sources
    if not above or any(sources.function(f"{r.path}.{hook}") for r in above if not r.package):
        return source
    if any(ref.package not in KNOWN_PACKAGES for ref in above):
        return source
    given = source.node.params.params[-1].name.value
    done = "delete" if hook == "perform_destroy" else "save"
    node = source.node
    for call in [each for each in walk(node) if isinstance(each, cst.Call)]:
        if code_of(call) == f"super().{hook}({given})":
            node = cst.ensure_type(
                node.deep_replace(call, parse(f"{given}.{done}()")), cst.FunctionDef
            )
    return replace(source, node=node)


def _without_value(source: FunctionSource) -> FunctionSource:
    """`return serializer.save()` at the end as `serializer.save()`: DRF drops what hooks return."""
    suite = source.node.body
    last = suite.body[-1] if isinstance(suite, cst.IndentedBlock) and suite.body else None
    small = last.body[-1] if isinstance(last, cst.SimpleStatementLine) else None
    if not isinstance(small, cst.Return) or small.value is None:
        return source
    node = source.node.deep_replace(small, cst.Expr(small.value))
    assert isinstance(node, cst.FunctionDef)
    return replace(source, node=node)


def _without_return(lines: list[cst.BaseStatement]) -> list[cst.BaseStatement]:
    """The statements without a bare `return` at their end."""
    last = lines[-1] if lines else None
    if isinstance(last, cst.SimpleStatementLine) and isinstance(last.body[-1], cst.Return):
        rest = last.body[:-1]
        return [*lines[:-1], *([last.with_changes(body=rest)] if rest else [])]
    return lines


def _assigns(lines: Sequence[cst.BaseStatement], name: str) -> bool:
    """Whether each way through the statements saves the valid body as `name`, or raises."""
    return any(_settles(line, name) for line in lines)


def _settles(line: cst.BaseStatement | cst.Else, name: str) -> bool:
    match line:
        case cst.With(body=cst.IndentedBlock(body=lines)):
            return _assigns(lines, name)
        case cst.If(body=cst.IndentedBlock(body=lines), orelse=cst.If() | cst.Else() as other):
            return _assigns(lines, name) and _settles(other, name)
        case cst.Else(body=cst.IndentedBlock(body=lines)):
            return _assigns(lines, name)
        case cst.Try(body=cst.IndentedBlock(body=lines), handlers=handlers):
            caught = [h.body.body for h in handlers if isinstance(h.body, cst.IndentedBlock)]
            whole = len(caught) == len(handlers) and all(_assigns(each, name) for each in caught)
            return whole and _assigns(lines, name)
        case cst.SimpleStatementLine():
            return any(isinstance(s, cst.Raise) or _sets(s, name) for s in line.body)
    return False


def _sets(small: cst.BaseSmallStatement, name: str) -> bool:
    """Whether a statement saves the valid body as `name`; rows made besides are not given the body."""
    if not isinstance(small, cst.Assign) or not isinstance(small.value, cst.Await):
        return False
    call = small.value.expression
    given = isinstance(call, cst.Call) and any(code_of(arg.value) == "data" for arg in call.args)
    return given and code_of(small.targets[0].target) == name
