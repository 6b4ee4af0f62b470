"""Hooks of serializers as methods of a schema class."""

from __future__ import annotations

import libcst as cst

from .annotations import annotation_of
from .body import Import
from .functions import Rewritten, is_local, with_imports
from .names import schema_attribute
from .operation import parse
from .representations import REPRESENT
from .world import World


def member_text(world: World, rewritten: Rewritten, imports: set[Import], own: str) -> str:
    """One hook as a method of the schema class."""
    body, node = rewritten.body, rewritten.source.node
    name = node.name.value
    value = node.params.params[1].name.value
    # Serializers that show each other in methods: at the top, their modules would go round.
    shown = {i for i in rewritten.imports if i[0].endswith(".schemas") and is_local(i)}
    with_imports(rewritten, {i for i in shown if i[0] != own})
    imports |= rewritten.imports - shown
    needs_context = "context" in body.parameters
    if called := body.owner.attributes.get("validates"):
        imports |= {("typing", "Any"), ("app.identity", "Context")}
        head = f"def {called}(cls, {value}: dict[str, Any], context: Context) -> dict[str, Any]"
        return rewritten.text(head, ["@classmethod"])
    kind = annotation_of(world, body.env.get(value), imports)
    if name == REPRESENT:
        imports |= {("typing", "Any"), ("app.identity", "Context")}
        head = f"def represent(cls, {value}: {kind}, context: Context) -> Any"
        return rewritten.text(head, ["@classmethod"])
    if name.startswith("validate_"):
        imports.add(("pydantic", "field_validator"))
        field_name = name.removeprefix("validate_")
        decorators = [f'@field_validator("{schema_attribute(field_name)}")', "@classmethod"]
        if not needs_context:
            return rewritten.text(f"def {name}(cls, {value}: {kind}) -> {kind}", decorators)
        imports |= {("pydantic", "ValidationInfo"), ("app.identity", "Context")}
        rewritten.lines.insert(0, _assign_context())
        head = f"def {name}(cls, {value}: {kind}, info: ValidationInfo) -> {kind}"
        return rewritten.text(head, decorators)
    imports.add(("typing", "Any"))
    extra = ", context: Context" if needs_context else ""
    return rewritten.text(f"def {name}({value}: {kind}{extra}) -> Any", ["@staticmethod"])


def _assign_context() -> cst.BaseStatement:
    call = parse("Context.from_info(info)")
    target = cst.AssignTarget(cst.Name("context"))
    return cst.SimpleStatementLine([cst.Assign(targets=[target], value=call)])
