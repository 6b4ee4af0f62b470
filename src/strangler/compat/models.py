"""The parent of all models: Django's habits of construction, assignment, saving and deleting."""

from collections.abc import Callable, Collection
from typing import Any, ClassVar

from sqlalchemy import Column, Join, LargeBinary, String, Table, and_, event, inspect, select
from sqlalchemy.orm import DeclarativeBase, Mapper, RelationshipDirection, Session, foreign
from sqlalchemy.sql.elements import ColumnElement

from . import deleting, saving
from .caching import per_class
from .clock import STAMPS
from .columns import OwnText
from .errors import MultipleObjectsReturned, ObjectDoesNotExist
from .keys import PrimaryKey, has_key
from .levels import own_table
from .relations import GenericRelation, concrete


class Base(DeclarativeBase):
    """A model.

    `Product(name=…, category=category)` has every default at once, and a foreign key follows
    its object. `save` and `delete` may be overridden; everything here calls the override.
    """

    # what reading one row raises; each model has its own two
    DoesNotExist: ClassVar[type[ObjectDoesNotExist]] = ObjectDoesNotExist
    MultipleObjectsReturned: ClassVar[type[MultipleObjectsReturned]] = MultipleObjectsReturned
    # "catalog.Product": Django's name, if it is not `<package of models.py>.<class name>`
    __label__: ClassVar[str]
    # a table between two others that no model declares: no signal tells of its rows
    __auto_created__: ClassVar[bool] = False
    # collected with the row when it is deleted; see `collector.GenericRelation`
    __generic__: ClassVar[tuple[GenericRelation, ...]] = ()
    # parents beside the one that the class extends: the column that leads to their rows, the class
    __beside__: ClassVar[tuple[tuple[str, type["Base"]], ...]] = ()
    # the value of the primary key; None, or a tuple with None in it, when the object has none yet
    pk: ClassVar[PrimaryKey] = PrimaryKey()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for error in (ObjectDoesNotExist, MultipleObjectsReturned):
            name = error.__name__.removeprefix("Object")
            above = tuple(vars(one)[name] for one in cls.__bases__ if name in vars(one))
            setattr(cls, name, type(name, above or (error,), {"__module__": cls.__module__}))
        table = cls.__dict__.get("__table__")
        table = own_table(inspect(cls)) if isinstance(table, Join) else table
        if table is not None and any(column.identity for column in table.primary_key):
            table.dialect_options["sqlite"]["autoincrement"] = True

    @classmethod
    def __table_cls__(cls, *arguments: Any, **options: Any) -> Table | Join:
        """The table of the class, and those of its parents beside the first joined to it."""
        table: Any = Table(*arguments, **options)
        found = table
        for link, other in cls.__dict__.get("__beside__", ()):
            if issubclass(cls, other):
                continue
            theirs = own_table(inspect(other))
            (key,) = theirs.primary_key.columns
            found = found.join(theirs, table.c[link] == key)
        return found  # type: ignore[no-any-return]

    def __init__(self, /, **values: Any) -> None:
        for key, make in _defaults(type(self)):
            if key not in values:
                setattr(self, key, make())
        unknown = [key for key in values if not hasattr(type(self), key)]
        if unknown:
            names = ", ".join(f"'{key}'" for key in unknown)
            raise TypeError(f"{type(self).__name__}() got unexpected keyword arguments: {names}")
        for key, value in values.items():
            setattr(self, key, value)

    @classmethod
    def django_label(cls) -> str:
        """Django's `app_label.ModelName`."""
        own = cls.__dict__.get("__label__")
        if own is not None:
            return str(own)
        parts = cls.__module__.split(".")
        return f"{parts[-2] if len(parts) > 1 else parts[0]}.{cls.__name__}"

    def save(
        self,
        session: Session,
        *,
        update_fields: Collection[str] | None = None,
        force_insert: bool = False,
        force_update: bool = False,
    ) -> None:
        """Write all columns, or `update_fields`, and send `pre_save` and `post_save`."""
        saving.save_row(
            session,
            self,
            update_fields=update_fields,
            force_insert=force_insert,
            force_update=force_update,
        )

    def delete(self, session: Session) -> tuple[int, dict[str, int]]:
        """Delete the row and what hangs on it: the number of rows, and the number per model."""
        return deleting.delete_object(session, self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Base):
            return NotImplemented
        if concrete(type(self)) is not concrete(type(other)):
            return False
        return self is other if self.pk is None else bool(self.pk == other.pk)

    def __hash__(self) -> int:
        return hash(self.pk) if has_key(self) else id(self)


def joined(one: str, other: str) -> Callable[[], Join]:
    """The tables of two columns, "table.column", joined where these are equal; for `secondary`."""

    def join() -> Join:
        places = [place.rpartition(".") for place in (one, other)]
        here, there = (Base.metadata.tables[table].c[column] for table, _, column in places)
        return here.table.join(there.table, here == there)

    return join


def linking(
    own: str, link: str, content_type: str = "", model: str = ""
) -> Callable[[], ColumnElement[bool]]:
    """Rows of the column `own` and of the table between that name them in `link`.

    content_type, model: where `link` may name a row of any model, the column that says of which,
    and Django's name of the model; columns are "table.column".
    """

    def condition() -> ColumnElement[bool]:
        tables = Base.metadata.tables
        places = [place.rpartition(".") for place in (own, link, content_type) if place]
        columns = [tables[table].c[name] for table, _, name in places]
        found = columns[0] == foreign(columns[1])
        if not content_type:
            return found
        kinds, (label, _, name) = tables["django_content_type"], model.partition(".")
        kind = select(kinds.c.id).where(kinds.c.app_label == label, kinds.c.model == name)
        return and_(found, columns[2] == kind.scalar_subquery())

    return condition


@per_class
def _defaults(model: type[Base]) -> tuple[tuple[str, Callable[[], Any]], ...]:
    found = []
    for prop in inspect(model).column_attrs:
        column = prop.columns[0]
        make = _default(column) if isinstance(column, Column) else None
        if make is not None:
            found.append((prop.key, make))
    return tuple(found)


def _default(column: Column[Any]) -> Callable[[], Any] | None:
    """What a new object holds in this column; None for None, as SQLAlchemy has it anyway."""
    default: Any = column.default
    if default is not None and default.is_scalar:
        value = default.arg
        return lambda: value
    if default is not None and default.is_callable:
        if default.arg in STAMPS:
            return None
        call = default.arg
        return lambda: call(None)
    if default is not None or column.nullable or column.server_default or column.foreign_keys:
        return None
    if column.info.get("starts_none"):  # its field says `default=None`
        return None
    # Django starts text and bytes off empty, so that a value left out is no error.
    if isinstance(column.type, LargeBinary):
        return bytes
    return str if isinstance(column.type, String | OwnText) else None


@event.listens_for(Base, "mapper_configured", propagate=True)
def _follow_foreign_keys(mapper: Mapper[Any], model: type[Any]) -> None:
    """Keep `category` and `category_id` of one object in step, whichever is assigned."""
    for relation in mapper.relationships:
        if relation.direction is not RelationshipDirection.MANYTOONE:
            continue
        if mapper.inherits is not None and relation.key in mapper.inherits.relationships:
            continue
        for column, target in relation.local_remote_pairs:
            key = mapper.get_property_by_column(column).key
            name = relation.mapper.get_property_by_column(target).key
            event.listen(
                getattr(model, relation.key), "set", _copies_key(key, name), propagate=True
            )
            event.listen(getattr(model, key), "set", _forgets(relation.key, name), propagate=True)


def _copies_key(key: str, target: str) -> Callable[..., None]:
    def on_set(instance: Any, value: Any, *_: object) -> None:
        setattr(instance, key, None if value is None else getattr(value, target))

    return on_set


def _forgets(relation: str, target: str) -> Callable[..., None]:
    def on_set(instance: Any, value: Any, *_: object) -> None:
        state = inspect(instance)
        loaded = state.dict.get(relation)
        if (
            relation in state.dict
            and (None if loaded is None else getattr(loaded, target)) != value
        ):
            state.dict.pop(relation)
            state.committed_state.pop(relation, None)

    return on_set
