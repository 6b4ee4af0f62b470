"""Facts of fields whose classes a rule of somebody else knows."""

from __future__ import annotations

from typing import Any

from strangler.facts import Facts, Model, ModelField, Serializer, SerializerField

from .field_kinds import known_arguments
from .refusal import RefusalError
from .rule import Registry


def like(item: SerializerField, kind: str, **options: Any) -> SerializerField:
    """The field as one of DRF's `kind` ("CharField"), with the limits that the running field has.

    options: limits that are others than the running field's: `max_length=7`.
    """
    path = f"rest_framework.fields.{kind}"
    known = known_arguments(kind)
    arguments = dict.fromkeys((*(a for a in item.arguments if a in known), *options))
    changes = {
        "cls": path,
        "drf_cls": path,
        "package": "rest_framework",
        "arguments": tuple(arguments),
    }
    return item.model_copy(update={**changes, "options": {**item.options, **options}})


def like_column(column: ModelField, kind: str) -> ModelField:
    """The column as one of Django's `kind` ("CharField"): its values are read and written as they are."""
    path = f"django.db.models.{kind}"
    changes = {"cls": path, "internal_type": kind, "overrides": {}, "lineage": ()}
    return column.model_copy(update=changes)


def with_field_rules(facts: Facts, registry: Registry) -> Facts:
    """The facts, with what rules say of field classes."""
    if not registry.has("serializer field") and not registry.has("model field"):
        return facts
    serializers = tuple(_serializer(each, registry) for each in facts.serializers)
    models = tuple(_model(each, registry) for each in facts.models)
    return facts.model_copy(update={"serializers": serializers, "models": models})


def _serializer(serializer: Serializer, registry: Registry) -> Serializer:
    try:
        fields = tuple(_field(item, registry) for item in serializer.fields)
    except RefusalError as refusal:
        return serializer.model_copy(update={"refused": refusal.message})
    return serializer.model_copy(update={"fields": fields})


def _field(item: SerializerField, registry: Registry) -> SerializerField:
    rule = registry.find("serializer field", None, item.cls)
    if rule is not None:
        return rule(item)  # type: ignore[no-any-return]  # `guarded` looked at it
    child = None if item.child is None else _field(item.child, registry)
    nested = tuple(_field(each, registry) for each in item.nested_fields)
    return item.model_copy(update={"child": child, "nested_fields": nested})


def _model(model: Model, registry: Registry) -> Model:
    return model.model_copy(update={"fields": tuple(_column(c, registry) for c in model.fields)})


def _column(column: ModelField, registry: Registry) -> ModelField:
    try:
        rule = registry.find("model field", None, column.cls)
        return column if rule is None else rule(column)
    except RefusalError as refusal:
        return column.model_copy(update={"refused": refusal.message})
