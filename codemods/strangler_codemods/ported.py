"""Bodies that a person ported: where the rewriter would rewrite one, it writes a call of the override."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

import libcst as cst

from .annotations import annotation_of
from .body import Body
from .operation import Typed, parse
from .overrides import Asked, Override
from .refusal import RefusalError
from .types import (
    Attrs,
    Constant,
    FilterSelf,
    Instance,
    Manager,
    PermissionSelf,
    Plain,
    Query,
    Request,
    Rows,
    Serializer,
    SerializerSelf,
    Type,
    View,
)

if TYPE_CHECKING:
    from .functions import Rewritten
    from .sources import FunctionSource
    from .statements import Finish

#: Refusals after which the caller tries another form of the function.
ANOTHER_FORM = ("Q107", "Q109")
_SELVES = (View, SerializerSelf, PermissionSelf, FilterSelf, Manager)
_SELECT = re.compile(r"(?:\w+\.)*Select\[(.*)\]")
_LIST = re.compile(r"list\[([\w.]+)\]")


@dataclass
class Call:
    """The call of one override in place of one body, while it is put together."""

    override: Override
    source: FunctionSource
    body: Body
    env: dict[str, Type]
    statement: Typed | None = None

    def write(self) -> Typed:
        """The call as an expression, and what it gives.

        Raises:
            RefusalError: it asks for what is not known here, or gives something else than is wanted.
        """
        body, override = self.body, self.override
        body.env = dict(self.env)
        body.acted = True
        asks = [each for each in override.asks if not self._left_out(each)]
        given = [f"{each.name}={self._value(each)}" for each in asks if each.name != "session"]
        if any(each.name == "session" for each in asks):
            self._accept("session", "Session")
            if body.colour == "build":
                body.refuse("Q107", f"`{override.function}` asks the database where nothing may")
            first = [body.session()]
            run = body.colour == "async"
        else:
            first, run = [], False
        body.use(override.module, f"{override.function} as {override.alias}")
        name = override.alias
        text = f"{name}({', '.join([*first, *given])})"
        if run:
            text = f"await {first[0]}.run_sync({', '.join([name, *given])})"
        return Typed(parse(text), self._result())

    def _left_out(self, asked: Asked) -> bool:
        return asked.optional and asked.name not in self._offers() and asked.name not in self._own()

    def _refuse(self, code: str, message: str) -> NoReturn:
        raise RefusalError(code, message, self.override.source)

    def _own(self) -> dict[str, Type]:
        """The legacy function's own parameters, but for the object that it is a method of."""
        selves = (*_SELVES, Request, Serializer)
        return {
            name: kind
            for position, (name, kind) in enumerate(self.env.items())
            if not isinstance(kind, selves) and not (position == 0 and self._is_method())
        }

    def _is_method(self) -> bool:
        return self.source.owner is not None and next(iter(self.env), "") in ("self", "cls")

    @property
    def _self(self) -> Type | None:
        return next(iter(self.env.values()), None) if self._is_method() else None

    def _offers(self) -> dict[str, Callable[[Asked], str]]:
        """What can be asked for here beside the parameters of the legacy function."""
        offers: dict[str, Callable[[Asked], str]] = {"session": lambda asked: ""}
        body, me = self.body, self._self
        of_view = body.owner.kind == "view"
        if of_view or body.use_context or any(isinstance(k, Request) for k in self.env.values()):
            offers |= {"user": self._user, "request": self._request}
        if body.use_context:
            offers["context"] = self._context
        if isinstance(me, Instance):
            offers["row"] = lambda asked: self._named(asked, next(iter(self.env)), me)
        if isinstance(me, Manager | Query) or (of_view and self._named_like("get_queryset")):
            offers["statement"] = self._statement
        if of_view:
            offers |= {"model": self._model, "action": self._action}
        if any(isinstance(kind, Serializer) for kind in self.env.values()):
            offers["data"] = lambda asked: self._any(asked, "data")
            subject = next(k for k in self.env.values() if isinstance(k, Serializer))
            if subject.instance is not None:
                row = Instance(subject.model)
                offers["instance"] = lambda asked: self._text(asked, subject.instance or "", row)
        return offers

    def _named_like(self, name: str) -> bool:
        return self.source.node.name.value == name

    def _value(self, asked: Asked) -> str:
        own = self._own()
        if asked.name in own:
            return self._named(asked, asked.name, own[asked.name])
        offer = self._offers().get(asked.name)
        if offer is None:
            known = ", ".join(f"`{name}`" for name in [*own, *self._offers()])
            text = f"`{self.override.function}` takes `{asked.name}`, which is not known here"
            self._refuse("O101", f"{text}; it may take {known}")
        return offer(asked)

    def _accept(self, name: str, wanted: str) -> None:
        """Refuse an annotation that leaves no room for what is handed over."""
        asked = next(each for each in self.override.asks if each.name == name)
        if not _holds(asked.annotation, wanted):
            text = f"`{name}` of `{self.override.function}` is a `{asked.annotation}`"
            self._refuse("O102", f"{text}, and is given a `{wanted}`")

    def _text(self, asked: Asked, text: str, kind: Type) -> str:
        self._accept(asked.name, annotation_of(self.body.world, kind, set()))
        return text

    def _named(self, asked: Asked, name: str, kind: Type) -> str:
        typed = self.body.expr(cst.Name(name))
        if isinstance(kind, Query) and self.statement is None:
            self.statement = typed
        return self._text(asked, typed.code, kind)

    def _any(self, asked: Asked, text: str) -> str:
        return text

    def _user(self, asked: Asked) -> str:
        typed = self.body.user()
        self._accept(asked.name, annotation_of(self.body.world, typed.type, set()))
        return typed.code

    def _request(self, asked: Asked) -> str:
        self._accept(asked.name, "Request")
        return self.body.request()

    def _context(self, asked: Asked) -> str:
        self._accept(asked.name, "Context")
        return self.body.context()

    def _action(self, asked: Asked) -> str:
        self._accept(asked.name, "str")
        return repr(self.body.owner.action or (self.body.owner.method or "").lower())

    def _model(self, asked: Asked) -> str:
        name = self.body.model(self._label())
        self._accept(asked.name, f"type[{name}]")
        return name

    def _statement(self, asked: Asked) -> str:
        self.statement = self._above()
        if not _SELECT.fullmatch(asked.annotation) and asked.annotation != "Any":
            self._refuse("O102", "`statement` is a `Select[Any]`")
        return self.statement.code

    def _above(self) -> Typed:
        """The statement that the body begins with: what is behind it, or all rows."""
        body, me = self.body, self._self
        node = cst.Name("x")
        if isinstance(me, Query):
            return body.expr(cst.Name(next(iter(self.env))))
        if isinstance(me, Manager):
            body.use("sqlalchemy", "select")
            return Typed(parse(f"select({body.model(me.model)})"), Query(me.model))
        if body.owner.call_super is None:
            self._refuse("O101", "there is no statement behind this one")
        return body.call(body.owner.call_super(body, "get_queryset", node), node)

    def _label(self) -> str:
        """The model of the view."""
        me = self._self
        if isinstance(me, Manager | Query | Instance):
            return me.model
        if self.statement is not None and isinstance(self.statement.type, Query):
            return self.statement.type.model
        endpoint = self.body.owner.attributes.get("endpoint")
        queryset = getattr(endpoint, "queryset", None)
        if queryset is None or queryset.model is None:
            self._refuse("B301", "the model of this view is not known")
        return str(queryset.model)

    def _result(self) -> Type:
        text = self.override.returns
        selected = _SELECT.fullmatch(text)
        if selected is not None:
            label = self._labelled(selected[1].removeprefix("tuple[").rstrip("]"))
            return self._query(label or self._label())
        bare = text.replace(" | None", "").replace("None | ", "")
        label = self._labelled(bare)
        if label is not None:
            return Instance(label, optional=bare != text)
        listed = _LIST.fullmatch(text)
        if listed is not None and (label := self._labelled(listed[1])) is not None:
            return Rows(label)
        return Constant(None) if text == "None" else Plain(text)

    def _labelled(self, name: str) -> str | None:
        """The label of the mapped class that a name of the override stands for."""
        module, _, short = self.override.resolve(name).rpartition(".")
        for label in self.body.world.models:
            if self.body.world.model_place(label) == (module, short):
                return label
        return None

    def _query(self, label: str) -> Query:
        begun = self.statement.type if self.statement is not None else None
        ordering = begun.ordering if isinstance(begun, Query) else "default"
        return Query(label, "applied" if self.override.sorts else ordering)


def _holds(annotation: str, wanted: str) -> bool:
    """Whether a value of the type `wanted` fits an annotation; both as text."""
    names = {_last(part) for part in annotation.split(" | ")}
    optional = re.fullmatch(r"(?:\w+\.)?Optional\[(.*)\]", annotation)
    if optional:
        names = {_last(optional[1]), "None"}
    if names & {"Any", "object"} or wanted == "Any":
        return True
    return {_last(part) for part in wanted.split(" | ")} <= names | (
        {wanted} if annotation.partition("[")[0] == wanted.partition("[")[0] else set()
    )


def _last(name: str) -> str:
    head, bracket, rest = name.partition("[")
    return head.rpartition(".")[2] + bracket + rest


def require_kind(call: Call, value: Typed) -> Typed:
    """What the place wants of the body, where that is settled.

    Raises:
        RefusalError: the override gives something else.
    """
    name, body = call.source.node.name.value, call.body
    kind, gives = value.type, call.override.returns
    wanted = ""
    if name.startswith("has_") and body.owner.kind == "permission":
        wanted = "" if kind == Plain("bool") else "bool"
    elif name == "get_queryset":
        wanted = "" if isinstance(kind, Query) else "Select[Any]"
    elif name in ("perform_create", "perform_update"):
        row = kind == Plain("Any") or (isinstance(kind, Instance) and not kind.optional)
        wanted = "" if row else "the saved row"
    elif body.owner.tools is not None and body.colour == "async":
        text = "an action's own method is no body that others pass through"
        raise RefusalError("O103", f"{text}: write the endpoint, see docs/by_hand.md")
    if wanted:
        text = f"`{call.override.function}` stands for `{name}` and gives `{gives}`"
        raise RefusalError("O102", f"{text}, not `{wanted}`", call.override.source)
    return value


def called(override: Override, source: FunctionSource, body: Body, env: dict[str, Type]) -> Typed:
    """The call of an override where `source` would be rewritten.

    Raises:
        RefusalError: it does not fit here.
    """
    call = Call(override, source, body, env)
    return require_kind(call, call.write())


# Hooks of which the endpoint needs the row that they saved.
_SAVING = ("perform_create", "perform_update")


def write_call(
    override: Override,
    result: Rewritten,
    env: dict[str, Type],
    finish: Finish | None,
) -> None:
    """Fill `result` with the call of an override.

    Raises:
        RefusalError: it does not fit here.
    """
    source, body = result.source, result.body
    value = called(override, source, body, env)
    given = next((kind for kind in env.values() if isinstance(kind, Attrs)), None)
    if body.owner.attributes.get("validates") and given is not None:
        value = Typed(value.node, given)  # a person answers for its keys
    if source.node.name.value in _SAVING and body.saved_as is not None:
        target = cst.AssignTarget(cst.Name(body.saved_as))
        line: cst.BaseSmallStatement = cst.Assign([target], value.node)
    elif value.type == Constant(None):
        line, result.falls_through = cst.Expr(value.node), True
    else:
        answer = finish(body, value, source.node) if finish else value.node
        line = cst.Return(answer)
        result.returns.append(Typed(answer, value.type) if answer is not None else None)
    result.lines = [cst.SimpleStatementLine([line])]
