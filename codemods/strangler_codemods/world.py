"""The facts, indexed for rules, and what a dotted path of the legacy project stands for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, cast

import libcst as cst

from strangler.facts import Facts, Model, ModelField, Receiver, release

from . import key_columns
from .effects import celery_types, effect_of
from .names import attribute_name, class_names, snake
from .observed import Observed
from .operation import Operation, Typed, code_of, parse
from .overrides import Overrides
from .project_names import constant
from .pure import is_pure
from .pure_names import pure_symbol
from .reachable import without
from .refusal import Reason, RefusalError
from .rule import Registry
from .schema_names import schema_places
from .sources import Sources
from .types import (
    Attrs,
    Instance,
    ModelClass,
    Plain,
    SerializerClass,
    Symbol,
    Type,
)
from .value_types import RANGES, python_type
from .writability import write_obstacle

if TYPE_CHECKING:
    from .body import Body, CallHelper
    from .model_members import Member


@dataclass
class World:
    """What all rules share during one conversion."""

    facts: Facts
    sources: Sources
    registry: Registry
    taken: frozenset[str] = frozenset()  # names that no model's class may have
    #: Names of functions that mean something else in a module which needs them.
    apart: frozenset[str] = frozenset()
    #: Bodies that a person ported.
    overrides: Overrides = field(default_factory=Overrides)
    observed: Observed = field(default_factory=Observed)
    call_helper: CallHelper | None = None
    #: Types of what the project's views put into contexts of serializers, by key.
    told_by_views: Callable[[], dict[str, Type]] | None = None
    manager_function: Callable[[str, str], tuple[str, str]] | None = None
    manager_base: Callable[[Body, str, str], Typed] | None = None
    call_queryset: Callable[[Operation, str, Typed], Typed] | None = None
    project_error: Callable[[Body, str], Typed | None] | None = None
    links: set[str] = field(default_factory=set)
    resolves: bool = False  # clients name rows by addresses: paths are looked up
    #: Settings of the project's own that some body reads, with their values.
    constants: dict[str, object] = field(default_factory=dict)
    read_constants: dict[str, str] = field(default_factory=dict)
    #: Why endpoints cannot use rows of a model, by label; its table is in the new app all the same.
    refused: dict[str, Reason] = field(default_factory=dict)
    #: Why endpoints cannot use a column of a model's rows, by label and name.
    refused_columns: dict[tuple[str, str], Reason] = field(default_factory=dict)
    #: Why new rows of a model cannot be made: a default without a rule.
    unmade: dict[str, str] = field(default_factory=dict)
    #: Models with a default that asks the database: only what has a session can make their rows.
    asking: set[str] = field(default_factory=set)
    #: Models and names of file columns that requests write.
    uploads: set[tuple[str, str]] = field(default_factory=set)
    #: What queries compute for rows of a model: name and types, by label.
    computed: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    #: Why the user model is not in the new app; None where it is.
    user_problem: Reason | None = None
    model_member: Callable[[str, str], Member | None] | None = None
    #: The same of a method, given the types of its arguments, which may ask the database.
    model_method: Callable[..., Member | None] | None = None
    call_member: Callable[[Operation, str], tuple[Member, list[str]] | None] | None = None
    #: Serializers whose `validate` returns another dictionary than the attributes.
    reshaped: set[str] = field(default_factory=set)
    #: Serializers that leave out fields by what is asked.
    choosing: set[str] = field(default_factory=set)
    #: What `validate` of a serializer leaves in the attributes, where that is known.
    validated: dict[str, Attrs] = field(default_factory=dict)
    #: What serializers keep on themselves while they validate: types by attribute.
    kept: dict[str, dict[str, Type]] = field(default_factory=dict)
    #: Name, type and presence of a value of a serializer's validated data; None where unknown.
    valid_value: Callable[[str, str], tuple[str | None, Type, bool] | None] | None = None
    #: Whether the exception handler asks what the rows of a view are called.
    shows_names: bool = False
    #: Authenticators that give the request another session than the cookie's.
    own_backend: Callable[[str], tuple[str, str]] | None = None
    session_givers: set[str] = field(default_factory=set)
    #: Whether something in the new app issues SimpleJWT's tokens, or checks them itself.
    issues_tokens: bool = False
    #: The same of drf-jwt's tokens.
    issues_web_tokens: bool = False
    keeps_sessions: bool = False  # a body logs users in or out, or keeps something there
    reads_headers: bool = False
    #: What permissions read of views, by view: names and texts of values.
    view_attributes: dict[str, dict[str, str]] = field(default_factory=dict)
    #: Module and class of the read schema of a serializer over rows of a model.
    read_schema: Callable[[str, str | None], tuple[str, str]] | None = None
    #: Raises RefusalError where a serializer's list class shows (or takes: `written`) lists otherwise.
    require_lists: Callable[..., None] | None = None
    carry_override: Callable[[str, str], None] | None = None
    #: Writes the function of `SET(function)`; raises RefusalError where it has no rule.
    carry_replacement: Callable[[ModelField], tuple[str, str]] | None = None
    #: What a field class of the project makes of stored values; None where it makes none of its own.
    own_kind: Callable[[ModelField], Plain | None] | None = None
    own_kinds: dict[tuple[str, str, bool], Plain | None] = field(default_factory=dict)
    carry_receiver: Callable[[Receiver], None] | None = None
    #: Makes an object of a project's plain class; None where the path names no such class.
    make_service: Callable[[Operation], Typed | None] | None = None
    #: Lets a file column store uploads: label, name, place; raises RefusalError where it cannot.
    store_uploads: Callable[[str, str, str], None] | None = None
    #: What `full_clean` asks of rows of a model: module and name of a constant.
    row_rules: Callable[[str], tuple[str, str]] | None = None

    #: Adds a definition to a module of the new app: module, docstring, name, text, imports, order.
    define: Callable[..., str] | None = None

    @cached_property
    def tasks(self) -> dict[str, Type]:
        """What stands for Celery's tasks and for its application, by dotted path."""
        return celery_types(self.facts)

    @cached_property
    def vendor(self) -> str:
        """The kind of the default database in Django's word, "mysql" for MariaDB."""
        default = self.facts.databases.get("default")
        return "" if default is None else default.vendor

    @cached_property
    def has_time_zones(self) -> bool:
        """Whether the database knows zones by name; MariaDB does once its tables are filled."""
        default = self.facts.databases.get("default")
        return default is None or default.server is None or default.server.time_zones

    @cached_property
    def models(self) -> dict[str, Model]:
        """Models by label, `catalog.Product`."""
        return {model.name: model for model in self.facts.models}

    @cached_property
    def model_paths(self) -> dict[str, str]:
        """Labels by the dotted path of the class."""
        return {model.path: model.name for model in self.facts.models}

    @cached_property
    def model_names(self) -> dict[str, str]:
        """Class names in the new app by label."""
        return class_names(self.facts, self.taken)

    @cached_property
    def serializer_names(self) -> frozenset[str]:
        """Dotted paths of the serializer classes."""
        return frozenset(serializer.name for serializer in self.facts.serializers)

    @cached_property
    def paginator_names(self) -> frozenset[str]:
        """Dotted paths of the pagination classes."""
        return frozenset(paginator.name for paginator in self.facts.paginators)

    @cached_property
    def filterset_names(self) -> frozenset[str]:
        """Dotted paths of the project's FilterSets."""
        return frozenset(each.name for each in self.facts.filtersets if each.package is None)

    @cached_property
    def schema_places(self) -> dict[str, tuple[str, str]]:
        """Module of the schemas of every serializer, and their name without `Read` or `Write`."""
        return schema_places(self)

    @cached_property
    def drf_version(self) -> tuple[int, ...]:
        """The legacy project's DRF: (3, 18); of none, the newest."""
        return release(self.facts.legacy.drf or "3.18")

    @cached_property
    def user_label(self) -> str:
        """The label of AUTH_USER_MODEL."""
        wanted = str(self.facts.settings.get("AUTH_USER_MODEL") or "auth.User").lower()
        return next((m for m in self.models if m.lower() == wanted), "auth.User")

    @cached_property
    def enums(self) -> dict[str, tuple[str, str]]:
        """New module and name of every choices class, by its dotted path."""
        found: dict[str, tuple[str, str]] = {}
        taken = {self.model_place(label) for label in self.models}
        for model in self.facts.models:
            for column in model.fields:
                if column.choices_enum and column.choices_enum not in found:
                    module, name = self._enum_place(model, column.choices_enum)
                    while (module, name) in taken:
                        name = f"{self.model_names[model.name]}{name}"
                    taken.add((module, name))
                    found[column.choices_enum] = (module, name)
        return found

    @cached_property
    def enum_members(self) -> frozenset[tuple[str, str]]:
        """Dotted path and member name of every member of every choices class."""
        columns = [column for model in self.facts.models for column in model.fields]
        return frozenset((c.choices_enum or "", n) for c in columns for n, _ in c.choices_members)

    def _enum_place(self, model: Model, path: str) -> tuple[str, str]:
        owner, _, name = path.rpartition(".")
        owner_label = self.model_paths.get(owner)
        if owner_label is not None:
            app = owner_label.partition(".")[0]
            return f"app.{app}.models", f"{self.model_names[owner_label]}{name}"
        return f"app.{model.name.partition('.')[0]}.models", name

    def refuse_rows(
        self, reasons: dict[str, Reason], columns: dict[tuple[str, str], Reason]
    ) -> None:
        """From now on, rows of these models are out of reach, also by relations of others.

        So are these columns of the others; their rows are read without them, and not saved.
        """
        self.refused, self.refused_columns = reasons, columns
        for (label, _), reason in columns.items():
            self.unmade.setdefault(label, reason.message)
        self.models = {label: without(self, model, reasons) for label, model in self.models.items()}

    @contextmanager
    def all_rows(self) -> Iterator[None]:
        """Within it, models have all of their relations: to write the classes."""
        reachable, refused = self.models, self.refused_columns
        self.models, self.refused_columns = {model.name: model for model in self.facts.models}, {}
        try:
            yield
        finally:
            self.models, self.refused_columns = reachable, refused

    def model_symbol(self, label: str) -> tuple[str, str]:
        """New module and class name of a model, for code that uses its rows.

        Raises:
            RefusalError: they stay on legacy.
        """
        reason = self.refused.get(label)
        if reason is not None:
            raise RefusalError(reason.code, reason.message, reason.source)
        return self.model_place(label)

    def model_place(self, label: str) -> tuple[str, str]:
        """New module and class name of a model, whoever uses its rows."""
        return f"app.{label.partition('.')[0]}.models", self.model_names[label]

    @cached_property
    def _stands_for(self) -> dict[str, str]:
        """What each proxy was made from, by label."""
        return {m.name: m.proxy_for for m in self.facts.models if m.proxy and m.proxy_for}

    def concrete(self, label: str) -> str:
        """The model that a proxy stands for in the end; any other model itself."""
        while label in self._stands_for:
            label = self._stands_for[label]
        return label

    def ancestors(self, label: str) -> list[str]:
        """The models above a model, nearest first: what a proxy stands for, parents with tables."""
        found: list[str] = []
        for parent in self.models[label].parents if label in self.models else ():
            found += [one for one in (parent, *self.ancestors(parent)) if one not in found]
        return found

    def table_owner(self, label: str) -> str:
        """The model whose class has the table of `label`: a proxy's own model, a managed twin."""
        model = self.models.get(self.concrete(label))
        return label if model is None else self.table_owners.get(model.db_table, model.name)

    @cached_property
    def children(self) -> dict[str, list[Model]]:
        """The models that extend a model or are its proxies, by its label."""
        found: dict[str, list[Model]] = {}
        for model in self.facts.models:
            for parent in model.parents:
                found.setdefault(parent, []).append(model)
        return found

    @cached_property
    def table_owners(self) -> dict[str, str]:
        """Label of the model that is written for a table: a managed one, or the first."""
        found: dict[str, Model] = {}
        for model in self.facts.models:
            if model.proxy or model.swapped or model.database != "default":
                continue
            known = found.get(model.db_table)
            if known is None or (model.managed and not known.managed):
                found[model.db_table] = model
        return {table: model.name for table, model in found.items()}

    def order_symbol(self, label: str) -> tuple[str, str] | None:
        """New module and name of a model's default ordering; None when it has none."""
        if not self.models[label].ordering:
            return None
        module, name = self.model_place(label)
        return module, f"{snake(name).upper()}_ORDER"

    def field_named(self, label: str, name: str) -> tuple[Model, ModelField] | None:
        """The field called `name` or `name_id`, own or of a multi-table parent, and its model.

        Raises:
            RefusalError: its values stay on legacy, or `pk` is a key of several columns.
        """
        model = self.models.get(label)
        if model is None:
            return None
        if name == "pk" and len(model.pk_columns) > 1:
            text = f"the key of {label} has several columns, which have no rule here"
            raise RefusalError("M113", text, model.source or "")
        for column in (*model.fields, *model.many_to_many):
            if name in (column.name, column.attname):
                reason = self.refused_columns.get((self.concrete(label), column.name))
                if reason is not None:
                    raise RefusalError(reason.code, reason.message, reason.source)
                return model, column
            if name == "pk" and column.primary_key:
                return model, column
        for parent in model.parents:
            found = self.field_named(parent, name)
            if found is not None:
                return found
        return None

    def attribute_type(self, label: str, name: str) -> Type | None:
        """The type of `instance.name` for columns and forward relations; None for all else."""
        if name == "pk" and (fields := self.key_fields(label)):
            return key_columns.tuple_type(self, fields)
        found = self.field_named(label, name)
        if found is None:
            return None
        column = found[1]
        if column.relation is None:
            return self.column_type(column)
        if name == "pk" or (name == column.attname and column.attname != column.name):
            return self.key_type(column)
        if column.relation.kind == "many_to_many":
            return None
        return Instance(column.relation.model, optional=column.null)

    def read_type(self, label: str, name: str) -> Type | None:
        """The same, where code reads the value: ranges are other objects in Django."""
        found = self.field_named(label, name) if name != "pk" else None
        if found is not None and found[1].internal_type in RANGES:
            raise RefusalError("B104", f"`{name}` holds ranges, which have no rule in code")
        return self.attribute_type(label, name)

    def column_type(self, column: ModelField) -> Type:
        """The type of a column's values."""
        own = self.own_kind(column) if self.own_kind is not None and column.overrides else None
        if own is not None:
            return own
        if column.internal_type == "ArrayField" and column.base_field is not None:
            member = self.column_type(column.base_field)
            optional = " | None" if column.base_field.null else ""
            return Plain(f"list[{member.name if isinstance(member, Plain) else 'Any'}{optional}]")
        return Plain(python_type(column.internal_type) or "Any")

    def key_type(self, column: ModelField) -> Type:
        """The type of a foreign key's own column."""
        relation = column.relation
        assert relation is not None
        target = self.field_named(relation.model, relation.to_field or "pk")
        if target is None:
            return Plain()
        if target[1].relation is not None:
            return self.key_type(target[1])
        return self.column_type(target[1])

    def compute(self, body: Body, label: str, name: str, annotation: str) -> None:
        """Note that rows of a model may carry a computed value, which its class then declares."""
        model = self.models[label]
        if name in model.methods or any(r.accessor == name for r in model.reverse):
            body.refuse("Q104", f"`{name}` is computed, and {label} has something of that name")
        self.computed.setdefault(label, {}).setdefault(name, set()).add(annotation)

    def app_of(self, path: str) -> str | None:
        """Label of the Django app that a dotted path lies in, the deepest one."""
        found = [a for a in self.facts.apps if path == a.module or path.startswith(f"{a.module}.")]
        return max(found, key=lambda a: len(a.module)).label if found else None

    def require_writable(
        self, body: Body, label: str, node: cst.CSTNode | None, kind: str = "save"
    ) -> None:
        """Refuse where writing a row of `label` would skip code of the project."""
        reason = write_obstacle(self, label, kind)
        if reason is not None:
            body.refuse("Q113", reason, node)

    @cached_property
    def queryset_classes(self) -> frozenset[str]:
        """Dotted paths of the project's QuerySet classes that managers give."""
        managers = [m for model in self.facts.models for m in model.managers]
        return frozenset(m.queryset.path for m in managers if m.queryset and not m.queryset.package)

    def queryset_method(self, label: str, name: str) -> str | None:
        """Dotted path of a project method of the model's managers or QuerySet classes."""
        for manager in self.models[label].managers:
            for ref in (manager.queryset, manager.cls):
                if ref is None or ref.package is not None:
                    continue
                for path in self.class_and_bases(ref.path):
                    if self.sources.function(f"{path}.{name}") is not None:
                        return f"{path}.{name}"
        return None

    def class_and_bases(self, path: str) -> list[str]:
        """A project class and its project bases, as written, depth first."""
        found = self.sources.class_node(path)
        if found is None:
            return []
        node, module = found
        result = [path]
        for base in node.bases:
            resolved = self.sources.resolve(module, code_of(base.value))
            if resolved is not None:
                result.extend(self.class_and_bases(resolved))
        return result

    key_fields = key_columns.key_fields
    primary_keys = key_columns.primary_keys

    def primary_key(self, label: str) -> str:
        """The mapped attribute of a model's primary key.

        Raises:
            RefusalError: it has several columns.
        """
        found = self.field_named(label, "pk")
        return self.attribute(found[1].attname) if found else "id"

    def through_ends(self, column: ModelField) -> tuple[str, str] | None:
        """The two keys of a many-to-many's through table: to the declaring model, to the target."""
        relation = column.relation
        model = self.models.get((relation.through or "") if relation else "")
        if model is None or relation is None:
            return None
        keys = [c for c in model.fields if c.relation is not None]
        if relation.through_fields:
            by_name = {c.name: c for c in keys}
            pair = [by_name[n] for n in relation.through_fields[:2] if n in by_name]
        else:
            pair = keys[:2]
            targets = [k.relation.model for k in pair if k.relation is not None]
            if (
                len(targets) == 2 and targets[0] == relation.model != targets[1]
            ):  # a link has two ends
                pair.reverse()
        if len(pair) != 2:  # a link has two ends
            return None
        return self.attribute(pair[0].attname), self.attribute(pair[1].attname)

    def attribute(self, name: str) -> str:
        """The attribute of the mapped class for a Django attribute."""
        return attribute_name(name)

    def _error(self, body: Body, path: str) -> Typed | None:
        """An exception class of the project; None for what is none."""
        if self.project_error is None or path in self.paginator_names | self.filterset_names:
            return None
        return self.project_error(body, path)

    def symbol(self, body: Body, path: str, node: cst.BaseExpression) -> Typed:
        """What a dotted path means as an expression of the new module."""
        rewrite = self.registry.find("symbol", None, path)
        if rewrite is None and "." in path:
            rewrite = self.registry.find("symbol", None, f"{path.rpartition('.')[0]}.*")
        if rewrite is not None:
            return cast("Typed", rewrite(Operation(node, body, path)))
        if (effect := effect_of(self, path)) is not None:
            return Typed(node, effect)
        if path in self.model_paths:
            label = self.model_paths[path]
            return Typed(parse(body.model(label)), ModelClass(label))
        if path in self.serializer_names:
            return Typed(node, SerializerClass(path))
        if path in self.enums:
            module, name = self.enums[path]
            return Typed(parse(body.use(module, name)), Symbol(path))
        owner, _, member = path.rpartition(".")
        if (owner, member) in self.enum_members:
            module, name = self.enums[owner]
            return Typed(parse(f"{body.use(module, name)}.{member}"), Plain("str"))
        if is_pure(path):
            return pure_symbol(body, path, node)
        return self._error(body, path) or constant(body, path) or Typed(node, Symbol(path))
