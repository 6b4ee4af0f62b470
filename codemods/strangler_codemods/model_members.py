"""Properties and methods of models that converted code reads: carried into the mapped class."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import cast

import libcst as cst

from strangler.facts import Model, ModelField

from .annotations import annotation_of, widened
from .body import Body, Import, Owner, Parameter
from .functions import (
    Rewritten,
    finish_value,
    is_docstring,
    is_local,
    rewrite_function,
    with_imports,
)
from .lattice import join
from .model_overrides import (
    OVERRIDABLE,
    named_options,
    override_head,
    super_call,
    without_stars,
)
from .model_types import MODULES
from .operation import Operation, code_of
from .polymorphic import replaced_below
from .refusal import RefusalError
from .row_texts import has_usual_text, usual_text
from .sources import FunctionSource
from .types import Constant, Instance, Plain, Rows, Type, Unknown
from .world import World

Given = tuple[tuple[str, Type], ...]

_ATTRIBUTES = re.compile(r"\.(\w+)")

_USER_METHODS = {
    "get_full_name": 'return f"{self.first_name} {self.last_name}".strip()',
    "get_short_name": "return self.first_name",
    "get_username": "return self.{username}",
    "__str__": "return self.{username}",
}


@dataclass(frozen=True)
class Member:
    """A property or method of a mapped class; `returns` is the type of what it gives.

    `session`: its first parameter is one. `given` are the types of the other parameters.
    `loads`: reading a relation in it may ask the database. `writes`: it, or what it calls, saves.
    """

    text: str
    returns: Type
    is_property: bool
    imports: frozenset[Import]
    session: bool = False
    loads: bool = False
    given: Given = ()
    type_imports: frozenset[Import] = frozenset()
    writes: bool = False

    def awaited(self, body: Body, text: str) -> str:
        """`text`, which reads the member, where rows may be loaded; refuses where they may not."""
        if self.writes:
            body.queries.write(body)
        if not self.loads:
            return text
        if body.colour == "build":
            body.refuse("Q109", f"`{text}` would load a row inside async code")
        body.loads = True
        return (
            f"await {body.session()}.run_sync(lambda _: {text})" if body.colour == "async" else text
        )


@dataclass
class Members:
    """Converts members of models on demand and remembers them for `models.py`."""

    world: World
    done: dict[tuple[str, str], Member | RefusalError] = field(default_factory=dict)

    def install(self) -> None:
        """Let rules and schemas ask for members."""
        self.world.model_member = self.member
        self.world.model_method = self.method
        self.world.call_member = self.call
        self.world.carry_override = self.override

    def of(self, label: str) -> list[Member]:
        """What was asked of a model, in the order of names."""
        found = [(name, m) for (model, name), m in self.done.items() if model == label]
        return [m for _, m in sorted(found, key=lambda pair: pair[0]) if isinstance(m, Member)]

    def member(self, label: str, name: str) -> Member | None:
        """The converted member `name` that is read by its name alone; None when there is none.

        Raises:
            RefusalError: an operation of it has no rule, or it needs the session.
        """
        found = self._member(label, name, ())
        if found is not None and found.session:
            raise RefusalError("B150", f"`{name}` of {label} runs a query")
        return found

    def method(self, label: str, name: str, given: Given = ()) -> Member | None:
        """The converted method `name` that is called with these; None when there is none.

        Raises:
            RefusalError: an operation of it has no rule.
        """
        return self._member(label, name, given)

    def override(self, label: str, name: str) -> None:
        """Carry the `save` or `delete` of a model; raises RefusalError where that cannot be."""
        if self._member(label, name, ()) is None:
            raise RefusalError("B120", f"`{name}` of {label} has no rule")

    def call(self, operation: Operation, label: str) -> tuple[Member, list[str]] | None:
        """The method that an operation calls and its arguments as text; None when there is none.

        Raises:
            RefusalError: an operation of it has no rule, or it was called with other types.
        """
        owner = self._owner(label, operation.name)
        if owner is None:
            return None
        texts, given = [], []
        names = self._parameters(owner, operation.name)
        for position, (name, node) in enumerate(operation.take(*names).items()):
            value = operation.body.expr(node)
            if not isinstance(value.type, Plain | Constant | Instance | Rows):
                operation.refuse("B144", f"the argument `{name}` has no rule")
            given.append((name, widened(value.type)))
            in_place = name == names[position] and len(operation.positional()) > position
            texts.append(value.code if in_place else f"{name}={value.code}")
        member = self._member(label, operation.name, tuple(sorted(given)))
        if member is not None and member.writes:
            operation.body.queries.write(operation.body)
        return (member, texts) if member is not None else None

    def _parameters(self, model: Model, name: str) -> list[str]:
        ref = model.methods.get(name)
        source = self.world.sources.function(ref.path) if ref is not None else None
        return [p.name.value for p in source.node.params.params[1:]] if source is not None else []

    def _member(self, label: str, name: str, given: Given) -> Member | None:
        owner = self._owner(label, name)
        if owner is None:
            return None
        if replaced_below(self.world, owner, name):
            raise RefusalError("B150", f"classes below {label} have another `{name}`")
        key = (owner.name, name)
        if key not in self.done:
            recursive = RefusalError("B145", f"`{name}` of {label} reads itself")
            self.done[key] = recursive
            try:
                self.done[key] = self._convert(owner, name, given)
            except RefusalError as refusal:
                self.done[key] = refusal
        known = self.done[key]
        if isinstance(known, RefusalError):
            raise known
        if known.given != given:
            raise RefusalError("B149", f"`{name}` of {label} is called with different types")
        return known

    def _owner(self, label: str, name: str) -> Model | None:
        """The model whose class gets the member: a parent's where it is the same for both."""
        model = self.world.models[label]
        if name == "__str__" and has_usual_text(self.world, model):
            return model  # it says the name of the class
        for parent in list(model.parents)[:1]:  # the class extends no other
            above = self._owner(parent, name)
            if above is not None and not self._differs(model, above, name):
                return above
        known = name in model.methods or self._display(model, name) is not None
        is_user = label == self.world.user_label and name in _USER_METHODS
        return model if known or is_user else None

    def _differs(self, model: Model, above: Model, name: str) -> bool:
        """Whether a member of `model` is another than that of a parent, or reads what is another."""
        own = {member: ref.path for member, ref in model.methods.items()}
        others = {member: ref.path for member, ref in above.methods.items()}
        seen, waiting = {name}, [name]
        while waiting:
            member = waiting.pop()
            if own.get(member) != others.get(member):
                return True
            source = self.world.sources.function(others.get(member, ""))
            read = _ATTRIBUTES.findall(code_of(source.node)) if source else ()
            waiting += {one for one in read if one in own} - seen
            seen |= set(waiting)
        return False

    def _display(self, model: Model, name: str) -> ModelField | None:
        if not (name.startswith("get_") and name.endswith("_display")):
            return None
        wanted = name.removeprefix("get_").removesuffix("_display")
        return next((f for f in model.fields if f.name == wanted and f.choices), None)

    def _convert(self, model: Model, name: str, given: Given) -> Member:
        column = self._display(model, name)
        ref = model.methods.get(name)
        if ref is None and column is not None:
            return self._choices(column, name)
        source = self.world.sources.function(ref.path) if ref is not None else None
        if ref is None and name == "__str__" and has_usual_text(self.world, model):
            text = usual_text(model)
            imports: set[Import] = (
                {("app.compat.attributes", "pk_of")} if "pk_of" in text else set()
            )
            return Member(text, Plain("str"), False, frozenset(imports))
        if ref is None:
            return self._of_user(model, name)
        if source is None:  # a package wrote it
            place = ref.source or model.source or ""
            raise RefusalError("B120", f"`{ref.path}` has no source", place)
        if name in MODULES:
            said = f"the name `{name}` hides something that the class needs"
            raise RefusalError("M111", said, source.source)
        try:
            return self._written(model, name, source, given)
        except RefusalError as refusal:
            reason = refusal.reason(source.source)
            raise RefusalError(reason.code, reason.message, reason.source) from None

    def _written(self, model: Model, name: str, source: FunctionSource, given: Given) -> Member:
        """A member that the project wrote."""
        decorators = [code_of(d.decorator) for d in source.node.decorators]
        if decorators != ["property"] and any("atomic" not in text for text in decorators):
            raise RefusalError("B149", f"`{name}` of {model.name} is decorated")
        stars: tuple[str, ...] = ()
        named: tuple[str, ...] = ()
        if name in OVERRIDABLE:
            source, stars = without_stars(source)
            named = named_options(source) if name == "save" else ()
        owner = Owner("function", model.path, attributes={"member": name})
        body = Body(self.world, source.module, owner, colour="sync")
        body.owner.call_super = super_call(self, model, name, source, stars)
        arguments = self._arguments(body, source, given)
        env: dict[str, Type] = {source.node.params.params[0].name.value: Instance(model.name)}
        env |= {parameter.name: kind for parameter, kind in arguments}
        if "using" in named:
            env["using"] = Constant(None)
        rewritten = rewrite_function(source, body, env, finish_value)
        if body.parameters.keys() - {"session"}:
            body.refuse("B150", f"`{name}` of {model.name} needs the request")
        is_property = decorators == ["property"]
        session = "session" in body.parameters or name in OVERRIDABLE
        if (is_property or name == "__str__") and session:  # nobody can hand it one
            function = body.compat("orm", "session_of")
            _begin(rewritten, [f"session = {function}({source.node.params.params[0].name.value})"])
            session, body.loads = False, True
        _begin(rewritten, body.definitions.values())  # models know no constants of other modules
        returns = self._returns(rewritten, source.source)
        outside: set[Import] = set()
        if name in OVERRIDABLE:
            head, shown = override_head(name, stars, outside, named)
        else:
            kind = annotation_of(self.world, returns, outside)
            texts = [f"{p.name}: {annotation_of(self.world, k, outside)}"
                     + (f" = {p.default}" if p.default else "") for p, k in arguments]  # fmt: skip
            first = ["self", *(["session: Session"] if session else [])]
            head, shown = f"def {name}({', '.join([*first, *texts])}) -> {kind}", ["@property"]
        own = self.world.model_symbol(model.name)[0]
        inner = {i for i in body.imports | outside if i[0] != own}
        text = with_imports(rewritten, {i for i in body.imports if i[0] != own})
        return Member(
            text(head, shown if is_property else []),
            returns, is_property, frozenset(i for i in inner if not is_local(i)),
            session, body.loads, given, frozenset(i for i in outside if is_local(i) and i[0] != own),
            body.queries.wrote or name in OVERRIDABLE,
        )  # fmt: skip

    def _arguments(
        self, body: Body, source: FunctionSource, given: Given
    ) -> list[tuple[Parameter, Type]]:
        """Parameters after `self`: of the types that are given, or of their default."""
        found: list[tuple[Parameter, Type]] = []
        kinds = dict(given)
        for param in source.node.params.params[1:]:
            name = param.name.value
            default = code_of(param.default) if param.default is not None else None
            if name not in kinds and param.default is None:
                body.refuse("B149", f"the parameter `{name}` has no known type", source.node)
            if param.default is not None:
                value = widened(body.expr(param.default).type)
                kinds[name] = join(kinds[name], value) if name in kinds else value
            if isinstance(kinds[name], Unknown):
                body.refuse("B149", f"the parameter `{name}` has no known type", source.node)
            found.append((Parameter(name, "", "argument", default), kinds[name]))
        return found

    def _returns(self, rewritten: Rewritten, place: str) -> Type:
        kinds = [widened(getattr(t, "type", Plain("None"))) for t in rewritten.returns]
        if kinds and rewritten.falls_through:
            kinds.append(Plain("None"))
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
        lacks = not names >= set(needed.get(name, (username,)))
        named_otherwise = name == "__str__" and "get_username" in model.methods
        if model.name != self.world.user_label or lacks or named_otherwise:
            raise RefusalError("B120", f"`{name}` of {model.name} has no rule", model.source or "")
        line = _USER_METHODS[name].replace("{username}", username)
        text = f"def {name}(self) -> str:\n    {line}\n"
        return Member(text, Plain("str"), False, frozenset())

    def _username(self, model: Model) -> str:
        value = model.attributes.get("USERNAME_FIELD")
        return str(value.value) if value is not None and value.value else "username"


def _begin(rewritten: Rewritten, lines: Iterable[str]) -> None:
    """Put lines at a function's beginning, below its docstring."""
    place = 1 if rewritten.lines and is_docstring(rewritten.lines[0]) else 0
    found = [cast("cst.BaseStatement", cst.parse_statement(line)) for line in lines]
    rewritten.lines[place:place] = found


def read_member(world: World, label: str, name: str) -> Member | None:
    """A member that a serializer may read by its name."""
    return world.model_member(label, name) if world.model_member is not None else None


def shown_member(world: World, label: str, name: str) -> Member | None:
    """A member that a serializer shows; compat hands methods the session of their row."""
    return world.model_method(label, name) if world.model_method is not None else None


def indented(text: str) -> str:
    """A function's text inside a class."""
    lines = text.strip("\n").split("\n")
    return "\n".join(f"    {line}" if line.strip() else "" for line in lines)
