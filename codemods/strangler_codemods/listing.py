"""Filter backends and pagination of list endpoints."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field

from strangler.facts import Endpoint, Paginator

from .answer_types import PaginatorMade
from .body import Import
from .languages import shown
from .modules import Tree
from .names import as_docstring, view_stem
from .operation import code_of
from .orderings import computed_terms, is_cursor_column, is_method, require_searched, spelled
from .paginators import paginator_methods
from .refusal import RefusalError
from .types import Type
from .world import World

_SEARCH = "rest_framework.filters.SearchFilter"
_ORDERING = "rest_framework.filters.OrderingFilter"
_DJANGO_FILTER = frozenset(
    {"django_filters.rest_framework.backends.DjangoFilterBackend",
     "django_filters.rest_framework.DjangoFilterBackend"}
)  # fmt: skip
_PAGINATORS = {
    "page_number": ("PageNumberPagination", ("page_size", "page_query_param", "page_size_query_param", "max_page_size")),
    "limit_offset": ("LimitOffsetPagination", ("default_limit", "limit_query_param", "offset_query_param", "max_limit")),
    "cursor": ("CursorPagination", ("page_size", "ordering", "cursor_query_param", "page_size_query_param", "max_page_size")),
}  # fmt: skip
#: What says how many rows a page has.
_SIZES = {"page_number": "page_size", "limit_offset": "default_limit"}
_STANDARD: dict[str, object] = {
    "invalid_page_message": "Invalid page.", "invalid_cursor_message": "Invalid cursor",
    "last_page_strings": ["last"], "offset_cutoff": 1000,
}  # fmt: skip
# What only the browsable API and documentation read.
_SHOWN = frozenset(
    ["template", "display_page_controls", "page_query_description", "page_size_query_description",
     "limit_query_description", "offset_query_description", "cursor_query_description"]
)  # fmt: skip
_FILTERING = "app.compat.filtering"


@dataclass
class Listing:
    """Builds filters and paginators of the new app."""

    world: World
    tree: Tree
    _paginators: dict[str, Import] = field(default_factory=dict)
    _filtersets: dict[str, Import] = field(default_factory=dict)

    def filters(
        self,
        endpoint: Endpoint,
        label: str,
        imports: set[Import],
        rows: Type | None,
        *,
        one: bool = False,
    ) -> str | None:
        """The filters of an endpoint as a tuple; None where it has none.

        rows: the query that is filtered. one: whether a single row is looked for, which Django asks
        without an order.

        Raises:
            RefusalError: a backend or an option of it has no rule.
        """
        parts = []
        for path in endpoint.filter_backends:
            if path == _SEARCH:
                text = self._search(endpoint, label, imports)
            elif path == _ORDERING and one and not self._may_fail(endpoint, label):
                continue
            elif path == _ORDERING:
                text = self._ordering(endpoint, label, imports, rows, one=one)
            elif path in _DJANGO_FILTER:
                text = self.filter_set(endpoint, label, imports)
            else:
                message = f"the filter backend `{path}` has no rule"
                raise RefusalError("F101", message, endpoint.source or "")
            if text is not None:
                parts.append(text)
        return f"({', '.join(parts)},)" if parts else None

    def _search(self, endpoint: Endpoint, label: str, imports: set[Import]) -> str | None:
        if not endpoint.search_fields:
            return None
        for name in endpoint.search_fields:
            require_searched(self.world, label, name, endpoint.source or "")
        imports.add((_FILTERING, "SearchFilter"))
        return f"SearchFilter({', '.join(repr(f) for f in endpoint.search_fields)})"

    def _ordering(
        self,
        endpoint: Endpoint,
        label: str,
        imports: set[Import],
        rows: Type | None,
        *,
        one: bool,
    ) -> str:
        fields = self._ordering_fields(endpoint, label)
        place = endpoint.source or ""
        imports.add((_FILTERING, "OrderingFilter"))
        computed = computed_terms(self.world, label, [*fields, *endpoint.ordering], rows, place)
        targets = {
            name: spelled(self.world, label, name, place) for name in fields if name not in computed
        }
        if not computed and all(found == (name,) for name, found in targets.items()):
            options = [f"({', '.join(repr(f) for f in fields)}{',' if fields else ''})"]
        else:
            shown = {name: repr(found) for name, found in targets.items()} | computed
            options = ["{" + ", ".join(f"{name!r}: {shown[name]}" for name in fields) + "}"]
        default = [t for term in endpoint.ordering for t in spelled(self.world, label, term, place)]
        if hidden := computed.keys() - set(fields):
            text = f"an order by `{min(hidden)}`, which the queryset computes, has no rule"
            raise RefusalError("F103", text, place)
        if default:
            options.append(f"default={tuple(default)!r}")
        if one:
            options.append("one=True")
        return f"OrderingFilter({', '.join(options)})"

    def _may_fail(self, endpoint: Endpoint, label: str) -> bool:
        """Whether clients may ask for an order that Django fails to make, also of one row."""
        return any(
            is_method(self.world, label, name) for name in self._ordering_fields(endpoint, label)
        )

    def cursor_ordering(self, endpoint: Endpoint, label: str) -> bool | None:
        """Whether an ordering filter decides about the order of cursors; None without cursors.

        Raises:
            RefusalError: an order by something other than columns of the model.
        """
        facts = (p for p in self.world.facts.paginators if p.name == endpoint.paginator)
        found = next((p for p in facts if p.kind == "cursor"), None)
        if found is None:
            return None
        own = found.attributes.get("ordering")
        terms = own.value if own is not None else None
        wanted = [terms] if isinstance(terms, str) else list(terms or [None])
        is_chosen = _ORDERING in endpoint.filter_backends
        if is_chosen:
            wanted += [*self._ordering_fields(endpoint, label), *endpoint.ordering]
        for term in wanted:
            if not is_cursor_column(self.world, label, term):
                text = f"a cursor ordered by `{term}` has no rule"
                raise RefusalError("G105", text, found.source or endpoint.source or "")
        return is_chosen

    def _ordering_fields(self, endpoint: Endpoint, label: str) -> list[str]:
        """The names that clients may order by: named, all columns, or what the serializer shows."""
        if endpoint.ordering_fields == "__all__":
            return self._columns(label)
        if endpoint.ordering_fields is not None:
            return list(endpoint.ordering_fields)
        found = next(
            (s for s in self.world.facts.serializers if s.name == endpoint.serializer), None
        )
        if found is None:
            text = "the ordering filter offers what the serializer shows"
            raise RefusalError("F103", text, endpoint.source or "")
        shown = [f for f in found.fields if not f.write_only and f.source != "*"]
        shown = [f for f in shown if not self._is_property(label, f.source)]
        return [f.source.replace(".", "__") for f in shown]

    def _columns(self, label: str) -> list[str]:
        """The columns of a model and of its parents."""
        model = self.world.models[label]
        inherited = [name for parent in model.parents for name in self._columns(parent)]
        return list(dict.fromkeys([*inherited, *(f.name for f in model.fields)]))

    def _is_property(self, label: str, name: str) -> bool:
        """Whether the model computes `name`, so that DRF does not order by it."""
        ref = self.world.models[label].methods.get(name)
        if ref is None or self.world.field_named(label, name) is not None:
            return False
        source = self.world.sources.function(ref.path)
        decorators = [code_of(d.decorator) for d in source.node.decorators] if source else []
        return decorators == ["property"]  # by any other it tries to order, and fails in both

    def filter_set(self, endpoint: Endpoint, label: str, imports: set[Import]) -> str | None:
        """The name of an endpoint's filter set; None where it has none.

        Raises:
            RefusalError: it was not found, or something of it has no rule.
        """
        if endpoint.filterset is None:
            return None
        found = next((f for f in self.world.facts.filtersets if f.name == endpoint.filterset), None)
        if found is None or found.problem:
            raise RefusalError(
                "F104", f"`{endpoint.filterset}` was not found", endpoint.source or ""
            )
        if endpoint.filterset not in self._filtersets:
            rule = self.world.registry.declared("filter set")
            self._filtersets[endpoint.filterset] = rule(self, found, endpoint, label)
        place = self._filtersets[endpoint.filterset]
        imports.add(place)
        return place[1]

    def paginator(self, endpoint: Endpoint) -> Import | None:
        """Module and class of an endpoint's paginator; None where lists are not paged.

        Raises:
            RefusalError: the paginator has no rule.
        """
        path = endpoint.paginator
        if path is None:
            return None
        if path not in self._paginators:
            found = next((p for p in self.world.facts.paginators if p.name == path), None)
            if found is None:
                raise RefusalError(
                    "G101", f"the paginator `{path}` was not found", endpoint.source or ""
                )
            self._paginators[path] = self._paginator_class(found, endpoint)
        return self._paginators[path]

    def made(self, kind: PaginatorMade, endpoint: Endpoint) -> Import | None:
        """Module and class of a paginator that a handler makes; None where it may give no page.

        Raises:
            RefusalError: it has no rule.
        """
        facts = next((p for p in self.world.facts.paginators if p.name == kind.path), None)
        size = _SIZES.get(facts.kind) if facts is not None else None
        if facts is None or size is None:
            raise RefusalError("G101", f"the paginator `{kind.path}` made here has no rule")
        known = {name: value.value for name, value in facts.attributes.items()}
        options = dict(kind.options)
        rows = {**known, **options}.get(size)
        if not isinstance(rows, int) or isinstance(rows, bool) or rows < 1:
            return None
        for name in options.keys() - set(_PAGINATORS[facts.kind][1]):
            raise RefusalError("G104", f"`{name}` of a paginator is set")
        module, base = self._usual(kind.path, endpoint)
        if not options:
            return module, base
        text = "".join(f"    {name} = {value!r}\n" for name, value in sorted(options.items()))
        wanted = view_stem(endpoint.view).title().replace("_", "") + "Pages"
        head = f'class {{}}({base}):\n    """How one list is cut into pages."""\n\n{text}'
        place = self.tree.module(module)
        name = place.free_name(wanted, head.format(wanted))
        place.add(name, head.format(name), (), (6, name, 0))
        return module, name

    def _usual(self, path: str, endpoint: Endpoint) -> Import:
        """The class that stands for a pagination class."""
        found = self.paginator(endpoint.model_copy(update={"paginator": path}))
        assert found is not None  # it has a name
        return found

    def _paginator_class(self, facts: Paginator, endpoint: Endpoint) -> Import:
        place = facts.source or endpoint.source or ""
        _check_paginator(facts, place)
        base, attributes = _PAGINATORS[facts.kind]
        lines = []
        for name, standard in _STANDARD.items():
            value = facts.attributes.get(name)
            usual = shown(self.world.facts, standard) if isinstance(standard, str) else standard
            if value is None or value.value in (None, usual):
                continue
            if name == "offset_cutoff":
                raise RefusalError("G104", f"the paginator sets `{name}`", place)
            given = tuple(value.value) if isinstance(value.value, list) else value.value
            lines.append(f"    {name} = {given!r}")
        for name in attributes:
            value = facts.attributes.get(name)
            if value is not None and value.kind == "literal":
                lines.append(f"    {name} = {value.value!r}")
        if base == "PageNumberPagination" and facts.attributes.get("page_size") is None:
            raise RefusalError("G103", "the page size is not known", place)
        outer, _, name = facts.name.rpartition(".")
        if self.world.sources.class_node(outer) is not None:  # views may each have a `Pagination`
            name = f"{outer.rpartition('.')[2]}{name}"
        if facts.package is not None:
            name = f"Default{name}" if name == base else name
        app = self.world.app_of(facts.name) if facts.package is None else None
        module_name = f"app.{app}.pagination" if app else "app.pagination"
        module = self.tree.module(module_name, "How lists are cut into pages.")
        imports: set[Import] = {("app.compat.pagination", base)}
        for method in paginator_methods(self.world, facts, place, imports):
            lines += ["", textwrap.indent(method.strip("\n"), "    ")]
        text = "\n".join([f"class {name}({base}):", *_docstring(facts), *lines])
        module.add(name, text, imports)
        return module_name, name


def _check_paginator(facts: Paginator, place: str) -> None:
    """Refuse a paginator of another kind, and methods and attributes without a rule."""
    if facts.kind not in _PAGINATORS:
        raise RefusalError("G101", f"the paginator `{facts.name}` has no rule", place)
    known = {*_PAGINATORS[facts.kind][1], *_STANDARD, *_SHOWN}
    for name in sorted(facts.attributes.keys() - known):
        raise RefusalError("G104", f"the paginator sets `{name}`", place)


def _docstring(facts: Paginator) -> list[str]:
    if facts.package is None and facts.docstring:
        return [f"    {as_docstring(facts.docstring)}\n"]
    return [f'    """As {facts.name} with the project\'s settings."""\n']
