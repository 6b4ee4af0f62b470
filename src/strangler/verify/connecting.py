"""What a handler makes itself, which its view does not declare: serializers, filter sets, paginators."""

from collections.abc import Iterable
from pathlib import Path

from strangler.facts import Endpoint, Facts, Queryset
from strangler.verify.reading import classes_handed, classes_named

_WRITING = frozenset({"POST", "PUT", "PATCH"})


def with_serializer(root: Path, facts: Facts, endpoint: Endpoint) -> Endpoint:
    """With the serializer that the handler itself makes: of the body, or where none is declared.

    One that only shows what was written says of which model it is, not what bodies hold.
    """
    known = {each.name: each.model for each in facts.serializers}
    with_data, others = classes_named(root, endpoint)
    found = _nearest(known, endpoint, with_data)
    if not found and endpoint.serializer is None:
        found = _nearest(known, endpoint, others)
        if found and endpoint.method in _WRITING:
            model = known[found[0]]
            shown = endpoint.queryset is None and model is not None
            return endpoint.model_copy(update={"queryset": Queryset(model=model)} if shown else {})
    return endpoint.model_copy(update={"serializer": found[0]}) if found else endpoint


def with_list_parts(root: Path, facts: Facts, endpoint: Endpoint) -> Endpoint:
    """With the filter set and the paginator that the handler makes or hands on, where its view has none."""
    if endpoint.method != "GET":
        return endpoint
    with_data, others = classes_named(root, endpoint)
    named = [*with_data, *others, *classes_handed(root, endpoint)]
    parts = {
        "filterset": [each.name for each in facts.filtersets],
        "paginator": [each.name for each in facts.paginators],
    }
    found = {
        name: paths[0]
        for name, known in parts.items()
        if getattr(endpoint, name) is None and (paths := _nearest(known, endpoint, named))
    }
    model = next((f.model for f in facts.filtersets if f.name == found.get("filterset")), None)
    rows = {"queryset": Queryset(model=model)} if model and endpoint.queryset is None else {}
    return endpoint.model_copy(update={**found, **rows})


def _nearest(paths: Iterable[str], endpoint: Endpoint, called: Iterable[str]) -> list[str]:
    """Classes of the names `called`: the view's own first, then those of its module."""
    known: dict[str, list[str]] = {}
    for path in paths:
        known.setdefault(path.rpartition(".")[2], []).append(path)
    owners = [endpoint.view, *(ref.path for ref in endpoint.lineage)]
    module = endpoint.view.rpartition(".")[0]

    def nearest(same: list[str]) -> str:
        places = [path.rpartition(".")[0] for path in same]
        for owner in [*owners, module]:
            if owner in places:
                return same[places.index(owner)]
        return same[-1]

    return [nearest(known[name]) for name in called if name in known]
