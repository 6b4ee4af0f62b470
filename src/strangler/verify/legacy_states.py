"""A further operation of the legacy executor: rows in states that code asks about.

Sent after `legacy_rows.py`, whose functions it uses, and run as that is: Python 3.6 grammar.
"""
# ruff: noqa: UP006, UP035

import importlib
from typing import Any, Callable, Dict, List

Message = Dict[str, Any]
made: Any = importlib.import_module("strangler_legacy_rows")


def load(name: str) -> Any:
    """A module by its dotted name."""
    return importlib.import_module(name)


def operations(legacy: Any) -> Dict[str, Callable[[Message], Message]]:
    """What this file adds."""
    return {"states": states}


def states(message: Message) -> Message:
    """Add rows in states that no row is in, and change a few so that orders show.

    `models` are labels, `deleted` those of which rows are deleted, `owners` users who ask. The
    answer has the keys of rows by label under `added`, labels under `crossed` and `tied`.
    """
    apps = load("django.apps").apps
    models = {label: apps.get_model(label) for label in message["models"]}
    asking = message.get("owners", [])
    added = {label: _referred(models[label], asking) for label in message.get("deleted", [])}
    for label, model in models.items():
        added.setdefault(label, []).extend(_variants(model))
    tied = [label for label, model in models.items() if _tie(model, asking)]
    crossed = [label for label, model in models.items() if _cross(model, asking)]
    return {"added": added, "crossed": crossed, "tied": tied}


def _referred(model: Any, owners: List[str]) -> List[str]:
    """For each foreign key to the model a row of it that only one row refers to, by that key.

    So that every rule of what happens to rows when others are deleted is seen at work.
    """
    transaction = load("django.db").transaction
    keys: List[str] = []
    for number, relation in enumerate(model._meta.related_objects):
        other = relation.related_model
        unusual = relation.many_to_many or relation.field.remote_field.parent_link
        if unusual or other._meta.auto_created or other._meta.proxy or not other._meta.managed:
            continue
        try:
            with transaction.atomic():
                row = _owned(model(), owners)
                made.complete(row, 8000 + number)
                row.save()
                child = _owned(other(), owners)
                setattr(child, relation.field.name, row)
                made.complete(child, 8500 + number)
                child.save()
            keys.append(str(row.pk))
        except Exception:  # a constraint that allows no such row: what there is must do
            continue
    return keys


def _variants(model: Any) -> List[str]:
    """Copies of a usual row, each with one column in a state that no row has yet.

    States are what code asks about: null or not, true or false, each of the choices.
    """
    transaction = load("django.db").transaction
    usual = _usual(model)
    keys: List[str] = []
    for number, (field, value) in enumerate(_unseen(model) if usual is not None else []):
        try:
            with transaction.atomic():
                row = _copy(usual, 9000 + number)
                setattr(row, field.attname, value)
                row.save()
                if getattr(row, field.attname) == value:
                    keys.append(str(row.pk))
        except Exception:  # the rows' own rules forbid this state
            continue
    return keys


def _usual(model: Any) -> Any:
    """The first row that has the commonest choices, of those that the default manager shows."""
    told = [field.attname for field in model._meta.concrete_fields if field.choices]
    rows = list(model._default_manager.order_by("pk")[:60])
    kinds = [tuple(str(getattr(row, name)) for name in told) for row in rows]
    return rows[kinds.index(max(kinds, key=kinds.count))] if rows else None


def _unseen(model: Any) -> List[Any]:
    """Columns with a state that no row has; at most twelve."""
    found: List[Any] = []
    for field in model._meta.concrete_fields:
        if field.is_relation or field.primary_key or field.unique:
            continue
        seen = list(model._base_manager.values_list(field.attname, flat=True).distinct()[:200])
        if field.get_internal_type() == "BooleanField":
            found += [(field, value) for value in (True, False) if value not in seen]
        elif field.choices:
            found += [(field, value) for value, _ in field.flatchoices if value not in seen]
        elif field.null and all(value is None for value in seen):
            found.append((field, made.value(field, 9000)))
        if field.null and None not in seen:
            found.append((field, None))
    return found[:12]


def _copy(row: Any, number: int) -> Any:
    """The same row once more, not saved; what must not repeat is anew."""
    copied = row.__class__()
    for field in row._meta.concrete_fields:
        if field.primary_key or getattr(field.remote_field, "parent_link", False):
            continue
        if field.unique and field.is_relation:
            setattr(copied, field.name, made.related(field, number, 0))
        elif field.unique or field.get_internal_type() == "SlugField":
            setattr(copied, field.attname, made.value(field, number))
        elif not field.get_internal_type().endswith("AutoField"):
            setattr(copied, field.attname, getattr(row, field.attname))
    return copied


def _owned(instance: Any, owners: List[str]) -> Any:
    """The row with its foreign keys to users pointing to the first of some."""
    user = made.user_model()
    for field in instance._meta.concrete_fields:
        if owners and field.is_relation and field.remote_field.model is user and not field.unique:
            setattr(instance, field.attname, owners[0])
    return instance


def _tie(model: Any, owners: List[str]) -> bool:
    """Make the first two rows of one user alike in what they are ordered by, but for the last column of it.

    Only then the last one shows. Where it does not decide, an order among equals is chance.
    """
    names = [str(each).lstrip("-+") for each in model._meta.ordering]
    fields = {field.name: field for field in model._meta.concrete_fields}
    if len(names) < 2 or not (names[-1] == "pk" or getattr(fields.get(names[-1]), "unique", False)):
        return False
    leading = [fields.get(name) for name in names[:-1]]
    if any(field is None or field.unique for field in leading):
        return False
    two = list(_rows_of(model, owners).order_by(*model._meta.ordering)[:2])
    values = {field.attname: getattr(two[0], field.attname) for field in leading if field and two}
    if len(two) < 2 or all(getattr(two[1], name) == value for name, value in values.items()):
        return False
    try:
        with load("django.db").transaction.atomic():
            return bool(model._base_manager.filter(pk=two[1].pk).update(**values))
    except Exception:  # a constraint forbids it: the order is told apart by its first columns only
        return False


def _cross(model: Any, owners: List[str]) -> bool:
    """Let what rows are ordered by first say something else than what they are ordered by next.

    Two rows of one user exchange the first value, where both columns gave the same order.
    """
    names = [str(each) for each in model._meta.ordering]
    first = {each.name: each for each in model._meta.concrete_fields}.get(
        names[0].lstrip("-+") if names else ""
    )
    if first is None or first.unique or first.is_relation:
        return False
    rows = _rows_of(model, owners).order_by(*(names[1:] or ["pk"]))
    keys = list(rows.values_list("pk", flat=True)[:100])
    if list(rows.order_by(*names).values_list("pk", flat=True)[:100]) != keys or len(keys) < 2:
        return False
    values = dict(rows.values_list("pk", first.attname)[:100])
    # from the end: the first two may have been made alike
    last = keys[-1]
    other = next((key for key in reversed(keys) if values[key] != values[last]), None)
    if other is None:
        return False
    for one, two in ((last, other), (other, last)):
        try:
            with load("django.db").transaction.atomic():
                for key, value in ((one, values[two]), (two, values[one])):
                    model._base_manager.filter(pk=key).update(**{first.attname: value})
            return True
        except Exception:  # a constraint forbids one order of the two, or both
            continue
    return False


def _rows_of(model: Any, owners: List[str]) -> Any:
    """The rows of the first of the owners who has two, else all."""
    user = made.user_model()
    for field in model._meta.concrete_fields if owners else ():
        if field.is_relation and field.remote_field and field.remote_field.model is user:
            for key in owners:
                rows = model._default_manager.filter(**{field.attname: key})
                if rows.count() > 1:
                    return rows
    return model._default_manager.all()
