"""Relations to proxy models that add nothing to their rows: they lead to the model itself."""

from __future__ import annotations

from strangler.facts import Facts, Model, ModelField


def past_proxies(facts: Facts) -> Facts:
    """The facts, with relations to plain proxies replaced by relations to their own model.

    A proxy is plain where its rows have no method or attribute of their own, and are found by the
    same managers in the same order; the database knows the same table in any case. Every proxy gets
    the model that it stands for as its one parent.
    """
    facts = facts.model_copy(update={"models": tuple(map(_below, facts.models))})
    models = {model.name: model for model in facts.models}
    plain = {label: _model_of(models, label) for label in models if models[label].proxy}
    known = {label: target for label, target in plain.items() if target is not None}
    if not known:
        return facts
    changed = tuple(_redirected(model, known) for model in facts.models)
    return facts.model_copy(update={"models": changed})


def _below(model: Model) -> Model:
    """A proxy below the model or proxy that it was made from; Django names the tables' owners."""
    if not model.proxy or model.proxy_for is None:
        return model
    return model.model_copy(update={"parents": {model.proxy_for: None}})


def _model_of(models: dict[str, Model], label: str) -> str | None:
    """The model behind a chain of plain proxies; None where one of them is not plain."""
    model = models[label]
    while model.proxy:
        above = models.get(model.proxy_for or "")
        if above is None or above.swapped or not _adds_nothing(model, above):
            return None
        model = above
    return model.name


def _adds_nothing(proxy: Model, above: Model) -> bool:
    same = {name: ref.path for name, ref in above.methods.items()}
    return (
        {name: ref.path for name, ref in proxy.methods.items()} == same
        and proxy.attributes == above.attributes
        and not proxy.generic
        and proxy.ordering == above.ordering
        and _finds(proxy) == _finds(above)
    )


def _finds(model: Model) -> list[tuple[str, str, bool, bool]]:
    return [(each.name, each.cls.path, each.default, each.base) for each in model.managers]


def _redirected(model: Model, known: dict[str, str]) -> Model:
    fields = tuple(_field(column, known) for column in model.fields)
    many = tuple(_field(column, known) for column in model.many_to_many)
    if fields == model.fields and many == model.many_to_many:
        return model
    return model.model_copy(update={"fields": fields, "many_to_many": many})


def _field(column: ModelField, known: dict[str, str]) -> ModelField:
    relation = column.relation
    if relation is None or relation.model not in known:
        return column
    changed = relation.model_copy(update={"model": known[relation.model]})
    return column.model_copy(update={"relation": changed})
