"""The state of one rewrite: what names mean, what the new function needs, what it imports."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, NoReturn, Protocol

import libcst as cst

from .answer_types import PaginatorMade, Response
from .holding import held
from .operation import Operation, Typed, parse
from .query_cache import QueryCache
from .refusal import Reason, RefusalError
from .surrounding_types import Outgoing
from .types import Attrs, Constant, Instance, Plain, Shown, Type, Unknown
from .visitors import visitor

if TYPE_CHECKING:
    from strangler.facts import Serializer

    from .reach import Reach
    from .sources import Module
    from .world import World

# What DRF takes for the user who is not known, unless a setting says otherwise.
ANONYMOUS = "django.contrib.auth.models.AnonymousUser"
Colour = Literal["build", "sync", "async"]
Import = tuple[str, str]

# Names that rules import or that endpoints are given: a local of the project must not hide them.
RESERVED = frozenset(
    [
        *("and_", "atomic", "count", "create", "delete", "destroy", "exists", "false", "first"),
        *("contains", "endswith", "get", "icontains", "iendswith", "iexact", "iregex", "regex"),
        *("istartswith", "local_today", "not_", "now", "or_", "read", "read_all", "save", "select"),
        *(
            "rows",
            "session",
            "startswith",
            "true",
            "update",
            "update_query",
            "value",
            "exception_handler",
        ),
    ]
)


_ORM = "app.compat.orm"
# What async code has under the same name.
_TWICE = frozenset(
    [
        *("aggregate", "count", "create", "exists", "first", "get", "get_or_404", "last", "rows"),
        "save",
    ]
)


@dataclass(frozen=True)
class Parameter:
    """One parameter that the new function takes because its body needs it.

    `kind` tells the endpoint how to provide it: user, session, query, path, request, context, argument.
    """

    name: str
    annotation: str
    kind: str
    default: str | None = None
    key: str = ""
    imports: tuple[Import, ...] = ()

    @property
    def text(self) -> str:
        """As written in a signature."""
        return f"{self.name}: {self.annotation}" + (f" = {self.default}" if self.default else "")


@dataclass(frozen=True)
class CallResult:
    """How to call another converted function: its name, its parameters, its result."""

    name: str
    parameters: tuple[Parameter, ...]
    returns: Type
    imports: tuple[Import, ...] = ()
    # Whether it asks the database, so that it is called below `run_sync`, its session first.
    runs: bool = False
    # None where it is not known, so that it may if it is given a session.
    writes: bool | None = None


class CallHelper(Protocol):
    """Converts a function of the project and writes its call."""

    def __call__(
        self, operation: Operation, path: str, owner: Owner | None, subject: Type | None = None
    ) -> Typed:
        """`owner`: the view that it is a method of; `subject`: what `self` is otherwise."""


class Tools(Protocol):
    """What the handler of an endpoint can ask of its view."""

    @property
    def serializer(self) -> str | None:
        """The serializer of the action."""

    def found(self) -> tuple[str, str]:
        """Variable and model of the object that the path names."""

    def found_here(self, body: Body, node: cst.CSTNode) -> Typed:
        """The same object, looked for where the body asks for it."""

    def queryset(self, *, narrowed: bool = False) -> CallResult:
        """How to call the view's query function; narrowed, after its own `filter_queryset`."""

    def read_schema(self, name: str, label: str | None) -> str:
        """The read schema of a serializer, imported."""

    def serializers(self) -> Sequence[Serializer]:
        """What is known of all serializers."""

    def filtered(self, body: Body, statement: Typed, *, narrowed: bool = False) -> Typed:
        """What `self.filter_queryset` makes of a statement; narrowed, the view's own part is done."""

    def page(self, body: Body, shown: Shown, schema: str) -> tuple[str, str]:
        """The text of the page of a statement that the request asks for, and its schema."""

    def filter_set(self, path: str, label: str) -> str:
        """The filter set of a FilterSet that the handler makes, imported; RefusalError without a rule."""

    def cuts(self, made: PaginatorMade) -> bool:
        """Whether a paginator that the handler makes always gives a page; RefusalError without a rule."""

    def is_paged(self) -> bool:
        """Whether the view cuts its lists into pages."""

    def model_of(self, name: str) -> str | None:
        """The model of a serializer."""

    def write_schema(self, name: str) -> str:
        """The write schema of a serializer, imported."""

    def valid(self, body: Body, schema: str, instance: str | None) -> bool:
        """Take the valid body as a parameter; False where it has to be checked in the body."""

    def attrs(self, name: str, *, partial: bool) -> Attrs | None:
        """What the validated data of a serializer holds; None where that is not known."""

    def overrides(self, name: str) -> bool:
        """Whether the project wrote this method of the view."""

    def names_address(self) -> bool:
        """Whether what the serializer shows names its own address."""

    def is_request_data(self, body: Body, node: cst.BaseExpression) -> bool:
        """Whether an expression is `request.data`."""


@dataclass
class Owner:
    """Whose method the body is: the view and action, the serializer, the permission class."""

    kind: Literal["view", "serializer", "permission", "function", "middleware", "class"]
    name: str
    action: str | None = None
    method: str | None = None
    attributes: dict[str, object] = field(default_factory=dict)
    call_super: Callable[[Body, str, cst.BaseExpression], CallResult | Typed] | None = None
    call_self: Callable[[Body, str, cst.Call], CallResult | Typed] | None = None
    read_self: Callable[[str], Type | None] | None = None
    # The texts that an attribute of `self` may be; empty where it may be something else.
    texts_of_self: Callable[[str], tuple[str, ...]] | None = None
    login_required: bool = False
    tools: Tools | None = None
    # What a serializer's own `create` or `update` gives; None where it is DRF's.
    saver: Callable[[str, str, dict[str, Type], dict[str, Type] | None], Type | None] | None = None
    queryset_attribute: Callable[[Body], Typed] | None = None


@dataclass
class Body:
    """Everything a rule may ask for or note while a function is rewritten."""

    world: World
    module: Module
    owner: Owner
    env: dict[str, Type] = field(default_factory=dict)
    colour: Colour = "build"
    use_context: bool = False
    parameters: dict[str, Parameter] = field(default_factory=dict)
    imports: set[Import] = field(default_factory=set)
    narrowed: frozenset[str] = frozenset()
    definitions: dict[str, str] = field(default_factory=dict)
    renames: dict[str, str] = field(default_factory=dict)
    #: Names of query parameters that an import of the body has too.
    aside: set[str] = field(default_factory=set)
    saved_as: str | None = None
    assigned: frozenset[str] = frozenset()
    binding: tuple[str, cst.BaseExpression] | None = None
    bound: set[str] = field(default_factory=set)
    # Whether the new function has done anything yet.
    acted: bool = False
    # The same, without the beginning of a transaction.
    late: bool = False
    #: `id`s of expressions that only go into an answer.
    answered: frozenset[int] = frozenset()
    #: Whether it logged somebody in or out before.
    user_changed: bool = False
    # Whether a row may be loaded when the new function reads a relation.
    loads: bool = False
    # The queries around an expression, innermost last, for `OuterRef` and `Q`.
    around: list[Reach] = field(default_factory=list)
    # Of which model a condition in a variable is, or what a query in it is part of.
    hints: dict[str, str] = field(default_factory=dict)
    asked: str = ""
    #: What has no rule, while a draft is written; None while an endpoint is.
    opened: list[Reason] | None = None
    # Whether what is written runs on the thread of the session, called by async code around it.
    below: bool = False
    # The variables that the value being written goes to.
    targets: tuple[str, ...] = ()
    queries: QueryCache = field(default_factory=QueryCache)
    # Names that stand for rows of the database, which lack no key.
    stored: frozenset[str] = frozenset()
    # Whether the caller only asks for the truth of what the function returns.
    returns_truth: bool = False

    def local(self, name: str) -> str:
        """A local name of the legacy function as the new one spells it."""
        reserved = name in RESERVED or (name == "data" and self.owner.tools is not None)
        if reserved and name not in self.renames:
            self.renames[name] = f"{name}_"
        spelled = self.renames.get(name, name)
        self.bound.add(spelled)
        return spelled

    def hidden(self) -> set[str]:
        """Locals that hide a parameter or an import which the body needs."""
        imported = {name.rpartition(" ")[2] for _, name in self.imports}
        return self.bound & (imported | self.parameters.keys())

    def asked_alike(self) -> set[str]:
        """Query parameters that have the name of something that the body imports."""
        imported = {name.rpartition(" ")[2] for _, name in self.imports}
        return imported & {p.name for p in self.parameters.values() if p.kind == "query"}

    def refuse(self, code: str, message: str, node: cst.CSTNode | None = None) -> NoReturn:
        """Keep the endpoint on legacy at the line of `node`.

        Raises:
            RefusalError: always.
        """
        line = self.module.line_of(node) if node is not None else 0
        raise RefusalError(code, message, f"{self.module.path}:{line}" if line else "")

    def expr(self, node: cst.BaseExpression) -> Typed:
        """Rewrite an expression and learn its type."""
        from .open_statements import OPEN_VALUE

        if self.opened is None:
            return self._rewritten(node)
        known = len(self.opened)
        try:
            return self._rewritten(node)
        except RefusalError as refusal:  # a draft keeps what has no rule, and says so
            if len(self.opened) == known:
                line = self.module.line_of(node)
                self.opened.append(refusal.reason(f"{self.module.path}:{line}"))
            return Typed(node, Unknown(OPEN_VALUE))

    def _rewritten(self, node: cst.BaseExpression) -> Typed:
        from .expressions import rewrite_expression

        typed = self.narrow(rewrite_expression(self, node))
        return typed if id(node) in self.answered else held(self, typed)

    def row_type(self, node: cst.BaseExpression) -> Instance | None:
        """The row that an already rewritten name or attribute chain stands for."""
        if isinstance(node, cst.Name):
            kind = self.env.get(node.value)
            return kind if isinstance(kind, Instance) else None
        if isinstance(node, cst.Attribute):
            owner = self.row_type(node.value)
            if owner is not None:
                found = self.world.attribute_type(owner.model, node.attr.value)
                return found if isinstance(found, Instance) else None
        return None

    def narrow(self, typed: Typed) -> Typed:
        """Drop `optional` where the code has checked the value."""
        kind = typed.type
        if (
            isinstance(kind, Instance | Response | Outgoing)
            and kind.optional
            and typed.code in self.narrowed
        ):
            return replace(typed, type=replace(kind, optional=False))
        if (
            isinstance(kind, Plain)
            and kind.name.endswith(" | None")
            and typed.code in self.narrowed
        ):
            return replace(typed, type=Plain(kind.name.removesuffix(" | None")))
        return typed

    @contextmanager
    def knowing(self, names: frozenset[str]) -> Iterator[None]:
        """Within the block, the expressions named are known not to be None."""
        before = self.narrowed
        self.narrowed = before | names
        try:
            yield
        finally:
            self.narrowed = before

    def use(self, module: str, name: str) -> str:
        """Import a name into the new module and return it, or what it is called there."""
        self.queries.imported(self, module, name)
        if self.below and module == _ORM and name in _TWICE:
            self.imports.add((module, f"{name} as {name}_at_once"))
            return f"{name}_at_once"
        self.imports.add((module, name))
        return name

    def compat(self, module: str, name: str) -> str:
        """Import a name of a compat module."""
        return self.use(f"app.compat.{module}", name)

    def model(self, label: str) -> str:
        """The name of a mapped class, imported."""
        module, name = self.world.model_symbol(label)
        return self.use(module, name)

    def need(self, parameter: Parameter) -> str:
        """Ask for a parameter and return its name; equal needs share one."""
        known = self.parameters.get(parameter.name)
        if known is not None and known != parameter:
            self.refuse("B130", f"two different values are both called `{parameter.name}`")
        self.parameters[parameter.name] = parameter
        self.imports.update(parameter.imports)
        return parameter.name

    def user(self) -> Typed:
        """The current user: None when anonymous."""
        problem = self.world.user_problem
        if problem is not None:
            self.refuse("A106", problem.message)
        if self.user_changed:
            self.refuse("B142", "`request.user` is another one after logging in or out")
        drf = self.world.facts.settings.get("REST_FRAMEWORK") or {}
        stranger = drf.get("UNAUTHENTICATED_USER", ANONYMOUS)
        if stranger != ANONYMOUS and not self.owner.login_required:
            self.refuse("A107", f"UNAUTHENTICATED_USER is `{stranger}`, which has no rule")
        if self.owner.kind == "middleware":
            return self.narrow(visitor(self))
        kind = Instance(self.world.user_label, optional=not self.owner.login_required, user=True)
        if self.use_context:
            return self.narrow(Typed(parse(f"{self.context()}.user"), replace(kind, optional=True)))
        module, name = self.world.model_symbol(self.world.user_label)
        annotation = f"{name} | None" if kind.optional else name
        self.need(Parameter("user", annotation, "user", imports=((module, name),)))
        return self.narrow(Typed(cst.Name("user"), kind))

    def request(self) -> str:
        """The Starlette request."""
        if self.use_context:
            return f"{self.context()}.request"
        return self.need(
            Parameter("request", "Request", "request", imports=(("fastapi", "Request"),))
        )

    def context(self) -> str:
        """The request's context, as permissions and serializer methods receive it."""
        imports = (("app.identity", "Context"),)
        return self.need(Parameter("context", "Context", "context", imports=imports))

    def session(self) -> str:
        """The session, of the body's colour."""
        if self.use_context:
            return f"{self.context()}.session"
        if self.colour == "async" or self.below:
            imports: tuple[Import, ...] = (("app.db", "Session"),)
        else:
            imports = (("sqlalchemy.orm", "Session"),)
        name = self.need(Parameter("session", "Session", "session", imports=imports))
        return f"{name}.sync_session" if self.below else name

    def constant(self, value: object) -> Typed:
        """A value known now, written as a literal."""
        return Typed(parse(repr(value)), Constant(value))

    def call(self, result: CallResult | Typed, node: cst.CSTNode) -> Typed:
        """Write the call of a converted function, passing on what it needs."""
        if isinstance(result, Typed):
            return result
        self.imports.update(result.imports)
        self.queries.called(self, result, node)
        if result.runs and self.colour == "build":
            self.refuse("Q107", f"`{result.name}` asks the database where nothing may", node)
        passed = []
        for parameter in result.parameters:
            match parameter.kind:
                case "user":
                    user = self.user()
                    needs_user = "None" not in parameter.annotation
                    if needs_user and isinstance(user.type, Instance) and user.type.optional:
                        self.refuse("B131", f"`{result.name}` needs a user who is logged in", node)
                    passed.append(user.code)
                case "session":
                    passed.append(self.session())
                case "request":
                    passed.append(self.request())
                case "context":
                    passed.append(self.context())
                case _:
                    passed.append(self.need(parameter))
        if result.runs and self.colour == "async":
            named = [f"{p.name}={text}" for p, text in zip(result.parameters, passed, strict=True)]
            given = ", ".join([result.name, *named[1:]])
            return Typed(parse(f"await {self.session()}.run_sync({given})"), result.returns)
        return Typed(parse(f"{result.name}({', '.join(passed)})"), result.returns)
