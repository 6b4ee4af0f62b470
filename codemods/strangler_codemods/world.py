"""The facts, indexed for rules, and what a dotted path of the legacy project stands for."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, cast

import libcst as cst

from strangler.facts import Facts, Model, ModelField

from .names import attribute_name, class_names, snake
from .operation import Operation, Typed, code_of, parse
from .rule import Registry
from .sources import Sources
from .types import Constant, Error, Instance, ModelClass, Plain, SerializerClass, Symbol, Type

if TYPE_CHECKING:
    from .body import Body, Owner
    from .model_members import Member

_IMPURE = frozenset(
    [
        "asyncio",
        "ctypes",
        "ftplib",
        "glob",
        "http",
        "importlib",
        "io",
        "multiprocessing",
        "os",
        "pathlib",
        "shutil",
        "signal",
        "smtplib",
        "socket",
        "sqlite3",
        "ssl",
        "subprocess",
        "sys",
        "tempfile",
        "threading",
        "urllib.request",
        "webbrowser",
    ]
)
_SIGNALS = {
    "save": ("pre_save", "post_save", "pre_init", "post_init"),
    "delete": ("pre_delete", "post_delete", "pre_init", "post_init"),
    "m2m": ("m2m_changed",),
}
_STAYING = frozenset({"PROTECT", "RESTRICT", "SET_NULL", "SET_DEFAULT", "SET", "DO_NOTHING"})
_OVERRIDES = {
    "save": ("save", "save_base", "__init__"),
    "delete": ("delete", "__init__"),
    "m2m": (),
}
_PYTHON_TYPES = {
    "AutoField": "int", "BigAutoField": "int", "SmallAutoField": "int", "IntegerField": "int",
    "BigIntegerField": "int", "SmallIntegerField": "int", "PositiveIntegerField": "int",
    "PositiveBigIntegerField": "int", "PositiveSmallIntegerField": "int", "CharField": "str",
    "TextField": "str", "SlugField": "str", "FileField": "str", "ImageField": "str",
    "FilePathField": "str", "EmailField": "str", "URLField": "str", "BooleanField": "bool",
    "NullBooleanField": "bool", "DecimalField": "Decimal", "FloatField": "float", "DateField": "date",
    "DateTimeField": "datetime", "TimeField": "time", "DurationField": "timedelta", "UUIDField": "UUID",
    "JSONField": "Any", "BinaryField": "bytes", "GenericIPAddressField": "str", "IPAddressField": "str",
    "CommaSeparatedIntegerField": "str",
}  # fmt: skip


def python_type(internal_type: str) -> str | None:
    """The Python type of a Django field's values, None for a field class without a rule."""
    return _PYTHON_TYPES.get(internal_type)


@dataclass
class World:
    """What all rules share during one conversion."""

    facts: Facts
    sources: Sources
    registry: Registry
    call_helper: Callable[[Operation, str, Owner | None], Typed] | None = None
    manager_function: Callable[[str, str], tuple[str, str]] | None = None
    manager_base: Callable[[Body, str, str], Typed] | None = None
    call_queryset: Callable[[Operation, str, Typed], Typed] | None = None
    project_error: Callable[[Body, str], Typed | None] | None = None
    links: set[str] = field(default_factory=set)
    model_member: Callable[[str, str], Member | None] | None = None

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
        return class_names(self.facts)

    @cached_property
    def serializer_names(self) -> frozenset[str]:
        """Dotted paths of the serializer classes."""
        return frozenset(serializer.name for serializer in self.facts.serializers)

    @cached_property
    def user_label(self) -> str:
        """The label of AUTH_USER_MODEL."""
        wanted = str(self.facts.settings.get("AUTH_USER_MODEL") or "auth.User").lower()
        return next((m for m in self.models if m.lower() == wanted), "auth.User")

    @cached_property
    def enums(self) -> dict[str, tuple[str, str]]:
        """New module and name of every choices class, by its dotted path."""
        found = {}
        for model in self.facts.models:
            for column in model.fields:
                if column.choices_enum and column.choices_enum not in found:
                    found[column.choices_enum] = self._enum_place(model, column.choices_enum)
        return found

    def enum_members(self, path: str) -> dict[object, str]:
        """Names of a choices class's members by value, in the order of the source."""
        found = self.sources.class_node(path)
        values = next(
            ([value for value, _ in column.choices or ()]
             for model in self.facts.models for column in model.fields
             if column.choices_enum == path), []
        )  # fmt: skip
        names = []
        for line in found[0].body.body if found is not None else ():
            small = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
            if isinstance(small, cst.Assign) and isinstance(small.targets[0].target, cst.Name):
                name = small.targets[0].target.value
                if not name.startswith("_"):
                    names.append(name)
        present = [value for value in values if value not in (None, "")]
        if len(names) != len(present):
            return {}
        return dict(zip(present, names, strict=True))

    def _enum_place(self, model: Model, path: str) -> tuple[str, str]:
        owner, _, name = path.rpartition(".")
        owner_label = self.model_paths.get(owner)
        if owner_label is not None:
            app = owner_label.partition(".")[0]
            return f"app.{app}.models", f"{self.model_names[owner_label]}{name}"
        return f"app.{model.name.partition('.')[0]}.models", name

    def model_symbol(self, label: str) -> tuple[str, str]:
        """New module and class name of a model."""
        return f"app.{label.partition('.')[0]}.models", self.model_names[label]

    def order_symbol(self, label: str) -> tuple[str, str] | None:
        """New module and name of a model's default ordering; None when it has none."""
        if not self.models[label].ordering:
            return None
        module, name = self.model_symbol(label)
        return module, f"{snake(name).upper()}_ORDER"

    def order_known(self, label: str) -> bool:
        """Whether the default ordering names own columns only, so that it can be written."""
        for entry in self.models[label].ordering:
            bare = entry.removeprefix("-") if isinstance(entry, str) else ""
            found = self.field_named(label, bare) if bare else None
            if found is None or (found[1].relation is not None and bare == found[1].name):
                return False
        return True

    def field_named(self, label: str, name: str) -> tuple[Model, ModelField] | None:
        """The field called `name` or `name_id`, own or of a multi-table parent, and its model."""
        model = self.models.get(label)
        if model is None:
            return None
        for column in (*model.fields, *model.many_to_many):
            if name in (column.name, column.attname):
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

    def column_type(self, column: ModelField) -> Type:
        """The type of a column's values."""
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

    def app_of(self, path: str) -> str | None:
        """Label of the Django app that a dotted path lies in, the deepest one."""
        found = [a for a in self.facts.apps if path == a.module or path.startswith(f"{a.module}.")]
        return max(found, key=lambda a: len(a.module)).label if found else None

    def require_writable(
        self, body: Body, label: str, node: cst.CSTNode | None, kind: str = "save"
    ) -> None:
        """Refuse where writing a row of `label` would skip code of the project."""
        reason = self.write_obstacle(label, kind)
        if reason is not None:
            body.refuse("Q113", reason, node)

    def write_obstacle(self, label: str, kind: str) -> str | None:
        """Why rows of a model cannot be saved, deleted or related (`m2m`) yet."""
        if kind == "delete":
            for target in self.cascades(label):
                reason = self._obstacle(target, kind, own=target == label)
                if reason is not None:
                    return reason
            return None
        return self._obstacle(label, kind, own=True)

    def _obstacle(self, label: str, kind: str, *, own: bool) -> str | None:
        model = self.models[label]
        for name in _OVERRIDES[kind] if own else ():
            ref = model.methods.get(name)
            if ref is not None:
                return f"{label} overrides `{name}` at {ref.source or ref.path}"
        for receiver in self.facts.receivers:
            if receiver.signal not in _SIGNALS[kind] or receiver.function.package == "django":
                continue
            if not receiver.senders or label in receiver.senders:
                place = receiver.function.source or receiver.function.path
                return f"{receiver.signal} of {label} is received at {place}"
        return None

    def cascades(self, label: str) -> list[str]:
        """The model and all whose rows go with one of its rows."""
        found, waiting = [label], [label]
        while waiting:
            current = waiting.pop()
            reached = [m.name for m in self.facts.models if self._goes_with(m, current)]
            for name in [*reached, *self.models[current].parents]:
                if name not in found:
                    found.append(name)
                    waiting.append(name)
        return found

    def _goes_with(self, model: Model, label: str) -> bool:
        """Whether rows of `model` are deleted with the rows of `label` that they point to."""
        relations = [c.relation for c in model.fields if c.relation is not None]
        cascading = [r.model for r in relations if r.on_delete not in _STAYING]
        return label in cascading or label in model.parents

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

    def primary_key(self, label: str) -> str:
        """The mapped attribute of a model's primary key."""
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

    def symbol(self, body: Body, path: str, node: cst.BaseExpression) -> Typed:
        """What a dotted path means as an expression of the new module."""
        rewrite = self.registry.find("symbol", None, path)
        if rewrite is None and "." in path:
            rewrite = self.registry.find("symbol", None, f"{path.rpartition('.')[0]}.*")
        if rewrite is not None:
            return cast("Typed", rewrite(Operation(node, body, path)))
        if path in self.model_paths:
            label = self.model_paths[path]
            return Typed(parse(body.model(label)), ModelClass(label))
        if path in self.serializer_names:
            return Typed(node, SerializerClass(path))
        if path in self.enums:
            module, name = self.enums[path]
            return Typed(parse(body.use(module, name)), Symbol(path))
        owner, _, member = path.rpartition(".")
        if owner in self.enums:
            module, name = self.enums[owner]
            return Typed(parse(f"{body.use(module, name)}.{member}"), Plain("str"))
        if self.is_pure(path):
            return self._pure(body, path, node)
        error = self.project_error(body, path) if self.project_error is not None else None
        if error is not None:
            return error
        constant = self._constant(body, path)
        return constant or Typed(node, Symbol(path))

    def is_pure(self, path: str) -> bool:
        """Whether a path lies in the part of the standard library that has no effects."""
        root = path.partition(".")[0]
        if root == "builtins":
            return True
        return root in sys.stdlib_module_names and root not in _IMPURE and path not in _IMPURE

    def _pure(self, body: Body, path: str, node: cst.BaseExpression) -> Typed:
        if isinstance(node, cst.Name):
            module, _, name = path.rpartition(".")
            if not module or path in sys.stdlib_module_names:
                body.use(path, "" if node.value == path else f"as {node.value}")
            else:
                body.use(module, name if node.value == name else f"{name} as {node.value}")
        return Typed(node, Symbol(path))

    def _constant(self, body: Body, path: str) -> Typed | None:
        """A module-level constant of the project, carried into the new module."""
        found = self.sources.split(path)
        if found is None or "." in found[1] or not found[1]:
            return None
        module, name = found
        value = module.constant(name)
        if value is None:
            return None
        import ast

        from .body import Body as _Body

        inner = _Body(self, module, body.owner)
        typed = inner.expr(parse(ast.unparse(value)))
        if inner.parameters or not isinstance(typed.type, Plain | Constant):
            return None
        body.imports |= inner.imports
        body.definitions[name] = f"{name} = {code_of(typed.node)}"
        return Typed(cst.Name(name), Plain())

    def _argument(self, operation: Operation, argument: cst.Arg) -> str:
        typed = operation.body.expr(argument.value)
        if argument.star or not isinstance(typed.type, Plain | Constant):
            operation.refuse("B110", "this argument of an exception has no rule")
        return typed.code

    def call_project(self, operation: Operation) -> Typed:
        """Call a function of the project, converted; refuse what cannot be."""
        path = operation.name
        error = self.project_error(operation.body, path) if self.project_error else None
        if error is not None:
            node = cast("cst.Call", operation.node)
            args = [f"{a.keyword.value}={self._argument(operation, a)}" if a.keyword
                    else self._argument(operation, a) for a in node.args]  # fmt: skip
            return Typed(parse(f"{error.code}({', '.join(args)})"), Error(path))
        if self.call_helper is not None and self.sources.function(path) is not None:
            return self.call_helper(operation, path, None)
        operation.refuse("B105", f"calling `{path}` has no rule")
