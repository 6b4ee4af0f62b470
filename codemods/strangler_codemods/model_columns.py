"""One Django column as one `mapped_column`."""

from __future__ import annotations

from dataclasses import dataclass

from strangler.facts import Model, ModelField, Relation, Value

from .body import Import
from .refusal import RefusalError
from .world import World, python_type

_COLUMNS = "app.compat.columns"
_CLOCK = "app.compat.clock"
_MODULES = {
    "date": "datetime", "datetime": "datetime", "time": "datetime", "timedelta": "datetime",
    "UUID": "uuid", "Decimal": "decimal", "Any": "typing",
}  # fmt: skip
_PLAIN = {
    "IntegerField": "Integer", "SmallIntegerField": "SmallInteger", "BigIntegerField": "BigInteger",
    "TextField": "Text", "BooleanField": "Boolean",
    "NullBooleanField": "Boolean", "FloatField": "Double", "DateField": "Date", "BinaryField": "LargeBinary",
    "AutoField": "Integer", "BigAutoField": "BigInteger", "SmallAutoField": "SmallInteger", "UUIDField": "Uuid",
}  # fmt: skip
_OWN = {
    "DateTimeField": "DjangoDateTime", "TimeField": "DjangoTime", "DurationField": "DjangoInterval",
    "JSONField": "DjangoJSON", "GenericIPAddressField": "DjangoInet", "IPAddressField": "DjangoInet",
    "PositiveIntegerField": "PositiveInteger", "PositiveSmallIntegerField": "PositiveSmallInteger",
    "PositiveBigIntegerField": "PositiveBigInteger",
}  # fmt: skip
_STRINGS = frozenset(
    [
        "CharField",
        "SlugField",
        "EmailField",
        "URLField",
        "FileField",
        "ImageField",
        "FilePathField",
        "CommaSeparatedIntegerField",
    ]
)
_ON_DELETE = frozenset(
    ["CASCADE", "PROTECT", "RESTRICT", "SET", "SET_DEFAULT", "SET_NULL", "DO_NOTHING"]
)
_AUTO = frozenset({"AutoField", "BigAutoField", "SmallAutoField"})


@dataclass
class Columns:
    """Writes the columns of one model."""

    world: World
    model: Model
    clashes: frozenset[str]
    imports: set[Import]
    type_imports: set[Import]

    def use(self, module: str, name: str) -> str:
        """Import a name into the model's module."""
        self.imports.add((module, name))
        return name

    def column(self, column: ModelField) -> str:
        """`name: Mapped[T] = mapped_column(...)`."""
        self.use("sqlalchemy.orm", "Mapped")
        self.use("sqlalchemy.orm", "mapped_column")
        attribute = self.world.attribute(column.attname)
        options = []
        if attribute != column.column:
            options.append(f'"{column.column}"')
        options.append(self.sql_type(column))
        options.extend(self._keys(column))
        options.extend(self._defaults(column))
        optional = " | None" if column.null else ""
        return (
            f"{attribute}: Mapped[{self.annotation(column)}{optional}] = "
            f"mapped_column({', '.join(options)})"
        )

    def annotation(self, column: ModelField) -> str:
        """The Python type of the column, under another name where a column hides it."""
        target = self.target(column)
        name = python_type(target.internal_type)
        if name is None:
            raise RefusalError(
                "M105", f"the field class `{target.cls}` has no rule", column.source or ""
            )
        if name in _MODULES:
            if name in self.clashes:
                self.use(_MODULES[name], f"{name} as {name}_")
                return f"{name}_"
            self.use(_MODULES[name], name)
        return name

    def target(self, column: ModelField) -> ModelField:
        """The column itself, or the one that a foreign key points to in the end."""
        while column.relation is not None:
            found = self.world.field_named(column.relation.model, column.relation.to_field or "pk")
            if found is None:
                raise RefusalError("M107", f"`{column.name}` points nowhere", column.source or "")
            column = found[1]
        return column

    def sql_type(self, column: ModelField) -> str:
        """The SQLAlchemy type."""
        target = self.target(column)
        kind = target.internal_type
        if kind in _STRINGS:
            length = target.max_length
            return f"{self.use('sqlalchemy', 'String')}({length or ''})"
        if kind == "DecimalField":
            self.use(_COLUMNS, "DjangoDecimal")
            return f"DjangoDecimal({target.max_digits}, {target.decimal_places})"
        if kind in _OWN:
            return self.use(_COLUMNS, _OWN[kind])
        if kind in _AUTO and column is target:
            if kind == "AutoField":
                return self.use("sqlalchemy", "Integer")
            return self.use(
                _COLUMNS, "BigAutoInteger" if kind == "BigAutoField" else "SmallAutoInteger"
            )
        return self.use("sqlalchemy", _PLAIN[kind])

    def _keys(self, column: ModelField) -> list[str]:
        options = []
        relation = column.relation
        if relation is not None and relation.db_constraint:
            options.append(self._foreign_key(column))
        if column.primary_key:
            if column.internal_type in _AUTO:
                self.use("sqlalchemy", "Identity")
                options.append("Identity()")
            options.append("primary_key=True")
            if column.internal_type not in _AUTO:
                options.append("autoincrement=False")
        if relation is not None:
            options.append(f'info={{"on_delete": {self._on_delete(column, relation)}}}')
        return options

    def _on_delete(self, column: ModelField, relation: Relation) -> str:
        """What happens to the row with the row that it points to."""
        name = relation.on_delete or "CASCADE"
        value = relation.on_delete_value
        place = column.source or ""
        if name not in _ON_DELETE or (name == "SET" and value.kind not in ("none", "literal")):
            raise RefusalError("M110", f"`on_delete` of `{column.name}` has no rule", place)
        self.use("app.compat.relations", name)
        return f"SET({value.value!r})" if name == "SET" else name

    def _foreign_key(self, column: ModelField) -> str:
        self.use("sqlalchemy", "ForeignKey")
        found = next(
            (k for k in self.model.table_schema.foreign_keys if k.column == column.column), None
        )
        relation = column.relation
        assert relation is not None
        target = self.world.models[relation.model]
        to = self.world.field_named(relation.model, relation.to_field or "pk")
        place = f'"{target.db_table}.{to[1].column if to else "id"}"'
        if found is None:
            return f"ForeignKey({place})"
        name = f'name="{found.name}", ' if found.name else ""
        return f'ForeignKey({place}, {name}deferrable=True, initially="DEFERRED")'

    def _defaults(self, column: ModelField) -> list[str]:
        if column.auto_now or column.auto_now_add:
            clock = {"DateField": "auto_today", "TimeField": "auto_time"}.get(
                column.internal_type, "auto_now"
            )
            self.use(_CLOCK, clock)
            options = [f"default={clock}"]
            return [*options, f"onupdate={clock}"] if column.auto_now else options
        text = self._default(column, column.default) if column.default is not None else None
        if text is None and column.internal_type in ("FileField", "ImageField"):
            text = '""'  # a file field without a file is empty text, NULL or not
        return [f"default={text}"] if text is not None else []

    def _default(self, column: ModelField, value: Value) -> str | None:
        if value.kind == "none":
            return None
        if value.kind == "literal":
            return self._literal(column, value)
        path = value.path or ""
        if path == "decimal.Decimal":
            return f'{self.use("decimal", "Decimal")}("{value.value}")'
        known = {
            "django.utils.timezone.now": (_CLOCK, "now"), "uuid.uuid4": ("uuid", "uuid4"),
            "builtins.dict": ("", "dict"), "builtins.list": ("", "list"),
        }.get(path)  # fmt: skip
        if known is None:
            raise RefusalError("M109", f"the default `{path}` has no rule", column.source or "")
        return self.use(*known) if known[0] else known[1]

    def _literal(self, column: ModelField, value: Value) -> str:
        owner = (value.path or "").rpartition(".")[0]
        if owner in self.world.enums:
            module, name = self.world.enums[owner]
            self.imports.add((module, name))
            return f"{name}.{(value.path or '').rpartition('.')[2]}"
        return repr(value.value)
