"""One Django column as one `mapped_column`."""

from __future__ import annotations

from dataclasses import dataclass

from strangler.facts import Model, ModelField, Relation, Value

from .annotations import annotation_of
from .body import Import
from .field_classes import text_functions
from .model_defaults import (
    default_function,
    known_callable,
    replacement_function,
    written_value,
)
from .model_tables import outside_parentheses, sql_text
from .model_types import AUTO, annotation, sql_type
from .modules import Tree
from .names import quoted
from .own_values import converts, is_text
from .refusal import Reason, RefusalError
from .saving_fields import HOOK, saving_function
from .uploads import upload_text
from .world import World
from .writability import plain_on_delete

_CLOCK = "app.compat.clock"
_FILES = ("FileField", "ImageField")


@dataclass
class Columns:
    """Writes the columns of one model."""

    world: World
    model: Model
    clashes: frozenset[str]
    imports: set[Import]
    type_imports: set[Import]
    tree: Tree
    unkept: dict[tuple[str, str], Reason]  # defaults without a rule are added

    def use(self, module: str, name: str) -> str:
        """Import a name into the model's module, under another one where a column hides it."""
        if name in self.clashes:
            self.imports.add((module, f"{name} as {name}_"))
            return f"{name}_"
        if module != "builtins":
            self.imports.add((module, name))
        return name

    def column(self, column: ModelField) -> str:
        """`name: Mapped[T] = mapped_column(...)`."""
        mapped = self.use("sqlalchemy.orm", "Mapped")
        function = self.use("sqlalchemy.orm", "mapped_column")
        attribute = self.world.attribute(column.attname)
        target = self.target(column)
        options = []
        if attribute != column.column:
            options.append(quoted(column.column or ""))
        options.append(self._type(column, target))
        options.extend(self._checks(column))
        info: dict[str, str] = {}
        options.extend(self._keys(column, info))
        options.extend(self._of_database(column))
        options.extend(self._defaults(column, info))
        if info:
            pairs = ", ".join(f'"{key}": {text}' for key, text in info.items())
            options.append(f"info={{{pairs}}}")
        return f"{attribute}: {mapped}[{self._kind(column)}] = {function}({', '.join(options)})"

    def of_parent(self, column: ModelField, name: str) -> str:
        """A column of the class `name`, whose table is joined to this one."""
        mapped = self.use("sqlalchemy.orm", "Mapped")
        function = self.use("sqlalchemy.orm", "column_property")
        place = f"{name}.__table__.c[{quoted(column.column or '')}]"
        attribute = self.world.attribute(column.attname)
        return f"{attribute}: {mapped}[{self._kind(column)}] = {function}({place})"

    def _kind(self, column: ModelField) -> str:
        """The Python type of the column in a row."""
        empty = column.null or column.generated is not None
        return f"{self._values(self.target(column))}{' | None' if empty else ''}"

    def _values(self, target: ModelField) -> str:
        """The Python type of the values."""
        own = self.world.own_kind(target) if self.world.own_kind and converts(target) else None
        if own is None:
            return annotation(target, self.use)
        found: set[Import] = set()
        text = annotation_of(self.world, own, found)
        for module, name in sorted(found):
            text = text.replace(name, self.use(module, name))
        return text

    def _type(self, column: ModelField, target: ModelField) -> str:
        """The column's type, with what its field class makes of the values."""
        text = sql_type(target, self.use, key=column is not target, vendor=self.world.vendor)
        if not converts(target):
            return text
        try:
            found = text_functions(self.world, self.tree, target)
        except RefusalError:  # then the table is here, and its rows are Django's
            return text
        if not found:  # `to_python` alone, which only forms ask
            return text
        text = text if text.endswith(")") else f"{text}()"
        given = "".join(f", {name}={self.use(*place)}" for name, place in found.items())
        nulls = "" if target.null else ", nulls=False"
        kind = "OwnText" if is_text(target) else "OwnValue"
        return f"{self.use('app.compat.columns', kind)}({text}{given}{nulls})"

    def target(self, column: ModelField) -> ModelField:
        """The column itself, or the one that a foreign key points to in the end."""
        while column.relation is not None:
            found = self.world.field_named(column.relation.model, column.relation.to_field or "pk")
            if found is None:
                raise RefusalError("M107", f"`{column.name}` points nowhere", column.source or "")
            column = found[1]
        return column

    def _of_database(self, column: ModelField) -> list[str]:
        """What the database itself does with a column, in the words of the schema editor."""
        options = []
        if column.generated is not None and column.generated.sql is not None:
            kind = f"{sql_text(column.generated.sql)!r}, persisted={column.generated.stored}"
            options.append(f"{self.use('sqlalchemy', 'Computed')}({kind})")
        if column.db_default is not None:
            text = f"{self.use('sqlalchemy', 'text')}({sql_text(self._default_sql(column.db_default))!r})"
            options.append(f"server_default={text}")
        if column.comment:
            options.append(f"comment={quoted(column.comment)}")
        return options

    def _checks(self, column: ModelField) -> list[str]:
        """Checks within the column, where the database tells them from those of the table."""
        if self.world.vendor != "mysql":
            return []
        found = [c for c in self.model.table_schema.checks if c.column == column.column]
        function = self.use("sqlalchemy", "CheckConstraint") if found else ""
        return [f"{function}({sql_text(check.sql)!r})" for check in found]

    def _default_sql(self, sql: str) -> str:
        """A default as the database shows it: SQLite drops the parentheses around it."""
        inside = outside_parentheses(sql)
        # SQLAlchemy adds parentheses only to what does not begin with one
        return inside if self.world.vendor == "sqlite" and not inside.startswith("(") else sql

    def _keys(self, column: ModelField, info: dict[str, str]) -> list[str]:
        options = []
        relation = column.relation
        if relation is not None and relation.db_constraint and not self._is_unread(relation.model):
            options.append(self._foreign_key(column))
        if column.primary_key:
            automatic = relation is None and column.internal_type in AUTO
            if automatic:
                options.append(f"{self.use('sqlalchemy', 'Identity')}()")
            options.append("primary_key=True")
            if not automatic:
                options.append("autoincrement=False")
        if column.generated is not None and column.generated.renewed_by:
            names = sorted(self.world.attribute(name) for name in column.generated.renewed_by)
            info["renewed_by"] = f"{{{', '.join(map(quoted, names))}}}"
        if relation is not None:
            info["on_delete"] = self._on_delete(column, relation)
        if (self.model.name, column.name) in self.world.uploads:
            self.use("app.compat.uploads", "Upload")
            text, function = upload_text(self.world, self.tree, self.model, column)
            if function[0]:
                self.use(*function)
            info["pre_save"] = text
        if HOOK in column.overrides:
            self._hook(column, info)
        return options

    def _hook(self, column: ModelField, info: dict[str, str]) -> None:
        """The function of its field class; where that has no rule, no row is saved here."""
        try:
            found = saving_function(self.world, self.tree, self.model, column)
        except RefusalError:
            return
        info["saved"] = self.use(*found)

    def _is_unread(self, label: str) -> bool:
        """Whether the table of a model is not in the new app, since a column is not known."""
        owner = self.world.models.get(self.world.table_owner(label))
        return owner is not None and bool(owner.unread)

    def _on_delete(self, column: ModelField, relation: Relation) -> str:
        """The constant of `compat.relations`; what has no rule keeps deletes on legacy."""
        places = "app.compat.relations"
        kind, value = relation.on_delete, relation.on_delete_value
        if kind == "SET" and value.kind == "callable":
            try:
                function = replacement_function(self.world, self.tree, column)
            except RefusalError:
                return self.use(places, "DO_NOTHING")
            return f"{self.use(places, 'SET')}({self.use(*function)})"
        if not plain_on_delete(relation):
            return self.use(places, "DO_NOTHING")
        name = self.use(places, kind or "CASCADE")
        return f"{name}({value.value!r})" if kind == "SET" else name

    def _foreign_key(self, column: ModelField) -> str:
        function = self.use("sqlalchemy", "ForeignKey")
        found = next(
            (k for k in self.model.table_schema.foreign_keys if k.column == column.column), None
        )
        relation = column.relation
        assert relation is not None
        target = self.world.models[self.world.table_owner(relation.model)]
        to = self.world.field_named(relation.model, relation.to_field or "pk")
        place = quoted(f"{target.db_table}.{to[1].column if to else 'id'}")
        if found is None:
            return f"{function}({place})"
        name = f", name={quoted(found.name)}" if found.name else ""
        deferred = ', deferrable=True, initially="DEFERRED"' if found.deferrable else ""
        return f"{function}({place}{name}{deferred})"

    def _defaults(self, column: ModelField, info: dict[str, str]) -> list[str]:
        if column.auto_now or column.auto_now_add:
            clock = {"DateField": "auto_today", "TimeField": "auto_time"}.get(
                column.internal_type, "auto_now"
            )
            clock = self.use(_CLOCK, clock)
            options = [f"default={clock}"]
            return [*options, f"onupdate={clock}"] if column.auto_now else options
        value = column.default
        if value is None and "get_default" in column.overrides:
            value = Value(kind="none")
        text = self._default(column, value, info) if value is not None else None
        said_none = value is not None and text is None and column.relation is None
        if said_none and not column.null and column.internal_type not in _FILES:
            if "asked" not in info:
                info["starts_none"] = "True"  # else a text starts off empty
            return []
        if text is None and column.internal_type in _FILES:
            text = '""'  # a file field without a file is empty text, NULL or not
        return [f"default={text}"] if text is not None else []

    def _default(self, column: ModelField, value: Value, info: dict[str, str]) -> str | None:
        try:
            return self._known_default(column, value, info)
        except RefusalError as refusal:
            self.world.unmade.setdefault(self.model.name, refusal.message)
            self.unkept[self.model.name, column.name] = refusal.reason(column.source or "")
            return None

    def _known_default(self, column: ModelField, value: Value, info: dict[str, str]) -> str | None:
        if "get_default" in column.overrides:
            text = f"the field class `{column.cls}` overrides `get_default`"
            raise RefusalError("M109", text, column.source or "")
        if column.settled is not None:
            value = column.settled
        if value.kind == "none":
            return None
        if value.kind == "literal":
            return self._literal(column, value)
        known = known_callable(value)
        if known is not None:
            module, (name, *rest) = known[0], known[1].split(".")
            return ".".join([self.use(module, name), *rest]) if module else name
        written = written_value(value)
        if written is not None:
            module, name, text = written
            return text.replace(name, self.use(module, name), 1) if module else text
        path = value.path or ""
        if value.kind != "callable":
            raise RefusalError("M109", f"the default `{path}` has no rule", column.source or "")
        function, asks = default_function(self.world, self.tree, path, column.source or "")
        if not asks:
            return self.use(*function)
        self._require_askable(column, path)
        info["asked"] = self.use(*function)
        self.world.asking.add(self.model.name)
        return None

    def _require_askable(self, column: ModelField, path: str) -> None:
        """Refuse a default that asks the database where more than a new row needs it."""
        relation = column.relation
        key = self.world.field_named(relation.model, "pk") if relation is not None else None
        own = key is None or relation is None or relation.to_field == key[1].attname
        if column.primary_key or not own:
            text = f"the default `{path}` asks the database"
            raise RefusalError("M109", text, column.source or "")

    def _literal(self, column: ModelField, value: Value) -> str:
        owner = (value.path or "").rpartition(".")[0]
        if owner in self.world.enums:
            module, name = self.world.enums[owner]
            self.imports.add((module, name))
            return f"{name}.{(value.path or '').rpartition('.')[2]}"
        return repr(value.value)
