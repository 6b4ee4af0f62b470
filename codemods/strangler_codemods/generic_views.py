"""Generic views: which action their methods stand for."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Sequence
from dataclasses import replace

import libcst as cst

from strangler.facts import Endpoint

from .operation import code_of
from .refusal import RefusalError
from .sources import FunctionSource, Sources

_DRF = "rest_framework"
_MIXINS = {
    "list": "ListModelMixin", "retrieve": "RetrieveModelMixin", "create": "CreateModelMixin",
    "update": "UpdateModelMixin", "partial_update": "UpdateModelMixin", "destroy": "DestroyModelMixin",
}  # fmt: skip


def _answering(**actions: str) -> dict[str, str]:
    """DRF's generic views by their path, and what a method of theirs does; `_` parts the names."""
    return {
        f"{_DRF}.generics.{name}APIView": action
        for action, names in actions.items()
        for name in names.split("_")
    }


# The first of these classes along the lineage is the one whose method answers.
_GENERIC = {
    "get": _answering(
        list="List_ListCreate",
        retrieve="Retrieve_RetrieveUpdate_RetrieveDestroy_RetrieveUpdateDestroy",
    ),
    "post": _answering(create="Create_ListCreate"),
    "put": _answering(update="Update_RetrieveUpdate_RetrieveUpdateDestroy"),
    "patch": _answering(partial_update="Update_RetrieveUpdate_RetrieveUpdateDestroy"),
    "delete": _answering(destroy="Destroy_RetrieveDestroy_RetrieveUpdateDestroy"),
}
_USUAL = """self, request, *args, **kwargs: kwargs['partial'] = True
return self.update(request, *args, **kwargs)"""
_ASKS_PARTIAL = re.compile(r"\.(pop|get)\(\s*\"partial\"")
_HANDED = re.compile(
    r"self, request, \*args, \*\*kwargs: return self\.(\w+)\(request, \*args, \*\*kwargs\)"
)


def as_action(endpoint: Endpoint, sources: Sources) -> Endpoint:
    """`RetrieveAPIView.get` is `retrieve`: a generic view's method under the name of what it does.

    So is a method of the project that only hands on to the mixin's, as DRF's own ones do.
    """
    classes = [ref.path for ref in endpoint.lineage]
    if endpoint.action not in _GENERIC or f"{_DRF}.generics.GenericAPIView" not in classes:
        return endpoint
    found: str | None = None
    if own := endpoint.methods.get(endpoint.action):
        handed = _handed_on(sources.function(own.path))
        found = handed if handed and f"{_DRF}.mixins.{_MIXINS.get(handed)}" in classes else None
    else:
        found = action_of(endpoint.action, classes)
    return endpoint.model_copy(update={"action": found}) if found else endpoint


def action_of(method: str, classes: Sequence[str]) -> str | None:
    """What `get` or the like of the first of these classes does that is a generic view of DRF's."""
    known = _GENERIC.get(method, {})
    return next((known[each] for each in classes if each in known), None)


def with_own_update(endpoint: Endpoint, sources: Sources) -> Endpoint:
    """`partial_update` of DRF's mixin calls `update`: the project's, where it wrote one.

    So does a `partial_update` of the project that does what DRF's does.
    """
    own = endpoint.methods.get("partial_update")
    if endpoint.action != "partial_update" or (own and not _is_usual(sources.function(own.path))):
        return endpoint
    methods = {name: ref for name, ref in endpoint.methods.items() if ref is not own}
    if "update" in methods:
        methods["partial_update"] = methods.pop("update")
    return endpoint.model_copy(update={"methods": methods})


def with_partial(source: FunctionSource, *, partial: bool) -> FunctionSource:
    """An `update` in which `kwargs.pop("partial", False)` is what DRF hands over, else the default.

    Raises:
        RefusalError: PATCH hands `partial` to a method that takes no keywords.
    """
    star = source.node.params.star_kwarg
    if star is None:
        if partial:
            raise RefusalError("E101", "`update` takes no `partial`", source.source)
        return source
    name = star.name.value

    known: dict[str, cst.Name] = {}
    asked = {
        f'{name}.{verb}("partial",{default})': cst.Name(str(partial or default))
        for verb in ("pop", "get")
        for default in (False, True)
    }

    def told(node: cst.BaseExpression) -> cst.Name | None:
        return asked.get(code_of(node).replace("'", '"').replace(" ", ""))

    class Fold(cst.CSTTransformer):
        def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
            return told(updated_node) or updated_node

        def leave_Assign(
            self, original_node: cst.Assign, updated_node: cst.Assign
        ) -> cst.BaseSmallStatement | cst.RemovalSentinel:
            target = original_node.targets[0].target
            value = told(original_node.value)
            if value is None or not isinstance(target, cst.Name):
                return updated_node
            known[target.value] = value
            return cst.RemoveFromParent()

        def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
            given = updated_node.value
            value = known.get(given.value) if isinstance(given, cst.Name) else None
            return updated_node.with_changes(value=value) if value is not None else updated_node

    node = source.node.visit(Fold())
    assert isinstance(node, cst.FunctionDef)
    return replace(source, node=node)


def without_partial(source: FunctionSource) -> FunctionSource:
    """A `partial_update` that asks for `partial` itself: nobody hands it over.

    Raises:
        RefusalError: it says what `partial` is, too.
    """
    text = code_of(source.node).replace("'", '"')
    if source.node.name.value != "partial_update" or not _ASKS_PARTIAL.search(text):
        return source
    if '["partial"]' in text:
        raise RefusalError("E101", "`partial_update` says and asks for `partial`", source.source)
    return with_partial(source, partial=False)


def _handed_on(function: FunctionSource | None) -> str | None:
    """`retrieve`, of `return self.retrieve(request, *args, **kwargs)` and nothing else."""
    found = _HANDED.fullmatch(_text(function))
    return found[1] if found else None


def _is_usual(function: FunctionSource | None) -> bool:
    """Whether a `partial_update` is DRF's own, written again."""
    return _text(function) == _USUAL


def _text(function: FunctionSource | None) -> str:
    """Parameters and statements, in the form that Python itself gives them; no docstring."""
    if function is None or function.node.decorators:
        return ""
    text = ast.parse(textwrap.dedent(code_of(function.node))).body[0]
    if not isinstance(text, ast.FunctionDef):
        return ""
    lines = text.body if ast.get_docstring(text) is None else text.body[1:]
    return f"{ast.unparse(text.args)}: " + "\n".join(map(ast.unparse, lines))
