"""Which filter of compat a filter class of django-filter is, lists of values among them."""

from __future__ import annotations

from strangler.facts import Filter

from .modules import NewModule
from .refusal import RefusalError

MODEL_KINDS = frozenset({"ModelChoiceFilter", "ModelMultipleChoiceFilter"})
_SETS = "app.compat.filtersets"
# What may be one of several values that commas part.
_VALUES = frozenset(
    [
        "CharFilter",
        "NumberFilter",
        "UUIDFilter",
        "DateFilter",
        "DateTimeFilter",
        "IsoDateTimeFilter",
        "TimeFilter",
        "DurationFilter",
        "ChoiceFilter",
    ]
)
_LISTS = frozenset({"BaseInFilter", "BaseRangeFilter"})
_PLAIN = frozenset(
    [
        *_VALUES,
        *_LISTS,
        "RangeFilter",
        "DateFromToRangeFilter",
        "DateTimeFromToRangeFilter",
        "IsoDateTimeFromToRangeFilter",
        "TimeRangeFilter",
        "TypedChoiceFilter",
        "MultipleChoiceFilter",
    ]
)


def kind_of(module: NewModule, item: Filter, place: str) -> str:
    """The name of a filter's class; one of lists of values is written into `module`.

    Raises:
        RefusalError: the class has no rule.
    """
    bases = item.bases if not _known(item.cls) else ()
    if len(bases) == 1 and _known(bases[0]):
        return _kind(bases[0])
    names = [base.rpartition(".")[2] for base in bases]
    both = len(names) == 2 and names[0] in _LISTS and names[1] in _VALUES
    if both and all(_known(base) for base in bases):
        list_kind, value_kind = names
        suffix = list_kind.removeprefix("Base")
        name = f"{value_kind.removesuffix('Filter')}{suffix}"
        text = f'class {name}({list_kind}, {value_kind}):\n    """Values, parted by commas."""\n'
        imports = {(_SETS, list_kind), (_SETS, value_kind)}
        return module.add(name, text, imports, (4, "", 0))
    if not _known(item.cls):
        raise RefusalError("F107", f"the filter class `{_called(item)}` has no rule", place)
    return _kind(item.cls)


def is_compat(kind: str) -> bool:
    """Whether a kind is a class of compat, not one that was written into the module."""
    return kind in _PLAIN | MODEL_KINDS or kind in ("BooleanFilter", "SelectBooleanFilter")


def _known(path: str) -> bool:
    name = path.rpartition(".")[2]
    return path.startswith("django_filters.") and name in {*_PLAIN, *MODEL_KINDS, "BooleanFilter"}


def _kind(path: str) -> str:
    name = path.rpartition(".")[2]
    if name == "BooleanFilter":
        is_rest = path.startswith("django_filters.rest_framework.")
        return "BooleanFilter" if is_rest else "SelectBooleanFilter"
    return name


def _called(item: Filter) -> str:
    """The class, or what django-filter made it of."""
    if ".<locals>." not in item.cls:
        return item.cls
    return " and ".join(base.rpartition(".")[2] for base in item.bases) or item.cls
