"""What the rewriter knows of a value: a small lattice of frozen records.

`Unknown` is the top: any operation on it keeps the endpoint on legacy.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from .answer_types import (
    FilterSetMade,
    PageData,
    PageOf,
    PaginatorMade,
    PaginatorSelf,
    Response,
    SuccessHeaders,
)
from .effect_types import Effect
from .surrounding_types import Surrounding
from .token_types import Token


@dataclass(frozen=True)
class Plain:
    """A value without framework behaviour; `name` is its Python type as text."""

    name: str = "Any"


#: The format behind the path of a request.
FORMAT = Plain("str | None")


@dataclass(frozen=True)
class SchemaData(Plain):
    """What a read schema shows, or `many` of it, as the instance that is about to be answered."""

    name: str = "dict[str, Any]"
    schema: str = ""
    many: bool = False

    @property
    def annotation(self) -> str:
        """The schema as an annotation."""
        return f"list[{self.schema}]" if self.many else self.schema


@dataclass(frozen=True)
class EmptyList(Plain):
    """A list that nothing was put into yet."""

    name: str = "list[Any]"


@dataclass(frozen=True)
class Texts(Plain):
    """A tuple of texts that a constant of the module stands for."""

    name: str = "tuple[str, ...]"
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class OneOf(Plain):
    """One text of a constant sequence, in a loop over it."""

    name: str = "str"
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Constant:
    """A value known while converting, such as `self.action`.

    others: what it may be as well while the endpoint runs; comparisons must come out the same.
    """

    value: object
    others: tuple[object, ...] = ()


@dataclass(frozen=True)
class Instance:
    """A row of `model` ("catalog.Product"); `optional` when it may be None."""

    model: str
    optional: bool = False
    user: bool = False
    extras: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class RowState:
    """`row._state`."""


@dataclass(frozen=True)
class Computed:
    """A value that a query computes beside its columns: `annotate(name=...)`, `text` in SQLAlchemy.

    kind: its Python type. over: the to-many path that an aggregate function looks at; `steady` where
    rows that appear twice make no difference to it. shown: false for `alias`.
    """

    name: str
    text: str
    kind: str = "Any"
    optional: bool = True
    aggregate: bool = False
    over: tuple[str, ...] = ()
    steady: bool = False
    shown: bool = True

    @property
    def annotation(self) -> str:
        """Its type as text."""
        return f"{self.kind} | None" if self.optional and self.kind != "Any" else self.kind


@dataclass(frozen=True)
class Related:
    """The relation that a related manager stands for: the row as text, its model, the accessor.

    column: the foreign key of a reverse relation; None for a many-to-many.
    """

    row: str
    model: str
    accessor: str
    column: str | None = None
    query_name: str = ""


@dataclass(frozen=True)
class Query:
    """A statement over `model` that has not been executed.

    entity: the name of the alias that it selects, where it is not the class. joins: names of what is
    joined beside it. paths: to which name a relation path was joined, the latest. values: keys,
    texts and types of the columns that its rows are reduced to, in the form that `shape` tells (tuple, flat,
    dict, named). computed: what it computes. group: texts that its rows are grouped by. order: the
    texts of an explicit order; `repeats` where ordering joined a to-many relation, so that rows
    appear more than once. once: it was distinct, and its rows are now chosen by their keys.
    """

    model: str
    ordering: str = "default"
    joins: frozenset[str] = frozenset()
    sliced: bool = False
    values: tuple[tuple[str, str, str], ...] = ()
    shape: str = ""
    entity: str = ""
    paths: tuple[tuple[str, str], ...] = ()
    computed: tuple[Computed, ...] = ()
    group: tuple[str, ...] = ()
    grouped: bool = False
    order: tuple[str, ...] = ()
    distinct: bool = False
    repeats: bool = False
    many: frozenset[tuple[str, ...]] = frozenset()
    bounds: tuple[int, int | None] = (0, None)
    related: Related | None = None
    loaded: tuple[tuple[str, str], ...] = ()
    once: bool = False

    @property
    def flat(self) -> bool:
        """Whether its rows are the values of one column."""
        return self.shape == "flat"

    def extras(self) -> tuple[tuple[str, str], ...]:
        """Names and types of what its rows have beside their columns."""
        return self.loaded + tuple((c.name, c.annotation) for c in self.computed if c.shown)


@dataclass(frozen=True)
class Condition:
    """A condition on rows of `model` in a variable; None where it is an empty `Q()`.

    guarded: whether `exclude` may turn it round at run time. label: "" while it is not known of which
    model, and `names` are then the variables that it went through.
    """

    model: str
    maybe_empty: bool = False
    guarded: bool = True
    names: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Manager:
    """`Model.objects`, or a related manager when `owner` names the instance's model."""

    model: str
    name: str = "objects"


@dataclass(frozen=True)
class ModelClass:
    """A mapped class used as a value."""

    model: str


@dataclass(frozen=True)
class Serializer:
    """The valid serializer that a hook receives, of rows of `model`."""

    name: str
    model: str
    instance: str | None = None
    saved: bool = False
    partial: bool = False


@dataclass(frozen=True)
class Saved:
    """What `serializer.save()` gives: the row, which the endpoint answers with; of a list, the rows."""

    model: str
    many: bool = False


@dataclass(frozen=True)
class Shown:
    """A serializer made to show rows: its class, the rows as text, whether there are many."""

    name: str
    model: str
    rows: str
    many: bool = False
    given: str | None = None  # the context that it was made with, where that is not DRF's
    paged: bool = False  # whether `rows` is a statement of which one page is shown
    statement: bool = False  # whether `rows` is a statement at all
    empty: str = ""  # what it shows where `rows` is None
    made: PaginatorMade | None = None  # what cuts the page, where that is not the view's paginator


@dataclass(frozen=True)
class SerializerClass:
    """A serializer class used as a value."""

    name: str


@dataclass(frozen=True)
class Incoming:
    """A serializer made over `request.data`; `valid` once checked, `saved` names the row it saved.

    tried: whether it was asked by `is_valid()` without raising, so that `data` may be an error.
    """

    name: str
    model: str | None
    instance: str | None = None
    partial: bool = False
    valid: bool = False
    tried: bool = False
    saved: str | None = None
    data: str | None = None  # what it was made over, where that is not the request's body
    given: str | None = None  # the context that it was made with, where that is not DRF's
    context: tuple[tuple[str, Type], ...] = ()
    many: bool = False  # over a list: each item is checked, each makes a row


@dataclass(frozen=True)
class ValidData:
    """`serializer.validated_data` of a checked serializer, which `data` stands for."""

    name: str
    partial: bool = False


@dataclass(frozen=True)
class UnsavedData:
    """`serializer.data` of one with a model that was checked and has not saved: its single values."""

    name: str


@dataclass(frozen=True)
class Checked:
    """The valid body, as the statement that checks it binds it to `data`."""


@dataclass(frozen=True)
class Attrs:
    """Validated data: attribute name to the type of its value; `maybe` names what may be missing."""

    fields: tuple[tuple[str, Type], ...] = field(default=())
    maybe: frozenset[str] = frozenset()

    def get(self, key: str) -> Type | None:
        """The type under `key`, None where the key is not known."""
        return dict(self.fields).get(key)


@dataclass(frozen=True)
class Request:
    """DRF's request; `optional` where a serializer may not have been told of it."""

    optional: bool = False


@dataclass(frozen=True)
class RequestData:
    """`request.data`: what JSON gave, or a form; `own` where it is a copy, which may be changed."""

    own: bool = False


@dataclass(frozen=True)
class VisitorSession:
    """`request.session`."""


@dataclass(frozen=True)
class Given:
    """A dictionary that becomes a serializer's context: types of its values; `maybe` on one path only."""

    fields: tuple[tuple[str, Type], ...] = ()
    maybe: frozenset[str] = frozenset()


@dataclass(frozen=True)
class OwnContext:
    """`self.get_serializer_context()` of DRF."""


@dataclass(frozen=True)
class QueryParams:
    """`request.query_params`."""


@dataclass(frozen=True)
class Headers:
    """`request.headers`, and `request.META` read by its HTTP_ names."""

    meta: bool = False


@dataclass(frozen=True)
class View:
    """The view, `self` in its methods."""


@dataclass(frozen=True)
class SerializerSelf:
    """`self` inside a serializer's method."""

    name: str


@dataclass(frozen=True)
class PermissionSelf:
    """`self` inside a permission class."""

    name: str


@dataclass(frozen=True)
class Context:
    """`self.context` of a serializer."""


@dataclass(frozen=True)
class Kwargs:
    """`self.kwargs` of a view."""


@dataclass(frozen=True)
class Error:
    """A caught or handled exception of the class at `path`."""

    path: str = "Exception"


@dataclass(frozen=True)
class FilterSelf:
    """`self` inside a filter set's method."""


@dataclass(frozen=True)
class Symbol:
    """An imported or defined name that is not a value yet: its dotted path."""

    path: str


@dataclass(frozen=True)
class Rows:
    """An evaluated list of instances; `extras` are what they have beside their columns."""

    model: str
    extras: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ListOf:
    """A list of values of one type that is not plain, such as the objects of a nested serializer."""

    item: Type


@dataclass(frozen=True)
class ItemsOf:
    """`attrs.items()` of validated data."""

    attrs: Attrs


@dataclass(frozen=True)
class KeyOf:
    """A key of validated data in a loop over it."""

    attrs: Attrs


@dataclass(frozen=True)
class DictOf:
    """A dictionary whose values are of one type that is not plain, such as rows by their key."""

    value: Type


@dataclass(frozen=True)
class TupleOf:
    """A tuple that holds rows or the like; the type of each of its values."""

    items: tuple[Type, ...]


@dataclass(frozen=True)
class ClassSelf:
    """`self` inside a class that keeps its form: an authenticator, a renderer."""

    name: str


@dataclass(frozen=True)
class Unknown:
    """Nothing is known; `reason` says why."""

    reason: str = "its type is not known"


Type: TypeAlias = (
    Plain
    | Constant
    | Instance
    | Query
    | Condition
    | Manager
    | ModelClass
    | Serializer
    | Saved
    | Shown
    | SerializerClass
    | Incoming
    | ValidData
    | UnsavedData
    | Checked
    | SuccessHeaders
    | Attrs
    | Request
    | QueryParams
    | Headers
    | View
    | SerializerSelf
    | PermissionSelf
    | Context
    | Kwargs
    | Response
    | Error
    | FilterSelf
    | RowState
    | Symbol
    | Rows
    | ListOf
    | ItemsOf
    | KeyOf
    | DictOf
    | TupleOf
    | ClassSelf
    | RequestData
    | VisitorSession
    | Given
    | OwnContext
    | PageOf
    | PaginatorMade
    | PaginatorSelf
    | PageData
    | FilterSetMade
    | Surrounding
    | Effect
    | Token
    | Unknown
)
