"""Filter backends and pagination of list endpoints."""

from __future__ import annotations

from dataclasses import dataclass, field

from strangler.facts import Endpoint, FilterSet, Paginator

from .body import Import
from .modules import Tree
from .refusal import RefusalError
from .world import World

_SEARCH = "rest_framework.filters.SearchFilter"
_ORDERING = "rest_framework.filters.OrderingFilter"
_DJANGO_FILTER = "django_filters.rest_framework.backends.DjangoFilterBackend"
_PAGINATORS = {
    "page_number": ("PageNumberPagination", ("page_size", "page_query_param", "page_size_query_param", "max_page_size")),
    "limit_offset": ("LimitOffsetPagination", ("default_limit", "limit_query_param", "offset_query_param", "max_limit")),
    "cursor": ("CursorPagination", ("page_size", "ordering", "cursor_query_param", "page_size_query_param", "max_page_size")),
}  # fmt: skip
_FILTERS = frozenset(
    "CharFilter NumberFilter BooleanFilter ChoiceFilter UUIDFilter DateFilter DateTimeFilter".split()
)


@dataclass
class Listing:
    """Builds filters and paginators of the new app."""

    world: World
    tree: Tree
    _paginators: dict[str, Import] = field(default_factory=dict)
    imports: set[Import] = field(default_factory=set)

    def filters(self, endpoint: Endpoint, label: str) -> str | None:
        """The filters of an endpoint as a tuple; None where it has none.

        Raises:
            RefusalError: a backend or an option of it has no rule.
        """
        parts = []
        for path in endpoint.filter_backends:
            if path == _SEARCH:
                text = self._search(endpoint)
            elif path == _ORDERING:
                text = self._ordering(endpoint, label)
            elif path == _DJANGO_FILTER:
                text = self._filterset(endpoint, label)
            else:
                message = f"the filter backend `{path}` has no rule"
                raise RefusalError("F101", message, endpoint.source or "")
            if text is not None:
                parts.append(text)
        return f"({', '.join(parts)},)" if parts else None

    def _search(self, endpoint: Endpoint) -> str | None:
        if not endpoint.search_fields:
            return None
        raise RefusalError("F102", "the search filter has no rule", endpoint.source or "")

    def _ordering(self, endpoint: Endpoint, label: str) -> str | None:
        raise RefusalError("F103", "the ordering filter has no rule", endpoint.source or "")

    def _filterset(self, endpoint: Endpoint, label: str) -> str | None:
        if endpoint.filterset is None:
            return None
        found = next((f for f in self.world.facts.filtersets if f.name == endpoint.filterset), None)
        if found is None:
            raise RefusalError("F104", f"`{endpoint.filterset}` was not found", endpoint.source or "")
        return self._filterset_class(found, label)

    def _filterset_class(self, facts: FilterSet, label: str) -> str:
        raise RefusalError("F105", f"the filter set `{facts.name}` has no rule", facts.source or "")

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
                raise RefusalError("G101", f"the paginator `{path}` was not found", endpoint.source or "")
            self._paginators[path] = self._paginator_class(found, endpoint)
        return self._paginators[path]

    def _paginator_class(self, facts: Paginator, endpoint: Endpoint) -> Import:
        place = facts.source or endpoint.source or ""
        if facts.kind not in _PAGINATORS:
            raise RefusalError("G101", f"the paginator `{facts.name}` has no rule", place)
        if facts.package is None and facts.methods:
            name, ref = sorted(facts.methods.items())[0]
            raise RefusalError("G102", f"the paginator overrides `{name}`", ref.source or place)
        base, attributes = _PAGINATORS[facts.kind]
        lines = []
        for name in attributes:
            value = facts.attributes.get(name)
            if value is not None and value.kind == "literal":
                lines.append(f"    {name} = {value.value!r}")
        if base == "PageNumberPagination" and facts.attributes.get("page_size") is None:
            raise RefusalError("G103", "the page size is not known", place)
        name = facts.name.rpartition(".")[2]
        if facts.package is not None:
            name = f"Default{name}" if name == base else name
        app = self.world.app_of(facts.name) if facts.package is None else None
        module_name = f"app.{app}.pagination" if app else "app.pagination"
        module = self.tree.module(module_name, "How lists are cut into pages.")
        text = "\n".join([f"class {name}({base}):", *_docstring(facts), *lines])
        module.add(name, text, {("app.compat.pagination", base)})
        return module_name, name


def _docstring(facts: Paginator) -> list[str]:
    if facts.package is None and facts.docstring:
        return [f'    """{facts.docstring.strip()}"""\n']
    return [f'    """As {facts.name} with the project\'s settings."""\n']
