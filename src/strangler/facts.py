"""Facts: what introspection of the running legacy project found. Versioned, frozen, without secrets."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field as PydanticField


class Fact(BaseModel):
    """Base of all facts: frozen, tolerant of what a newer probe adds."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class Ref(Fact):
    """A class or function by dotted path; `source` is `file:line` inside the project, `package` the owner of others."""

    path: str
    source: str | None = None
    package: str | None = None


class Value(Fact):
    """A Python value: none, a literal, or a callable or object known by its dotted path."""

    kind: Literal["none", "literal", "callable", "object"] = "none"
    value: Any = None
    path: str | None = None
    ref: Ref | None = None


class Versions(Fact):
    """Versions of the legacy environment; `packages` by distribution name."""

    python: str
    django: str
    drf: str | None = None
    packages: dict[str, str] = {}


class Database(Fact):
    """One alias of DATABASES, without names or secrets."""

    vendor: str
    engine: str = ""
    atomic_requests: bool = False


class App(Fact):
    """An installed Django app; `path` is its folder relative to the project, None outside."""

    label: str
    module: str
    path: str | None = None
    package: str | None = None


class Validator(Fact):
    """A validator of a field or serializer with its JSON-able parameters."""

    cls: str
    source: str | None = None
    package: str | None = None
    params: dict[str, Any] = {}


class ClassFacts(Fact):
    """A class of the project or of a package; `methods` leaves out those of Django, DRF and object."""

    name: str
    source: str | None = None
    package: str | None = None
    bases: tuple[str, ...] = ()
    lineage: tuple[Ref, ...] = PydanticField(default=(), alias="mro")
    docstring: str | None = None
    methods: dict[str, Ref] = {}
    attributes: dict[str, Value] = {}


class Relation(Fact):
    """Where a foreign key or many-to-many field points."""

    kind: Literal["foreign_key", "one_to_one", "many_to_many"]
    model: str
    to_field: str | None = None
    on_delete: str | None = None
    on_delete_value: Value = Value()
    accessor: str | None = None
    query_name: str | None = None
    through: str | None = None
    through_auto: bool = False
    through_fields: tuple[str, ...] = ()
    symmetrical: bool = False
    db_constraint: bool = True
    parent_link: bool = False
    limit_choices_to: bool = False


class Generated(Fact):
    """A column that the database computes."""

    sql: str
    stored: bool = True


class Field(Fact):
    """One column or many-to-many field of a model."""

    name: str
    attname: str
    column: str | None = None
    cls: str
    source: str | None = None
    declared_in: str | None = None
    internal_type: str
    db_type: str | None = None
    null: bool = False
    blank: bool = False
    primary_key: bool = False
    unique: bool = False
    db_index: bool = False
    editable: bool = True
    max_length: int | None = None
    max_digits: int | None = None
    decimal_places: int | None = None
    default: Value = Value()
    db_default: str | None = None
    generated: Generated | None = None
    auto_now: bool = False
    auto_now_add: bool = False
    choices: tuple[tuple[Any, Any], ...] | None = None
    choices_enum: str | None = None
    verbose_name: str = ""
    help_text: str = ""
    validators: tuple[Validator, ...] = ()
    collation: str | None = None
    comment: str | None = None
    upload_to: Value = Value()
    storage: Value = Value()
    unique_for_date: str | None = None
    unique_for_month: str | None = None
    unique_for_year: str | None = None
    relation: Relation | None = None


class Reverse(Fact):
    """A reverse relation as an attribute of the model."""

    accessor: str | None = None
    query_name: str | None = None
    model: str
    field: str
    one_to_one: bool = False
    many_to_many: bool = False
    hidden: bool = False


class Manager(Fact):
    """A manager of a model; `filtering` when its `get_queryset` is not the plain one."""

    name: str
    cls: Ref
    queryset: Ref | None = None
    default: bool = False
    base: bool = False
    filtering: bool = False


class Generic(Fact):
    """A generic foreign key or generic relation."""

    name: str
    kind: Literal["foreign_key", "relation"]
    ct_field: str | None = None
    fk_field: str | None = None
    related: str | None = None


class IndexColumn(Fact):
    """One column of an index."""

    name: str
    descending: bool = False
    opclass: str | None = None


class SchemaIndex(Fact):
    """An index as the schema editor makes it."""

    name: str
    columns: tuple[IndexColumn, ...] = ()
    expressions: str | None = None
    unique: bool = False
    condition: str | None = None
    include: tuple[str, ...] = ()
    method: str | None = None
    field_index: bool = False


class SchemaUnique(Fact):
    """A unique constraint; `inline` for `unique=True` on a column."""

    name: str | None = None
    columns: tuple[str, ...]
    deferrable: str | None = None
    nulls_distinct: bool | None = None
    inline: bool = False


class SchemaCheck(Fact):
    """A check constraint."""

    name: str | None = None
    sql: str


class SchemaForeignKey(Fact):
    """A foreign key constraint."""

    column: str
    name: str | None = None
    to_table: str
    to_column: str
    deferrable: bool = True


class Schema(Fact):
    """What stands on a table."""

    indexes: tuple[SchemaIndex, ...] = ()
    uniques: tuple[SchemaUnique, ...] = ()
    checks: tuple[SchemaCheck, ...] = ()
    foreign_keys: tuple[SchemaForeignKey, ...] = ()


class Constraint(Fact):
    """A Meta constraint as Django validates it."""

    name: str
    kind: str
    fields: tuple[str, ...] = ()
    condition: str | None = None
    violation_error_message: str | None = None
    code: str | None = None


class Model(ClassFacts):
    """One model of the registry; `name` is its label, `catalog.Product`."""

    path: str
    abstract_bases: tuple[str, ...] = ()
    parents: dict[str, str] = {}
    db_table: str
    managed: bool = True
    proxy: bool = False
    swapped: str | None = None
    auto_created: bool = False
    database: str = "default"
    pk: str | None = None
    fields: tuple[Field, ...] = ()
    many_to_many: tuple[Field, ...] = ()
    generic: tuple[Generic, ...] = ()
    reverse: tuple[Reverse, ...] = ()
    ordering: tuple[str | dict[str, Any], ...] = ()
    managers: tuple[Manager, ...] = ()
    unique_together: tuple[tuple[str, ...], ...] = ()
    verbose_name: str = ""
    verbose_name_plural: str = ""
    db_comment: str | None = None
    get_latest_by: str | None = None
    schema_: Schema = PydanticField(default=Schema(), alias="schema")
    constraints: tuple[Constraint, ...] = ()


class QuerysetFact(Fact):
    """A queryset of a view or a relation field: its model, and whether it is just all rows."""

    model: str | None = None
    plain: bool = False
    select_related: tuple[str, ...] = ()
    prefetch_related: tuple[str, ...] = ()
    expression_source: str | None = None


class SField(Fact):
    """One field of an instantiated serializer."""

    name: str
    cls: str
    drf_cls: str
    package: str | None = None
    source: str
    declared: bool = False
    line: str | None = None
    read_only: bool = False
    write_only: bool = False
    required: bool = False
    allow_null: bool = False
    default: Value = Value()
    initial: Value = Value()
    label: str | None = None
    help_text: str | None = None
    style: dict[str, Any] = {}
    validators: tuple[Validator, ...] = ()
    error_messages: dict[str, Any] = {}
    kwargs: dict[str, Any] = {}
    child: SField | None = None
    serializer: str | None = None
    many: bool = False
    queryset: QuerysetFact | None = None
    slug_field: str | None = None
    view_name: str | None = None
    lookup_field: str | None = None
    lookup_url_kwarg: str | None = None
    method_name: str | None = None
    pk_field: str | None = None
    use_url: bool | None = None
    model_field: str | None = None


class Serializer(ClassFacts):
    """One serializer class, its fields as an instance without arguments has them."""

    kind: Literal["model", "plain", "hyperlinked", "list", "base"]
    model: str | None = None
    meta: dict[str, Any] = {}
    fields: tuple[SField, ...] = ()
    validators: tuple[Validator, ...] = ()
    problem: str | None = None


class Permission(Fact):
    """A permission class, or a composition of them."""

    path: str | None = None
    package: str | None = None
    op: Literal["and", "or", "not"] | None = None
    of: tuple[Permission, ...] = ()


class Throttle(Fact):
    """A throttle of an endpoint."""

    path: str
    scope: str | None = None
    rate: str | None = None


class Endpoint(Fact):
    """Method and path with everything that answers there."""

    id: str
    method: str
    path: str
    route: str = ""
    converters: dict[str, str] = {}
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
    lineage: tuple[Ref, ...] = PydanticField(default=(), alias="mro")
    methods: dict[str, Ref] = {}
    attributes: dict[str, Value] = {}
    queryset: QuerysetFact | None = None
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
    filter_backends: tuple[str, ...] = ()
    filterset: str | None = None
    search_fields: tuple[str, ...] | None = None
    ordering_fields: str | tuple[str, ...] | None = None
    ordering: str | tuple[str, ...] | None = None
    paginator: str | None = None
    lookup_field: str | None = None
    lookup_url_kwarg: str | None = None
    lookup_value_regex: str | None = None
    status: int | None = None
    decorators: tuple[str, ...] = ()
    suffix_variants: tuple[str, ...] = ()


class Paginator(ClassFacts):
    """A pagination class."""

    kind: Literal["page_number", "limit_offset", "cursor", "other"]


class Filter(Fact):
    """One filter of a FilterSet."""

    name: str
    cls: str
    field_name: str | None = None
    lookup_expr: str = "exact"
    exclude: bool = False
    distinct: bool = False
    method: Ref | None = None
    extra: dict[str, Any] = {}
    field_cls: str | None = None


class FilterSet(ClassFacts):
    """A django-filter FilterSet."""

    model: str | None = None
    filters: tuple[Filter, ...] = ()


class ThrottleClass(ClassFacts):
    """A throttle class."""

    rate: str | None = None
    scope: str | None = None


class Receiver(Fact):
    """A signal receiver; no `senders` means any."""

    signal: str
    function: Ref
    senders: tuple[str, ...] = ()


class Problem(Fact):
    """What the probe could not read."""

    code: str
    message: str
    source: str | None = None


class Facts(Fact):
    """Everything the probe found."""

    version: Literal[1] = 1
    legacy: Versions
    settings: dict[str, Any] = {}
    databases: dict[str, Database] = {}
    database_routers: tuple[Ref, ...] = ()
    apps: tuple[App, ...] = ()
    middleware: tuple[Ref, ...] = ()
    exception_handler: Ref | None = None
    authentication_backends: tuple[Ref, ...] = ()
    models: tuple[Model, ...] = ()
    serializers: tuple[Serializer, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    permissions: tuple[ClassFacts, ...] = ()
    paginators: tuple[Paginator, ...] = ()
    filtersets: tuple[FilterSet, ...] = ()
    throttles: tuple[ThrottleClass, ...] = ()
    authenticators: tuple[ClassFacts, ...] = ()
    receivers: tuple[Receiver, ...] = ()
    migrations: tuple[tuple[str, str], ...] = ()
    problems: tuple[Problem, ...] = ()
