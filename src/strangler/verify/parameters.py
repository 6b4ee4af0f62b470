"""Query parameters of a list: filters, search, ordering, pages, with values from the data."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from typing import Any

from strangler.facts import Endpoint, Facts, Filter, FilterSet, Paginator
from strangler.verify.world import Row, World

_FLAGS = ("1", "0", "true", "false")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One query string with what it is evidence for: `param:price` or `page:last`."""

    tag: str
    query: Mapping[str, str]
    #: Whether legacy is expected to answer 2xx.
    good: bool = True


class Parameters:
    """The parameters of one endpoint."""

    def __init__(self, facts: Facts, world: World, endpoint: Endpoint, read: Iterable[str]) -> None:
        self.facts, self.world, self.endpoint = facts, world, endpoint
        self.label = endpoint.queryset.model if endpoint.queryset else None
        self.rest: Mapping[str, Any] = facts.settings.get("REST_FRAMEWORK") or {}
        self.paginator: Paginator | None = next(
            (each for each in facts.paginators if each.name == endpoint.paginator), None
        )
        self.filterset = _filterset(facts, endpoint)
        #: What code reads, and of that what no backend reads as well.
        self.coded = [name for name in read if name not in self._page_names()]
        self.read = [name for name in self.coded if name not in self.names()]

    def names(self) -> list[str]:
        """Every parameter that should narrow or reorder, by name."""
        filters = [each.name for each in self.filterset.filters] if self.filterset else []
        return [*filters, *([self._search] if self._searches else []), *self._order_names()]

    @property
    def required(self) -> list[str]:
        """What has to be shown: declared parameters and those that code reads."""
        return [*self.names(), *self.read]

    @property
    def _search(self) -> str:
        return str(self.rest.get("SEARCH_PARAM") or "search")

    @property
    def _searches(self) -> bool:
        backends = [path.rpartition(".")[2] for path in self.endpoint.filter_backends]
        return bool(self.endpoint.search_fields) and any("Search" in each for each in backends)

    def _orders(self) -> bool:
        backends = [path.rpartition(".")[2] for path in self.endpoint.filter_backends]
        return any("Ordering" in each for each in backends)

    def _order_names(self) -> list[str]:
        return [self.ordering] if self._orders() and self._order_fields() else []

    @property
    def ordering(self) -> str:
        """The parameter that names what lists are ordered by."""
        return str(self.rest.get("ORDERING_PARAM") or "ordering")

    def _order_fields(self) -> list[str]:
        fields = self.endpoint.ordering_fields
        if isinstance(fields, tuple):
            return list(fields)
        model = self.world.models.get(self.label or "")
        if fields == "__all__" and model is not None:
            return [field.name for field in model.fields]
        facts = self.world.serializers.get(self.endpoint.serializer or "")
        named = facts.fields if facts else ()
        return [f.source.replace(".", "__") for f in named if not f.write_only and f.source != "*"]

    def good(self, items: list[Any]) -> Iterator[Parameter]:
        """Parameters that should answer 2xx; `items` are the list's first as JSON."""
        if self.filterset is not None:
            for each in self.filterset.filters:
                yield from self._filter(each)
        if self._searches:
            for field in self.endpoint.search_fields or ():
                for word in _words(self.world.column(self.label, field.lstrip("^=@$"))):
                    yield Parameter(f"param:{self._search}", {self._search: word})
        yield from self._sorted()
        for name in self.read:
            for value in _guesses(name, items, self.world):
                yield Parameter(f"param:{name}", {name: value})

    def _sorted(self) -> Iterator[Parameter]:
        if not self._orders():
            return
        for field in self._order_fields():
            for direction in ("", "-"):
                query = {self.ordering: f"{direction}{field}"}
                yield Parameter(f"param:{self.ordering}", query)
        yield Parameter("other", {self.ordering: "no_such_field"})

    def _filter(self, each: Filter) -> Iterator[Parameter]:
        path = each.field_name or each.name
        kind, lookup = each.cls.rpartition(".")[2], each.lookup_expr or "exact"
        found = [value for value in self.world.column(self.label, path) if value is not None]
        choices = [key for key, _ in each.extra.get("choices") or ()]
        if kind.startswith("Boolean") or lookup == "isnull":
            texts = ["true", "false"]
        elif "Range" in kind:
            low, high = _ends(found)
            after = ("_after", "_before") if "Date" in kind or "Time" in kind else ("_min", "_max")
            for suffix, value in zip(after, (low, high), strict=True):
                yield Parameter(f"param:{each.name}", {f"{each.name}{suffix}": value})
            return
        elif lookup in {"gt", "gte", "lt", "lte"}:
            texts = list(_ends(found))
        elif lookup in {"in", "range"} or "BaseIn" in kind:
            texts = [",".join(_texts(found)[:2])]
        elif "contains" in lookup or "with" in lookup:
            texts = list(_words(found))
        else:
            texts = _texts(found)[:4] + [str(choice) for choice in choices[:3]]
        texts = texts or _plain(kind)
        for text in texts:
            yield Parameter(f"param:{each.name}", {each.name: text})

    def bad(self) -> Iterator[Parameter]:
        """Filter values of the wrong type or choice."""
        for each in self.filterset.filters if self.filterset else ():
            yield Parameter("other", {each.name: "?no such value"}, good=False)

    def guesses(self, name: str) -> list[str]:
        """Values of a parameter that only code knows, keys of rows first."""
        found = list(dict.fromkeys(_guesses(name, [], self.world)))
        return sorted(found, key=lambda text: text in _FLAGS)

    def beside(self, row: Row) -> Iterator[Parameter]:
        """The parameters of the list, on one of its rows: a value that hides it, one that fits.

        What finds a single row narrows its rows by them too, whatever the method.
        """
        for name in self.required:
            if name != self.ordering:
                yield Parameter(f"beside:{name}", {name: "no such value"}, good=False)
        for each in self.filterset.filters if self.filterset else ():
            path = each.field_name or each.name
            texts = _texts(self.world.along(self.label, path, row))
            if texts and (each.lookup_expr or "exact") == "exact":
                yield Parameter("other", {each.name: texts[0]})
        for field in (self.endpoint.search_fields or ()) if self._searches else ():
            for word in list(_words(self.world.along(self.label, field.lstrip("^=@$"), row)))[:1]:
                yield Parameter("other", {self._search: word})

    # pages ---------------------------------------------------------------------------------------

    def _attribute(self, name: str) -> Any:
        value = self.paginator.attributes.get(name) if self.paginator else None
        return value.value if value is not None else None

    def _page_names(self) -> list[str]:
        if self.paginator is None:
            return []
        names = ("page_query_param", "page_size_query_param", "limit_query_param")
        given = [self._attribute(name) for name in (*names, "offset_query_param")]
        return [name for name in given if name] + ["cursor"]

    def pages(self, count: int, links: Mapping[str, str]) -> Iterator[Parameter]:
        """First, last, past it, size 1, over the maximum, not a number, for `count` items."""
        kind = self.paginator.kind if self.paginator else "other"
        if kind == "page_number":
            yield from self._numbers(count)
        elif kind == "limit_offset":
            yield from self._offsets(count)
        elif kind == "cursor":
            yield from self._cursors(links)

    def _numbers(self, count: int) -> Iterator[Parameter]:
        size = int(self._attribute("page_size") or self.rest.get("PAGE_SIZE") or 10)
        page = str(self._attribute("page_query_param") or "page")
        last = max(1, ceil(count / size))
        yield Parameter("page:first", {page: "1"})
        yield Parameter("page:last", {page: str(last)})
        yield Parameter("other", {page: "last"})
        yield Parameter("page:past", {page: str(last + 1)}, good=False)
        yield Parameter("page:text", {page: "abc"}, good=False)
        yield Parameter("other", {page: "0"}, good=False)
        by_size = self._attribute("page_size_query_param")
        if by_size:
            yield from self._sizes(str(by_size), self._attribute("max_page_size"), page)

    def _sizes(self, name: str, most: Any, page: str) -> Iterator[Parameter]:
        yield Parameter("page:one", {name: "1"})
        yield Parameter("other", {name: "1", page: "2"})
        yield Parameter("page:most", {name: str(int(most or 1000) + 1)})
        yield Parameter("page:text", {name: "abc"})
        yield Parameter("other", {name: "0"})

    def _offsets(self, count: int) -> Iterator[Parameter]:
        limit = str(self._attribute("limit_query_param") or "limit")
        offset = str(self._attribute("offset_query_param") or "offset")
        size = int(self._attribute("default_limit") or self.rest.get("PAGE_SIZE") or 10)
        most = int(self._attribute("max_limit") or 1000)
        yield Parameter("page:first", {offset: "0"})
        yield Parameter("page:last", {limit: str(size), offset: str(max(0, count - 1))})
        yield Parameter("page:past", {limit: str(size), offset: str(count + 5)})
        yield Parameter("page:one", {limit: "1"})
        yield Parameter("other", {limit: "1", offset: "1"})
        yield Parameter("page:most", {limit: str(most + 1)})
        yield Parameter("page:text", {limit: "abc"})
        yield Parameter("other", {limit: "-1", offset: "abc"})

    def _cursors(self, links: Mapping[str, str]) -> Iterator[Parameter]:
        name = str(self._attribute("cursor_query_param") or "cursor")
        yield Parameter("page:first", {})
        if links.get("next"):
            yield Parameter("page:last", {name: links["next"]})
        yield Parameter("page:text", {name: "abc"}, good=False)
        by_size = self._attribute("page_size_query_param")
        if by_size:
            yield Parameter("page:one", {str(by_size): "1"})
            most = int(self._attribute("max_page_size") or 1000)
            yield Parameter("page:most", {str(by_size): str(most + 1)})

    def page_tags(self) -> list[str]:
        """The kinds of page that must be seen."""
        kind = self.paginator.kind if self.paginator else "other"
        by_size = bool(self._attribute("page_size_query_param"))
        if kind == "page_number":
            sized = ["page:one", "page:most"] if by_size else []
            return ["page:first", "page:last", "page:past", "page:text", *sized]
        if kind == "limit_offset":
            names = ("first", "last", "past", "text", "one", "most")
            return [f"page:{name}" for name in names]
        return ["page:first", "page:text"] if kind == "cursor" else []


def _filterset(facts: Facts, endpoint: Endpoint) -> FilterSet | None:
    """The endpoint's filter set; one that django-filter made from `filterset_fields` is rebuilt."""
    if "<locals>" not in (endpoint.filterset or ""):
        found = (each for each in facts.filtersets if each.name == endpoint.filterset)
        return next(found, None)
    value = endpoint.attributes.get("filterset_fields")
    declared = value.value if value is not None else ()
    exact = ["exact"]
    lookups = declared if isinstance(declared, dict) else dict.fromkeys(declared or (), exact)
    filters = [
        Filter(
            name=name if lookup == "exact" else f"{name}__{lookup}",
            cls="",
            field_name=name,
            lookup_expr=lookup,
        )
        for name, expressions in lookups.items()
        for lookup in expressions
    ]
    return FilterSet(name=str(endpoint.filterset), filters=tuple(filters))


def _texts(values: Iterable[Any]) -> list[str]:
    plain = [str(v).lower() if isinstance(v, bool) else str(v) for v in values]
    return list(dict.fromkeys(plain))


def _ends(values: list[Any]) -> tuple[str, str]:
    """Values between which about half of the data lies."""
    ordered = sorted(set(values), key=lambda value: (str(type(value)), value))
    if not ordered:
        return "1", "2"
    with suppress(TypeError, ValueError):  # dates and texts are in order as they are
        ordered = sorted(ordered, key=float)
    return str(ordered[len(ordered) // 3]), str(ordered[2 * len(ordered) // 3])


def _words(values: Iterable[Any]) -> Iterator[str]:
    """Parts of texts: a word, in another case, a middle."""
    texts = [text for text in _texts(values) if text.strip()]
    for text in texts[:2] + texts[-1:]:
        word = max(text.split(), key=len)
        yield word
        yield word[1:-1].upper() if len(word) > 4 else word.upper()


def _plain(kind: str) -> list[str]:
    return ["1", "2"] if "Number" in kind else ["a", "1"]


def _guesses(name: str, items: list[Any], world: World) -> Iterator[str]:
    """For a parameter that only code knows: what answers hold under its name, keys, flags."""
    yield from _FLAGS[:2]
    shown = [item.get(name) for item in items if isinstance(item, dict)]
    for value in shown:
        if isinstance(value, str | int | float):
            yield str(value).lower() if isinstance(value, bool) else str(value)
        elif isinstance(value, list) and value and isinstance(value[0], str | int):
            yield str(value[0])
            yield ",".join(str(each) for each in value[:2])
    stem = name.lower().removesuffix("_id").rstrip("s")
    label = next((each for each in world.models if each.lower().endswith(f".{stem}")), None)
    yield from (str(key) for key in world.keys(label)[:3])
    for item in items[:3]:
        texts = [v for v in item.values() if isinstance(v, str)] if isinstance(item, dict) else []
        yield from list(_words(texts))[:2]
    yield from _FLAGS[2:]
