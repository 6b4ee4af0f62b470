"""Serializer fields on the way out: what each becomes in a read schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from strangler.facts import Serializer, SerializerField

from .counted_fields import counts_rows
from .field_kinds import FILE_KINDS, check_shown, check_storage, drf_kind, kind_of_column
from .field_text import FieldText, Nested
from .model_defaults import written_value
from .model_members import shown_member
from .model_order import shown_order
from .own_fields import OwnFields, is_own
from .polymorphic import is_its_manager
from .read_kinds import KINDS
from .refusal import RefusalError
from .types import Instance, Plain, Type
from .world import World

_OUT = "app.compat.outputs"
_SCHEMAS = "app.compat.schemas"


@dataclass
class ReadFields:
    """Turns instantiated fields into annotations; `nested` names the read schema of a serializer."""

    world: World
    nested: Nested
    own: OwnFields
    #: What a query computes for the rows, and its type.
    extras: Mapping[str, str]

    def field(self, serializer: Serializer, label: str | None, item: SerializerField) -> FieldText:
        """The annotation of one readable field.

        Raises:
            RefusalError: the field has no rule.
        """
        place = item.line or serializer.source or ""
        if item.serializer is not None:
            return self._nested(item, label, place)
        if is_own(item):
            return self._from_own(label, item, place)
        kind = drf_kind(item, place)
        if kind == "SerializerMethodField" or counts_rows(self.world, label, item):
            found = FieldText("Any", imports={("typing", "Any"), (_OUT, "Method")})
            return found.with_metadata(f'Method("{item.method_name or "get_" + item.name}")')
        if (address := self._file_address(kind, item, label, place)) is not None:
            return address
        text = self._by_kind(kind, item, label, place)
        self._check_source(kind, item, label, place)
        extra = self._is_extra(label, item)
        if label is not None and (self._may_be_null(label, item.source) or extra):
            text = text.optional()
        lacking = "." in item.source or (label is not None and self._may_lack(label, item.source))
        lacking = lacking or extra or (label is None and item.source != "*")
        if label is None and item.allow_null:
            text = text.optional()
        if item.source != item.name:
            text = self._from(text, item)
        return self._fallback(text, item, place) if lacking else text

    def _file_address(
        self, kind: str, item: SerializerField, label: str | None, place: str
    ) -> FieldText | None:
        """What `source="owner.image.url"` shows; None where the source is something else."""
        *parts, last = item.source.split(".")
        if label is None or last != "url" or not parts or kind not in _TEXTUAL:
            return None
        owner = self.target(label, ".".join(parts[:-1]), place) if len(parts) > 1 else label
        found = self.world.field_named(owner or label, parts[-1])
        if found is None or found[1].internal_type not in FILE_KINDS or not item.read_only:
            return None
        media_url = str(self.world.facts.settings.get("MEDIA_URL") or "")
        check_storage(item.name, found[1], media_url, place)
        text = FieldText("str", imports={(_OUT, "FileAddress")}).with_metadata("FileAddress()")
        if item.default is None and item.allow_null:
            text = text.optional()
        text = self._from(text, item.model_copy(update={"source": ".".join(parts)}))
        return self._fallback(text, item, place)

    def _is_extra(self, label: str | None, item: SerializerField) -> bool:
        """Whether only rows of a query that computes it have what the field shows; DRF skips it elsewhere."""
        if label is None or item.on_model or "." in item.source or item.source == "*":
            return False
        return item.source in self.extras or item.read_only

    def _may_lack(self, label: str, name: str, seen: frozenset[str] = frozenset()) -> bool:
        """Whether reading a member of the model may be an AttributeError, which DRF takes for absence."""
        methods = self.world.models[label].methods
        if name in seen or name not in methods:
            return False
        member = shown_member(self.world, label, name)
        if member is None or "known(" in member.text:
            return member is not None
        others = [other for other in methods if f"self.{other}" in member.text]
        return any(self._may_lack(label, other, seen | {name}) for other in others)

    def _from_own(self, label: str | None, item: SerializerField, place: str) -> FieldText:
        """What a field class of the project shows."""
        if label is None or item.source == "*":
            raise RefusalError("S101", f"the field class `{item.cls}` has no rule here", place)
        parts = item.source.split(".")
        owner = self.target(label, ".".join(parts[:-1]), place) if len(parts) > 1 else label
        kind = self.world.attribute_type(owner or label, parts[-1])
        if kind is None or item.default is not None:
            raise RefusalError("S105", f"`{item.source}` is no column or relation", place)
        shown = replace(kind, optional=False) if isinstance(kind, Instance) else kind
        text = self.own_text(item, shown, place)
        return text if item.source == item.name else self._from(text, item)

    def own_text(self, item: SerializerField, kind: Type, place: str) -> FieldText:
        """The annotation of values that a function of the project writes."""
        function = self.own.shown(item, kind, place)
        text = FieldText("Any", imports={("typing", "Any"), (_OUT, "Shows"), function})
        return text.with_metadata(f"Shows({function[1]})")

    def _fallback(self, text: FieldText, item: SerializerField, place: str) -> FieldText:
        """What DRF shows where a relation on the way is empty."""
        if item.default is None and item.allow_null:
            text.default = "None"
        elif item.default is not None or not item.required:
            text.imports.add((_SCHEMAS, "UNSET"))
            text.default = "UNSET"
        if item.default is None:
            return text
        text.imports.add(("app.compat.plans", "Default"))
        written = written_value(item.default)
        if written is not None:
            text.imports |= {(written[0], written[1])} - {("", "bytes")}
            return text.with_metadata(f"Default({written[2]})")
        if item.default.kind not in ("literal", "none"):
            raise RefusalError("S113", f"the default of `{item.name}` has no rule", place)
        return text.with_metadata(f"Default({item.default.value!r})")

    def _from(self, text: FieldText, item: SerializerField) -> FieldText:
        text.imports.add(("app.compat.plans", "From"))
        return text.with_metadata(f'From("{item.source}")')

    def _nested(self, item: SerializerField, label: str | None, place: str) -> FieldText:
        assert item.serializer is not None
        target = self.target(label, item.source, place)
        if label is None and not item.read_only and self._of_rows(item.serializer):
            problem = f"`{item.name}` shows what was sent, by a serializer of rows"
            raise RefusalError("S105", problem, place)
        if item.many:
            self._check_rows(target, item, place)
        if item.many and self.world.require_lists is not None:
            self.world.require_lists(item.serializer)
        module, name = self.nested(item.serializer, target)
        text = FieldText(f"list[{name}]" if item.many else name, imports={(module, name)})
        if label is not None and not item.many and self._may_be_null(label, item.source):
            text = text.optional()
        if label is None and item.allow_null:
            text = text.optional()
        if item.source != item.name:
            text = self._from(text, item)
        lacking = "." in item.source or (label is None and item.source != "*")
        return self._fallback(text, item, place) if lacking else text

    def _of_rows(self, name: str) -> bool:
        """Whether a serializer says of which model its rows are."""
        return any(s.model is not None for s in self.world.facts.serializers if s.name == name)

    def _may_be_null(self, label: str, source: str) -> bool:
        """Whether rows may show null: an empty column, or a row on the way that does not exist."""
        for name in source.split("."):
            found = self.world.field_named(label, name)
            if found is not None and found[1].relation is None:
                return found[1].null
            many = found is not None and found[1] in found[0].many_to_many
            if found is not None and found[1].null and not many and source.endswith(name):
                return True
            reverse = next(
                (r for r in self.world.models[label].reverse if r.accessor == name), None
            )
            if found is None and reverse is not None and reverse.one_to_one:
                return True
            step = self._step(label, name)
            if step is None:
                return False
            label = step
        return False

    def _check_rows(self, label: str | None, item: SerializerField, place: str) -> None:
        """A related manager shows the rows of the default manager, in the default order."""
        model = self.world.models.get(label or "")
        if model is None:
            return
        managers = [m for m in model.managers if m.default and not is_its_manager(m)]
        if any(m.filtering for m in managers):
            text = f"`{item.name}` shows what a manager of {model.name} leaves"
            raise RefusalError("S117", text, place)
        if shown_order(self.world, model.name) is None:
            text = f"`{item.name}` has the default order of {model.name}, which has no rule"
            raise RefusalError("S117", text, place)

    def target(self, label: str | None, source: str, place: str) -> str | None:
        """The model that a dotted source ends at."""
        if label is None:
            return None
        for name in source.split("."):
            step = self._step(label, name)
            if step is None:
                raise RefusalError("S102", f"`{source}` is no relation of {label}", place)
            label = step
        return label

    def _step(self, label: str, name: str) -> str | None:
        found = self.world.field_named(label, name)
        if found is not None and found[1].relation is not None:
            return found[1].relation.model
        for reverse in self.world.models[label].reverse:
            if reverse.accessor == name:
                return reverse.model
        return None

    def _is_key(self, label: str, name: str) -> bool:
        """Whether a name is the column of a relation, not the relation."""
        found = self.world.field_named(label, name)
        return found is not None and name == found[1].attname != found[1].name

    def _by_kind(
        self, kind: str, item: SerializerField, label: str | None, place: str
    ) -> FieldText:
        handler = KINDS.get(kind)
        if handler is None:
            raise RefusalError("S103", f"fields of the kind `{kind}` have no rule", place)
        return handler(self, item, label, place)

    def _check_source(
        self, kind: str, item: SerializerField, label: str | None, place: str
    ) -> None:
        """Every attribute on the way is a column or a relation, or the field stays on legacy."""
        if item.source == "*":
            if kind == "HyperlinkedIdentityField":
                return  # the address of the row itself
            raise RefusalError("S104", f'`{item.name}` reads the whole row (`source="*"`)', place)
        if label is None:
            return
        current = label
        parts = item.source.split(".")
        for index, name in enumerate(parts):
            target = self._step(current, name)
            if target is not None and kind == "ManyRelatedField":
                self._check_rows(target, item, place)
            last = index == len(parts) - 1
            if target is not None and not (last and self._is_key(current, name)):
                current = target
                continue
            if last and self._check_value(kind, item, current, name, place):
                return
            raise RefusalError(
                "S105", f"`{item.source}` of {label} is no column or relation", place
            )
        if kind not in _OF_RELATION:
            raise RefusalError("S105", f"`{item.source}` is a relation shown as a value", place)

    def _check_value(
        self, kind: str, item: SerializerField, label: str, name: str, place: str
    ) -> bool:
        """Whether `name` is a column or a property; refuses a kind that cannot show it."""
        held = self.world.attribute_type(label, name)
        if self._is_extra(label, item):
            check_shown(kind, item, self.extras.get(name, "Any"), place)
            return True
        if isinstance(held, Plain):
            found = self.world.field_named(label, name)
            assert found is not None
            check_shown(kind, item, kind_of_column(found[1], held), place)
            if kind in FILE_KINDS:
                media_url = str(self.world.facts.settings.get("MEDIA_URL") or "")
                check_storage(item.name, found[1], media_url, place)
            return True
        member = shown_member(self.world, label, name)
        if member is not None:
            text = member.returns.name if isinstance(member.returns, Plain) else "row"
            check_shown(kind, item, text, place)
        return member is not None


#: Kinds that show a text as it is.
_TEXTUAL = frozenset({"ReadOnlyField", "CharField", "URLField"})
_OF_RELATION = frozenset(
    [
        "PrimaryKeyRelatedField",
        "ManyRelatedField",
        "SlugRelatedField",
        "StringRelatedField",
        "HyperlinkedRelatedField",
        "HyperlinkedIdentityField",
    ]
)
