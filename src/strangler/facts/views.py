"""Facts about endpoints and the classes that they are put together from."""

from typing import Literal

from pydantic import Field

from strangler.facts.shapes import ClassFacts, Fact, Json, Queryset, Ref, Value


class Permission(Fact):
    """A permission class, or an operator over others."""

    path: str | None = None
    package: str | None = None
    asks: str | None = None  # the class whose `has_permission` it has
    op: Literal["and", "or", "not"] | None = None
    of: "tuple[Permission, ...]" = ()


class Throttle(Fact):
    """A throttle as a view uses it; `rate` is DRF's text, such as "10/day"."""

    path: str
    scope: str | None = None
    rate: str | None = None


class Endpoint(Fact):
    """A method and a path template with what answers it."""

    id: str
    method: str
    path: str
    route: str
    converters: dict[str, str] = Field(default_factory=dict)
    exact: bool = True  # the template says all that the route says
    anchored: bool = True  # the route ends where the template ends
    optional_slash: bool = False  # the route also matches without its last slash
    url_arguments: dict[str, Value] = Field(default_factory=dict)  # of `path(…, kwargs)`
    url_name: str | None = None
    namespace: str | None = None
    kind: Literal["drf", "package", "django", "admin"]
    view: str
    action: str | None = None
    source: str | None = None
    name: str | None = None
    docstring: str | None = None
    function_view: bool = False
    allowed_methods: tuple[str, ...] = ()
    lineage: tuple[Ref, ...] = ()
    methods: dict[str, Ref] = Field(default_factory=dict)
    attributes: dict[str, Value] = Field(default_factory=dict)
    queryset: Queryset | None = None
    queryset_dynamic: bool = False
    serializer: str | None = None
    serializer_dynamic: bool = False
    permissions: tuple[Permission, ...] = ()
    authenticators: tuple[str, ...] = ()
    throttles: tuple[Throttle, ...] = ()
    parsers: tuple[str, ...] = ()
    renderers: tuple[str, ...] = ()
    negotiation: str | None = None
    versioning: str | None = None
    metadata: str | None = None
    options: dict[str, Json] | None = None  # what OPTIONS says; `fields`: those this method takes
    filter_backends: tuple[str, ...] = ()
    filterset: str | None = None
    search_fields: tuple[str, ...] = ()
    ordering_fields: Literal["__all__"] | tuple[str, ...] | None = None
    ordering: tuple[str, ...] = ()
    paginator: str | None = None
    lookup_field: str | None = None
    lookup_url_kwarg: str | None = None
    lookup_value_regex: str | None = None
    detail: bool | None = None
    dynamic: tuple[str, ...] = ()  # what raised when asked, and was read from class attributes
    initkwargs: dict[str, Value] = Field(default_factory=dict)
    decorators: tuple[str, ...] = ()
    suffix_variants: tuple[str, ...] = ()
    shadowed_by: str | None = None  # an earlier pattern of the same text answers instead

    @property
    def full_name(self) -> str:
        """The name by which the path is asked for, its namespaces before it; empty without one."""
        space = f"{self.namespace}:" if self.namespace else ""
        return f"{space}{self.url_name}" if self.url_name else ""

    @property
    def suffix_behind_slash(self) -> bool:
        """Whether a format stands behind a slash: `/items/.json`, not `/items.json`."""
        return any("/.{" in path or "/{format" in path for path in self.suffix_variants)


class Url(Fact):
    """A leaf of the URL resolver; Django tries them in the order of `Facts.urls`.

    Each expression is searched in what the one above it left of the path, the first in the whole
    path. `path` is that of the endpoints that answer, None where nothing but legacy can: a path
    that two patterns share, a pattern that an equal one hides. `converters` are those of `path()`;
    `arguments` are what the parts of the path give way to.
    """

    expressions: tuple[str, ...]
    certain: bool = True  # a path that matches resolves to this leaf, if no earlier one matches
    path: str | None = None
    name: str = ""  # with its namespaces; empty without one
    converters: dict[str, str] = Field(default_factory=dict)
    arguments: tuple[str, ...] = ()


class Paginator(ClassFacts):
    """A pagination class; its numbers and parameter names are `attributes`."""

    kind: Literal["page_number", "limit_offset", "cursor", "other"] = "other"
    overrides: tuple[str, ...] = ()  # names of DRF's own


class Filter(Fact):
    """A filter of a django-filter FilterSet."""

    name: str
    cls: str
    bases: tuple[str, ...] = ()  # of a class that adds nothing of its own to them
    field_name: str | None = None
    lookup_expr: str | None = None
    exclude: bool = False
    conjoined: bool = False  # rows must match every chosen value
    distinct: bool = False
    method: Ref | None = None
    extra: dict[str, Json] = Field(default_factory=dict)
    field_cls: str | None = None


class FilterSet(ClassFacts):
    """A django-filter FilterSet with its declared and derived filters."""

    model: str | None = None
    filters: tuple[Filter, ...] = ()
    strict: bool | None = None
    form: str | None = None  # what `Meta.form` derives the form from
    problem: str | None = None


class ThrottleClass(ClassFacts):
    """A throttle class with its effective rate."""

    rate: str | None = None
    scope: str | None = None


class Receiver(Fact):
    """A connected signal receiver; no senders: any."""

    signal: str
    function: Ref
    senders: tuple[str, ...] = ()
    weak: bool = True
    dispatch_uid: str | None = None
