"""Columns that DRF shows by their own `value_to_string`: generated ones, bytes, other classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.facts import SerializerField

from .field_kinds import kind_of_column
from .field_text import FieldText
from .refusal import RefusalError
from .types import Plain

if TYPE_CHECKING:
    from .schema_read import ReadFields

_OUT = "app.compat.outputs"
# What JSON has a form for, or DRF's encoder.
_AS_IT_IS = frozenset({"int", "float", "bool", "Decimal", "date", "datetime", "time"})


def stored_value(
    fields: ReadFields, item: SerializerField, label: str | None, place: str
) -> FieldText:
    """A `ModelField`: numbers and moments as they are, all else as text.

    Raises:
        RefusalError: it is no column of the row, or its class writes values in its own way.
    """
    found = fields.world.field_named(label, item.source) if label else None
    if found is None or item.declared or found[1].relation is not None:
        raise RefusalError("S103", f"`{item.name}`, a `ModelField`, has no rule", place)
    column = found[1]
    if "value_to_string" in column.overrides:
        raise RefusalError("S103", f"the field class `{column.cls}` writes its values", place)
    kind = fields.world.column_type(column)
    held = kind_of_column(column, kind) if isinstance(kind, Plain) else ""
    if held in {"str", "int", "bool"}:
        return FieldText(held)
    if held in _AS_IT_IS:
        return FieldText("Any", imports={("typing", "Any")})
    if held == "bytes" and column.generated is None:
        text = FieldText("str", imports={("app.compat.outputs_columns", "Base64")})
        return text.with_metadata("Base64()")
    if held == "range":
        text = FieldText("str", imports={("app.compat.outputs_columns", "RangeText")})
        return text.with_metadata("RangeText()")
    if held in {"UUID", "timedelta"}:
        return FieldText("str", imports={(_OUT, "Text")}).with_metadata("Text()")
    raise RefusalError("S103", f"a `ModelField` of `{column.cls}` has no rule", place)
