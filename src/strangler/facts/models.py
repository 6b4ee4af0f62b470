"""Facts about models: fields, relations, managers, and the schema that Django would write."""

from typing import Literal

from pydantic import Field

from strangler.facts.shapes import ClassFacts, Fact, Json, Ref, Validator, Value


class Relation(Fact):
    """The relational side of a field."""

    kind: Literal["foreign_key", "one_to_one", "many_to_many"]
    model: str  # "app.Model"
    to_field: str | None = None  # attname there
    on_delete: str | None = None  # "CASCADE", …, "SET", else dotted
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
    db_table: str | None = None  # the many-to-many table


class Generated(Fact):
    """The expression of a GeneratedField as SQL of the default database."""

    sql: str | None = None
    stored: bool = False
    #: Attributes whose UPDATE gives a row the new value, since Django 6.0.
    renewed_by: tuple[str, ...] = ()


class ModelField(Fact):
    """A concrete or many-to-many field of a model, as the registry has it."""

    name: str
    attname: str
    column: str | None = None
    cls: str
    lineage: tuple[Ref, ...] = ()
    overrides: dict[str, str | None] = Field(default_factory=dict)  # of frameworks' attributes
    descriptor: str | None = (
        None  # the class of the model's attribute, where it is not Django's own
    )
    source: str | None = None
    declared_in: str | None = None
    internal_type: str = ""
    db_type: str | None = None
    usual_type: str | None = None  # what Django has for the kind, where its class says it itself
    caseless: bool = False  # `contains` and the like ask such a text as the database compares it
    null: bool = False
    blank: bool = False
    primary_key: bool = False
    unique: bool = False
    db_index: bool = False
    editable: bool = True
    auto_created: bool = False
    max_length: int | None = None
    max_digits: int | None = None
    decimal_places: int | None = None
    default_bounds: str | None = None  # of a range of numbers, days or moments
    default: Value | None = None  # None: no default at all
    settled: Value | None = None  # what a package's function gives as default, whenever called
    db_default: str | None = None
    generated: Generated | None = None
    auto_now: bool = False
    auto_now_add: bool = False
    choices: tuple[tuple[Json, str], ...] | None = None
    choices_enum: str | None = None
    choices_members: tuple[tuple[str, Json], ...] = ()  # names and values of that enum
    verbose_name: str = ""
    help_text: str = ""
    validators: tuple[Validator, ...] = ()
    error_messages: dict[str, str] = Field(default_factory=dict)
    collation: str | None = None
    comment: str | None = None
    upload_to: Value | None = None
    storage: Value | None = None  # its class and, as value, its base URL
    storage_shows: bool = False  # the address of a file is base URL and name
    storage_keeps: bool = False  # files lie below MEDIA_ROOT, as FileSystemStorage keeps them
    protocol: str | None = None
    base_field: "ModelField | None" = None  # of an ArrayField
    unique_for_date: str | None = None
    unique_for_month: str | None = None
    unique_for_year: str | None = None
    relation: Relation | None = None
    refused: str | None = None  # what a rule said of its class


class ForeignObject(Fact):
    """A relation over several columns of its model, or over one that is another field's too."""

    name: str
    model: str
    pairs: tuple[tuple[str, str], ...]  # attname here, attname there
    on_delete: str | None = None
    null: bool = False


class Linked(Fact):
    """Rows that a model is linked with by another, whose manager is not Django's: tags."""

    name: str
    model: str
    through: str
    own: str  # attname there: which row
    other: str  # name there: the key to `model`
    content_type: str | None = None  # attname there: of which model, where it may be any


class GenericField(Fact):
    """A GenericForeignKey or a GenericRelation."""

    name: str
    kind: Literal["foreign_key", "relation"]
    ct_field: str
    fk_field: str
    related: str | None = None
    query_name: str | None = None


class Reverse(Fact):
    """The other end of a relation that another model declares."""

    accessor: str | None
    query_name: str | None = None
    model: str
    field: str
    one_to_one: bool = False
    many_to_many: bool = False
    hidden: bool = False


class Manager(Fact):
    """A manager; `filtering`: its get_queryset is not the plain one; `overrides`: other methods."""

    name: str
    cls: Ref
    queryset: Ref | None = None
    default: bool = False
    base: bool = False
    filtering: bool = False
    overrides: tuple[str, ...] = ()


class IndexColumn(Fact):
    """A column of an index."""

    name: str
    descending: bool = False
    opclass: str | None = None


class Index(Fact):
    """An index with its live name; `expressions` and `condition` are SQL."""

    name: str
    columns: tuple[IndexColumn, ...] = ()
    expressions: str | None = None
    unique: bool = False
    condition: str | None = None
    include: tuple[str, ...] = ()
    method: str = "btree"
    storage: dict[str, str] = Field(default_factory=dict)  # of WITH (…)
    tablespace: str | None = None
    field_index: bool = False
    sql: str | None = None


class Unique(Fact):
    """A unique constraint; `inline` is a column's own `unique=True`, which has no name."""

    name: str | None
    columns: tuple[str, ...]
    deferrable: Literal["deferred", "immediate"] | None = None
    nulls_distinct: bool | None = None
    inline: bool = False


class Check(Fact):
    """A check constraint, as SQL of the default database; `column`: it stands within that one."""

    name: str | None
    sql: str
    column: str | None = None


class Excluded(Fact):
    """One element of an exclusion constraint: SQL, and the operator that compares it."""

    expression: str
    operator: str


class Exclusion(Fact):
    """An exclusion constraint of PostgreSQL."""

    name: str
    method: str
    elements: tuple[Excluded, ...]
    include: tuple[str, ...] = ()
    condition: str | None = None
    deferrable: Literal["deferred", "immediate"] | None = None


class ForeignKey(Fact):
    """A foreign key constraint; SQLite's have no name."""

    column: str
    name: str | None
    to_table: str
    to_column: str
    deferrable: bool = True


class Schema(Fact):
    """What the schema editor of the default database would write."""

    indexes: tuple[Index, ...] = ()
    uniques: tuple[Unique, ...] = ()
    checks: tuple[Check, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()


class Constraint(Fact):
    """An entry of Meta.constraints as it was written; its SQL stands in `Schema`."""

    name: str
    kind: str
    fields: tuple[str, ...] = ()
    condition: str | None = None
    violation_error_message: str | None = None
    code: str | None = None


class Model(ClassFacts):
    """A Django model; `name` is "app_label.ObjectName", `path` the dotted class."""

    path: str
    abstract_bases: tuple[str, ...] = ()
    parents: dict[str, str | None] = Field(default_factory=dict)
    db_table: str
    managed: bool = True
    proxy: bool = False
    proxy_for: str | None = None
    swapped: str | None = None
    auto_created: bool = False
    database: str = "default"
    fits: bool = True  # that database has what Meta.required_db_… asks for
    pk: str
    pk_columns: tuple[str, ...] = ()  # several for a CompositePrimaryKey
    fields: tuple[ModelField, ...] = ()
    many_to_many: tuple[ModelField, ...] = ()
    unread: tuple[str, ...] = ()  # columns that the probe could not read; a problem says why
    foreign_objects: tuple[ForeignObject, ...] = ()
    linked: tuple[Linked, ...] = ()
    generic: tuple[GenericField, ...] = ()
    reverse: tuple[Reverse, ...] = ()
    ordering: tuple[str | dict[str, Json], ...] = ()
    managers: tuple[Manager, ...] = ()
    unique_together: tuple[tuple[str, ...], ...] = ()
    verbose_name: str = ""
    verbose_name_plural: str = ""
    db_comment: str | None = None
    get_latest_by: str | tuple[str, ...] | None = None
    order_with_respect_to: str | None = None
    table_schema: Schema = Schema()  # BaseModel has a method `schema` already
    constraints: tuple[Constraint, ...] = ()
