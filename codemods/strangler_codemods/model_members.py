"""Properties and methods of models that converted code reads: carried into the mapped class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from strangler.facts import Model, ModelField

from .annotations import annotation_of, widened
from .body import Body, Import, Owner
from .functions import finish_value, rewrite_function
from .operation import code_of
from .refusal import RefusalError
from .types import Instance, Plain, Type, Unknown, join
from .world import World

_USER_METHODS = {
    "get_full_name": 'return f"{self.first_name} {self.last_name}".strip()',
    "get_short_name": "return self.first_name",
    "get_username": "return self.{username}",
    "__str__": "return self.{username}",
}


@dataclass(frozen=True)
class Member:
    """A property or method of a mapped class; `returns` is the type of what it gives."""

    text: str
    returns: Type
    is_property: bool
    imports: frozenset[Import]


@dataclass
class Members:
    """Converts members of models on demand and remembers them for `models.py`."""

    world: World
    done: dict[tuple[str, str], Member | RefusalError] = field(default_factory=dict)

    def install(self) -> None:
        """Let rules and schemas ask for members."""
        self.world.model_member = self.member

    def of(self, label: str) -> list[Member]:
        """What was asked of a model, in the order of names."""
        found = [(name, m) for (model, name), m in self.done.items() if model == label]
        return [m for _, m in sorted(found, key=lambda pair: pair[0]) if isinstance(m, Member)]

    def member(self, label: str, name: str) -> Member | None:
        """The converted member `name` of a model; None when the model has no such thing.

        Raises:
            RefusalError: an operation of it has no rule.
        """
        owner = self._owner(label, name)
        if owner is None:
            return None
        key = (owner.name, name)
        if key not in self.done:
            recursive = RefusalError("B145", f"`{name}` of {label} reads itself")
            self.done[key] = recursive
            try:
                self.done[key] = self._convert(owner, name)
            except RefusalError as refusal:
                self.done[key] = refusal
        known = self.done[key]
        if isinstance(known, RefusalError):
            raise known
        return known

    def _owner(self, label: str, name: str) -> Model | None:
        """The model that has the member, the parents of multi-table models included."""
        model = self.world.models[label]
        for parent in model.parents:
            found = self._owner(parent, name)
            if found is not None:
                return found
        known = name in model.methods or self._display(model, name) is not None
        is_user = label == self.world.user_label and name in _USER_METHODS
        return model if known or is_user else None

    def _display(self, model: Model, name: str) -> ModelField | None:
        if not (name.startswith("get_") and name.endswith("_display")):
            return None
        wanted = name.removeprefix("get_").removesuffix("_display")
        return next((f for f in model.fields if f.name == wanted and f.choices), None)

    def _convert(self, model: Model, name: str) -> Member:
        column = self._display(model, name)
        ref = model.methods.get(name)
        if ref is None and column is not None:
            return self._choices(column, name)
        if ref is None or ref.package is not None:
            return self._of_user(model, name)
        source = self.world.sources.function(ref.path)
        if source is None:
            raise RefusalError("B120", f"`{ref.path}` has no source", ref.source or "")
        params = source.node.params.params
        decorators = [code_of(d.decorator) for d in source.node.decorators]
        if decorators not in ([], ["property"]) or len(params) != 1:
            raise RefusalError(
                "B149", f"`{ref.path}` takes arguments or is decorated", source.source
            )
        body = Body(self.world, source.module, Owner("function", ref.path), colour="sync")
        env: dict[str, Type] = {params[0].name.value: Instance(model.name)}
        try:
            rewritten = rewrite_function(source, body, env, finish_value)
        except RefusalError as refusal:
            reason = refusal.reason(source.source)
            raise RefusalError(reason.code, reason.message, reason.source) from None
        if body.parameters:
            raise RefusalError("B150", f"`{ref.path}` runs a query", source.source)
        returns = self._returns(rewritten.returns, source.source)
        imports: set[Import] = set(rewritten.imports)
        head = f"def {name}(self) -> {annotation_of(self.world, returns, imports)}"
        text = rewritten.text(head, ["@property"] if decorators else [])
        if body.definitions:
            raise RefusalError(
                "B151", f"`{ref.path}` reads a constant of its module", source.source
            )
        return Member(text, returns, bool(decorators), frozenset(imports))

    def _returns(self, found: Sequence[object], place: str) -> Type:
        kinds = [widened(getattr(t, "type", Plain("None"))) for t in found]
        kind: Type = kinds[0] if kinds else Plain("None")
        for other in kinds[1:]:
            kind = join(kind, other)
        if isinstance(kind, Unknown):
            raise RefusalError("B147", f"what it returns: {kind.reason}", place)
        return kind

    def _choices(self, column: ModelField, name: str) -> Member:
        """`get_status_display`: the label of a choice, the value itself when it is none."""
        pairs = dict(column.choices or ())
        attribute = f"self.{self.world.attribute(column.attname)}"
        text = f"def {name}(self) -> Any:\n    return {pairs!r}.get({attribute}, {attribute})\n"
        return Member(text, Plain(), False, frozenset({("typing", "Any")}))

    def _of_user(self, model: Model, name: str) -> Member:
        """What Django's abstract users offer."""
        needed = {"get_full_name": ("first_name", "last_name"), "get_short_name": ("first_name",)}
        names = {f.name for f in model.fields}
        username = self._username(model)
        if model.name != self.world.user_label or not names >= set(needed.get(name, (username,))):
            raise RefusalError("B120", f"`{name}` of {model.name} has no rule", model.source or "")
        line = _USER_METHODS[name].replace("{username}", username)
        text = f"def {name}(self) -> str:\n    {line}\n"
        return Member(text, Plain("str"), False, frozenset())

    def _username(self, model: Model) -> str:
        value = model.attributes.get("USERNAME_FIELD")
        return str(value.value) if value is not None and value.value else "username"


def read_member(world: World, label: str, name: str) -> Member | None:
    """A member that a serializer may read by its name."""
    return world.model_member(label, name) if world.model_member is not None else None


def indented(text: str) -> str:
    """A function's text inside a class."""
    lines = text.strip("\n").split("\n")
    return "\n".join(f"    {line}" if line.strip() else "" for line in lines)
