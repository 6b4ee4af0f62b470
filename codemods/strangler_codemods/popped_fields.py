"""Fields that a serializer takes out of itself once they are checked: clients send them, no answer has them.

def validate(self, attrs):
    self.fields.pop("re_password", None)  # what is left shows the row
"""

from __future__ import annotations

import libcst as cst

from strangler.facts import Facts, Serializer

from .operation import code_of, string_value
from .sources import Sources
from .types import SerializerSelf, Type


def without_popped(facts: Facts, sources: Sources) -> Facts:
    """The facts, in which such fields are only written."""
    models = {model.name: model for model in facts.models}
    columns = {column.name for model in facts.models for column in model.fields}
    serializers = tuple(
        _marked(
            each, columns.union(models[each.model].methods, models[each.model].attributes), sources
        )
        if each.model in models
        else each
        for each in facts.serializers
    )
    return facts.model_copy(update={"serializers": serializers})


def _marked(serializer: Serializer, shown: set[str], sources: Sources) -> Serializer:
    """The serializer with fields that are only written; `shown` are names that rows may have."""
    ref = serializer.methods.get("validate")
    source = sources.function(ref.path) if ref is not None else None
    own = source.node.params.params[:1] if source is not None else ()
    body = source.node.body if source is not None else None
    if not own or not isinstance(body, cst.IndentedBlock):
        return serializer
    # what rows have is shown where nothing is checked
    names = {_popped(line, own[0].name.value) for line in body.body} - {None} - shown
    fields = tuple(
        item.model_copy(update={"write_only": True}) if item.name in names else item
        for item in serializer.fields
    )
    return serializer.model_copy(update={"fields": fields})


def without_pops(node: cst.FunctionDef, env: dict[str, Type]) -> cst.FunctionDef:
    """A serializer's `validate` without the lines that take fields out."""
    own = [name for name, kind in env.items() if isinstance(kind, SerializerSelf)]
    body = node.body
    if node.name.value != "validate" or not own or not isinstance(body, cst.IndentedBlock):
        return node
    kept = [line for line in body.body if _popped(line, own[0]) is None]
    if len(kept) == len(body.body):
        return node
    return node.with_changes(body=body.with_changes(body=kept))


def _popped(line: cst.BaseStatement, own: str) -> str | None:
    """The field that a line takes out, whether it is there or not."""
    small = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
    call = small.value if isinstance(small, cst.Expr) else None
    if not isinstance(call, cst.Call) or code_of(call.func) != f"{own}.fields.pop":
        return None
    if len(call.args) != 2 or code_of(call.args[1].value) != "None" or call.args[1].keyword:
        return None
    return string_value(call.args[0].value)
