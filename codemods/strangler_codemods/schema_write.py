"""Serializer fields on the way in: what each becomes in a write schema."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from strangler.facts import Serializer, SerializerField

from .body import Import
from .field_kinds import check_given, drf_kind, kind_of_column
from .field_text import FieldText, Nested
from .field_validators import ValidatorFunction, beyond_own, expression
from .kept_values import reads_sent
from .languages import shown
from .model_defaults import written_value
from .modules import Tree
from .own_fields import OwnFields, is_own
from .refusal import RefusalError
from .row_limits import limit_of
from .sessions import passwords_problem
from .shown_rows import among
from .types import Instance
from .uploads import store_uploads
from .world import World
from .write_kinds import KINDS, MEMBERS, MODULES, Handled, own_value

# Defaults that are made anew for each request.
CURRENT_USER = "rest_framework.fields.CurrentUserDefault"
_EMPTY = {"builtins.dict": "{}", "builtins.list": "[]", "dict": "{}", "list": "[]"}
# What a serializer may be given where it is a field.
_ROWS = frozenset(
    {
        "PrimaryKeyRelatedField",
        "SlugRelatedField",
        "HyperlinkedRelatedField",
        "ManyRelatedField",
    }
)
_NESTED = frozenset(
    [
        *("child", "many", "required", "allow_null", "source", "write_only", "read_only", "label"),
        *("help_text", "allow_empty", "min_length", "max_length", "error_messages", "style"),
    ]
)
RowsFunction = Callable[[Serializer, SerializerField, str], Import]


@dataclass
class WriteFields:
    """Turns instantiated fields into annotations of a write schema."""

    world: World
    nested: Nested
    validator_function: ValidatorFunction
    rows_function: RowsFunction
    tree: Tree
    own: OwnFields
    current: tuple[Serializer, str] | None = None

    def field(self, serializer: Serializer, item: SerializerField) -> FieldText:
        """The annotation of one writable field.

        Raises:
            RefusalError: the field or one of its validators has no rule.
        """
        self.current = serializer, item.name
        place = item.line or serializer.source or ""
        if item.serializer is not None:
            return self._nested(item, item.serializer, place)
        kind = "own" if is_own(item) else drf_kind(item, place)
        if kind == "HiddenField":
            return self._hidden(item, place)
        base, name, arguments = self.handled(kind, item, place)
        self._check_column(serializer, kind, item, place)
        text = FieldText(base[0], imports={(MODULES[name], name), *base[1]})
        options = [*arguments, *self._common(item, kind, place, text.imports)]
        text = text.with_metadata(f"{name}({', '.join(options)})", *self._extra(item, place, text))
        if item.allow_null:
            text = text.optional()
        text.default = self._default(item, place, text)
        return text

    def _nested(self, item: SerializerField, serializer: str, place: str) -> FieldText:
        """A serializer in a serializer; saving what it gives is left to the outer one's own code."""
        unknown = set(item.arguments) - _NESTED
        if unknown or item.validators:
            said = f"an argument of the writable nested `{item.name}` has no rule"
            raise RefusalError("S110", said, place)
        if item.many and self.world.require_lists is not None:
            self.world.require_lists(serializer, written=True)
        module, name = self.nested(serializer, None)
        if reads_sent(self.world, serializer):
            raise RefusalError("B104", "`.initial_data` of a nested serializer has no rule", place)
        options = [
            f"{key}={item.options[key]!r}"
            for key, usual in (("allow_empty", True), ("min_length", None), ("max_length", None))
            if item.options.get(key, usual) != usual
        ]
        if item.allow_null:
            options.append("allow_null=True")
        if item.error_messages:
            options.append(f"messages={dict(item.error_messages)!r}")
        text = FieldText(f"list[{name}]" if item.many else name, imports={(module, name)})
        text.imports.add(("app.compat.nested", "Nested"))
        text = text.with_metadata(f"Nested({', '.join(options)})")
        if item.source != item.name:
            text.imports.add(("app.compat.plans", "From"))
            text = text.with_metadata(f'From("{item.source}")')
        if item.allow_null:
            text = text.optional()
        text.default = self._default(item, place, text)
        return text

    def handled(self, kind: str, item: SerializerField, place: str) -> Handled:
        """Annotation, field type and its own arguments."""
        handler = own_value if kind == "own" else KINDS.get(kind)
        if handler is None:
            raise RefusalError("S103", f"fields of the kind `{kind}` have no rule", place)
        return handler(self, item, place)

    def _check_column(
        self, serializer: Serializer, kind: str, item: SerializerField, place: str
    ) -> None:
        """What goes into a column must be of the column's type."""
        found = self.world.field_named(serializer.model or "", item.source)
        if found is None:
            return
        column = found[1]
        if kind == "own" and column.relation is None:
            text = f"`{item.name}` gives a column whatever `{item.cls}` makes of it"
            raise RefusalError("S109", text, place)
        if column.relation is None:
            held = kind_of_column(column, self.world.column_type(column))
            check_given(kind, item, column, held, place)
            return
        own = item if kind == "own" else item.child
        if own is not None and is_own(own):
            made = self.own.taken(own, place)[1]
            if not isinstance(made, Instance) or made.model != column.relation.model:
                raise RefusalError("S109", f"`{item.name}` gives another row", place)
            return
        given = item.queryset or (item.child.queryset if item.child else None)
        if given is None and item.source == column.attname != column.name:
            held = kind_of_column(column, self.world.key_type(column))
            check_given(kind, item, column, held, place)
            return
        if given is None or given.model != column.relation.model:
            text = f"`{item.name}` gives a {kind} to a relation to {column.relation.model}"
            raise RefusalError("S109", text, place)

    def _hidden(self, item: SerializerField, place: str) -> FieldText:
        """A field that clients do not send: the current user."""
        default = item.default
        if default is None or default.path != CURRENT_USER:
            raise RefusalError("S111", f"the hidden field `{item.name}` has no rule", place)
        module, name = self.world.model_symbol(self.world.user_label)
        imports: set[Import] = {
            (module, name), ("app.compat.plans", "Hidden"), ("app.compat.schemas", "UNSET"),
        }  # fmt: skip
        text = FieldText(name, "UNSET", imports)
        return text.with_metadata("Hidden(lambda context: context.user)")

    def require_upload(self, item: SerializerField, place: str) -> None:
        """Let the column of an upload store its files; refuse what is no column below MEDIA_URL."""
        assert self.current is not None
        label = self.current[0].model or ""
        if self.world.field_named(label, item.source) is None:
            raise RefusalError("S116", f"the upload `{item.name}` is no column", place)
        store_uploads(self.world, self.tree, label, item.source, place)

    def own_rows(self, item: SerializerField, place: str) -> Import:
        """The function that gives the rows which a relation may name, of a queryset of its own."""
        assert self.current is not None
        serializer, name = self.current
        return self.rows_function(serializer, item.model_copy(update={"name": name}), place)

    def is_limited(self) -> bool:
        """Whether the serializer says of the field, when it is made, which rows it takes."""
        assert self.current is not None
        serializer, name = self.current
        return limit_of(self.world, serializer, name) is not None

    def member(self, item: SerializerField, place: str, imports: set[Import]) -> str:
        """The type of what a list or a dictionary holds, as an expression."""
        kind = drf_kind(item, place)
        if kind not in MEMBERS:
            raise RefusalError("S103", f"lists of `{kind}` have no rule", place)
        base, name, arguments = self.handled(kind, item, place)
        imports |= {(MODULES[name], name), *base[1]}
        options = [*arguments, *self._common(item, kind, place, imports)]
        return f"{name}({', '.join(options)})"

    def _common(
        self, item: SerializerField, kind: str, place: str, imports: set[Import]
    ) -> list[str]:
        options = []
        if item.allow_null:
            options.append("allow_null=True")
        functions = []
        for validator in beyond_own(item, kind):
            if validator.package is None and kind in _ROWS:
                text = f"the validator `{validator.cls}` is given rows"
                raise RefusalError("S112", text, place)
            language, problem = partial(shown, self.world.facts), passwords_problem(self.world)
            known = expression(validator, self.validator_function, place, language, problem)
            imports.add(known[0])
            functions.append(known[1])
        if functions:
            options.append(f"validators=({', '.join(functions)},)")
        messages = dict(item.error_messages)
        if messages:
            options.append(f"messages={messages!r}")
        return options

    def _extra(self, item: SerializerField, place: str, text: FieldText) -> list[str]:
        """`Unique(...)` and `From(...)` metadata."""
        extra = []
        for validator in item.validators:
            if not validator.cls.endswith(".UniqueValidator"):
                continue
            model = validator.params.get("queryset")
            column = self.world.field_named(str(model), item.source)
            if column is None or validator.params.get("lookup", "exact") not in (
                "exact",
                "iexact",
                None,
            ):
                raise RefusalError("S112", f"uniqueness of `{item.name}` has no rule", place)
            module, name = self.world.model_symbol(str(model))
            text.imports |= {(module, name), ("app.compat.uniqueness", "Unique")}
            attribute = self.world.attribute(column[1].attname)
            message = validator.params.get("message")
            lookup = validator.params.get("lookup") or "exact"
            extra.append(
                f"Unique({name}.{attribute}, message={message!r}"
                + ("" if lookup == "exact" else f", lookup={lookup!r}")
                + "".join(f", {one}" for one in among(self.world, str(model), text.imports))
                + ")"
            )
        if item.source != item.name:
            text.imports.add(("app.compat.plans", "From"))
            extra.append(f'From("{item.source}")')
        return extra

    def _default(self, item: SerializerField, place: str, text: FieldText) -> str | None:
        if item.default is not None and item.default.kind in ("literal", "none"):
            return repr(item.default.value)
        if item.default is not None and item.default.path in _EMPTY:
            return _EMPTY[item.default.path]
        if item.default is not None:
            written = written_value(item.default)
            if written is not None:
                text.imports |= {(written[0], written[1])} - {("", "bytes")}
                return written[2]
            raise RefusalError("S113", f"the default of `{item.name}` has no rule", place)
        if item.required:
            return None
        text.imports.add(("app.compat.schemas", "UNSET"))
        return "UNSET"


def read_only_defaults(serializer: Serializer) -> list[FieldText]:
    """What validators of the whole see of fields that nobody sends."""
    texts = []
    for item in serializer.fields:
        if not item.read_only or item.default is None or "." in item.source or item.source == "*":
            continue
        if item.default.path == CURRENT_USER:
            texts.append(f'"{item.source}": lambda context: context.user')
        elif item.default.kind in ("literal", "none"):
            texts.append(f'"{item.source}": {item.default.value!r}')
        else:
            text = f"the default of `{item.name}` has no rule"
            raise RefusalError("S113", text, item.line or serializer.source or "")
    head = "read_only_defaults: ClassVar[Any] = "
    return [FieldText(f"{head}{{{', '.join(texts)}}}")] if texts else []
