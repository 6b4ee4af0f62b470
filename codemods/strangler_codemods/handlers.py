"""Handlers that the project wrote: `@action` methods of a view, rewritten as endpoints."""

from __future__ import annotations

import ast
from collections.abc import Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import libcst as cst

from strangler.endpoint import Endpoint as Name
from strangler.facts import Endpoint, Serializer

from .annotations import annotation_of
from .answer_types import PaginatorMade, Response
from .answered import answered
from .answers import Answers
from .body import Body, CallResult, Parameter
from .class_bodies import loaded_names
from .drf_jwt_views import TokenViews, hand_on, with_short_post
from .format_suffixes import is_format
from .functions import rewrite_function
from .generic_views import with_partial, without_partial
from .handed_views import with_functions
from .inlining import RESPONSE, Inlining
from .names import identifier
from .operation import Typed, code_of, parse
from .own_filtering import require_carried
from .refusal import RefusalError
from .services import with_names
from .sources import FunctionSource
from .swapped_methods import swapped, with_swapped
from .types import (
    FORMAT,
    Attrs,
    Constant,
    Instance,
    Kwargs,
    Plain,
    Query,
    Request,
    Shown,
    Symbol,
    Type,
    View,
)
from .validating import raising
from .view_contexts import stands_in

if TYPE_CHECKING:
    from .endpoints import Endpoints, Parts


@dataclass
class HandlerTools:
    """What a handler's body asks of its view, answered for one endpoint."""

    endpoints: Endpoints
    parts: Parts
    variable: str | None = None
    alias: str = ""
    data: tuple[str, str | None] | None = None

    @property
    def serializer(self) -> str | None:
        """The serializer of the action."""
        return self.parts.endpoint.serializer

    def found(self) -> tuple[str, str]:
        """The object that the path names, as a parameter of the endpoint."""
        if self.variable is None:
            if self.data is not None:
                raise RefusalError("B137", "the object is looked for after the body was checked")
            self.variable, self.alias = self.endpoints.found(self.parts)
        return self.variable, self.parts.label

    def found_here(self, body: Body, node: cst.CSTNode) -> Typed:
        """The object that the path names, found after something else was done."""
        endpoint = self.parts.endpoint
        if self.variable is not None:
            return Typed(parse(self.variable), Instance(self.parts.label))
        for name in ("get_object", "check_object_permissions"):
            if name in endpoint.methods:
                body.refuse("B137", f"`{name}` is asked late, and overridden", node)
        return self.looked_up(body, node)

    def looked_up(self, body: Body, node: cst.CSTNode) -> Typed:
        """What DRF's own `get_object` does."""
        endpoint, world = self.parts.endpoint, self.endpoints.world
        kwarg = endpoint.lookup_url_kwarg or endpoint.lookup_field or "pk"
        column = world.field_named(self.parts.label, endpoint.lookup_field or "pk")
        if column is None or kwarg not in endpoint.converters:
            body.refuse("B304", f"the lookup by `{endpoint.lookup_field}` has no rule", node)
        rows = body.call(self.queryset(narrowed=True), node)
        statement = self.filtered(body, rows, one=True, narrowed=True)
        row = f"{body.model(self.parts.label)}.{world.attribute(column[1].attname)}"
        extras = statement.type.extras() if isinstance(statement.type, Query) else ()
        function, key = body.compat("actions", "get_object"), identifier(kwarg)
        given = f"{body.session()}, {statement.code}, {row}"
        text = f'await {function}({given}, {body.request()}.path_params["{key}"])'
        return Typed(parse(text), Instance(self.parts.label, extras=extras))

    def queryset(self, *, narrowed: bool = False) -> CallResult:
        """The view's query function; narrowed, also after the view's own `filter_queryset`."""
        endpoint, login = self.parts.endpoint, self.parts.login
        if narrowed:
            require_carried(self.endpoints.world, endpoint)
        return self.endpoints.querysets.view(endpoint, login, narrowed=narrowed)

    def read_schema(self, name: str, label: str | None) -> str:
        """The read schema of a serializer."""
        extras = self.extras() if self.parts.table and self.parts.label == label else ()
        return self.parts.use(*self.endpoints.schemas.read(name, label, extras))

    def extras(self) -> tuple[tuple[str, str], ...]:
        """What the view's queryset computes for its rows."""
        try:
            found = self.queryset().returns
        except RefusalError:
            return ()  # what needs the queryset says so
        return found.extras() if isinstance(found, Query) else ()

    def serializers(self) -> Sequence[Serializer]:
        """What is known of all serializers."""
        return self.endpoints.world.facts.serializers

    def filtered(
        self, body: Body, statement: Typed, *, one: bool = False, narrowed: bool = False
    ) -> Typed:
        """A statement behind the view's filter backends.

        narrowed: whether what the view's own `filter_queryset` does is in it already.
        """
        ref = self.parts.endpoint.methods.get("filter_queryset")
        if ref is not None and not narrowed:
            raise RefusalError("E101", "the view overrides `filter_queryset`", ref.source or "")
        endpoints, kind = self.endpoints, statement.type
        label = kind.model if isinstance(kind, Query) else self.parts.label
        imports = self.parts.imports
        filters = endpoints.listing.filters(self.parts.endpoint, label, imports, kind, one=one)
        if filters is None:
            return statement
        model = endpoints.world.models[label]
        constant = endpoints.routers.constant(self.parts.module, model, filters)
        self.parts.asked += [] if one else [f"*{constant}"]
        function = body.compat("filtering", "filtered_by")
        text = f"await {function}({body.session()}, {statement.code}, {body.request()}, {constant})"
        return Typed(parse(text), statement.type)

    def filter_set(self, path: str, label: str) -> str:
        """The filter set of a FilterSet that the handler makes."""
        endpoint = self.parts.endpoint.model_copy(update={"filterset": path})
        text = self.endpoints.listing.filter_set(endpoint, label, self.parts.imports)
        assert text is not None  # it has a name
        return text

    def cuts(self, made: PaginatorMade) -> bool:
        """Whether a paginator that the handler makes always gives a page."""
        return self.endpoints.listing.made(made, self.parts.endpoint) is not None

    def page(self, body: Body, shown: Shown, schema: str) -> tuple[str, str]:
        """One page of a statement, rendered."""
        endpoint, given = self.parts.endpoint, shown.given
        listing = self.endpoints.listing
        if shown.made is not None:
            paginator = listing.made(shown.made, endpoint)
            endpoint = endpoint.model_copy(update={"paginator": shown.made.path})
        else:
            paginator = listing.paginator(endpoint)
        cursors = any(
            p.name == endpoint.paginator and p.kind == "cursor"
            for p in self.endpoints.world.facts.paginators
        )
        if paginator is None or cursors:
            raise RefusalError("B302", "this page has no rule", endpoint.source or "")
        self.parts.imports.add(paginator)
        self.parts.asked.insert(0, paginator[1])
        body.compat("pagination", "Page")
        function = body.compat("pagination", "paginate")
        text = f"await {function}({body.session()}, {paginator[1]}, {shown.rows}, {schema}"
        return text + (f", context={given})" if given else ")"), f"Page[{schema}]"

    def is_paged(self) -> bool:
        """Whether the view has a paginator."""
        return self.endpoints.listing.paginator(self.parts.endpoint) is not None

    def write_schema(self, name: str) -> str:
        """The write schema of a serializer."""
        return self.parts.use(*self.endpoints.schemas.write(name))

    def valid(self, body: Body, schema: str, instance: str | None) -> bool:
        """Take the valid body as a parameter, where the object it changes is one too."""
        wanted = (schema, instance)
        if self.data not in (None, wanted) or instance not in (None, self.variable):
            return False
        self.data = wanted
        kind = body.compat("schemas", "Valid" if instance is None else "ValidFor")
        subject = schema if instance is None else f"{schema}, {self.alias}"
        body.need(Parameter("data", f"{kind}[{subject}]", "body"))
        return True

    def attrs(self, name: str, *, partial: bool) -> Attrs | None:
        """The sources of its fields and the types of their values."""
        world = self.endpoints.world
        found = next((s for s in world.facts.serializers if s.name == name), None)
        if found is None or name in world.reshaped:
            return None
        attrs = self.endpoints.schemas.attrs(found)
        written = {field.source for field in found.fields if not field.read_only}
        if written != {key for key, _ in attrs.fields}:
            return None
        names = frozenset(written) if partial else attrs.maybe
        return Attrs(attrs.fields, names)

    def overrides(self, name: str) -> bool:
        """Whether the project wrote this method of the view."""
        return name in self.parts.endpoint.methods

    def names_address(self) -> bool:
        """Whether the serializer has the field from which `Location` is taken."""
        drf = self.endpoints.world.facts.settings.get("REST_FRAMEWORK") or {}
        url = drf.get("URL_FIELD_NAME") or "url"
        serializers = self.endpoints.world.facts.serializers
        return any(
            f.name == url for s in serializers if s.name == self.serializer for f in s.fields
        )

    def model_of(self, name: str) -> str | None:
        """The model of a serializer."""
        found = (s for s in self.endpoints.world.facts.serializers if s.name == name)
        return next((s.model for s in found), None)

    def is_request_data(self, body: Body, node: cst.BaseExpression) -> bool:
        """`self.request.data` or `request.data`."""
        return code_of(node) in ("self.request.data", "request.data")


# What Django's path converters give; regular expressions give texts.
_PATH_TYPES = {"int": "int", "uuid": "UUID"}


def rewrite_handler(endpoints: Endpoints, parts: Parts) -> tuple[str, str, int]:
    """A project's handler as an endpoint: its name, its text, its status.

    Raises:
        RefusalError: an operation of the body has no rule.
    """
    endpoint = parts.endpoint
    source = _source(endpoints, endpoint)
    _require_fitting(endpoint, source)
    source = _prepared(endpoints, source, endpoint)
    tools = HandlerTools(endpoints, parts)
    owner = endpoints.querysets.owner(endpoint, parts.login)
    owner.tools = tools
    hand_on(TokenViews(endpoints.world, endpoints.tree), endpoint, owner)
    owner.saver = endpoints.schemas.saver
    owner.queryset_attribute = lambda inner: endpoints.querysets.attribute(endpoint, inner)
    body = Body(endpoints.world, source.module, owner, colour="async")
    env, path_names = _given(endpoint, source)
    env[RESPONSE] = Symbol("rest_framework.response.Response")
    env |= {name: Symbol(path) for name, path in source.symbols}
    source = _without_kwargs(source, env)
    body.answered = answered(source.node, body)
    answers = Answers()
    schemas: list[str | None] = []

    def finish(inner: Body, value: Typed | None, node: cst.CSTNode) -> cst.BaseExpression | None:
        kind = value.type if value is not None else None
        if value is None or not isinstance(kind, Response) or kind.optional:
            inner.refuse("B138", "the handler returns something other than a response", node)
        if kind.status is None:
            name = "Response" if kind.is_drf else "HttpResponse"
            schemas.append(inner.compat("responses" if kind.is_drf else "django_responses", name))
            return answers.note_object(value.node, kind.usual)
        schemas.append(kind.schema or (kind.data and "Any"))
        return answers.note(kind.data, kind.status)

    rewritten = rewrite_function(source, body, env, finish)
    status, alone = answers.settle(rewritten, body)
    parts.imports |= rewritten.imports
    for constant, text in body.definitions.items():
        parts.module.add(constant, text, (), (1, source.module.path, 0))
    tail = rewritten.text("def _()").partition("\n")[2]
    used = [name for name in path_names if name in _names(tail) and name != tools.variable]
    if (behind := next((name for name in used if is_format(endpoint, name)), None)) is not None:
        used.remove(behind)
        line = f"    {behind} = {body.request()}.path_params.get({_format_key(behind, source)})\n"
        tail = line + tail
    if any(name not in endpoint.converters for name in used):
        body.refuse("B125", "a parameter of the handler is not in the path", source.node)
    extra = [f"{tools.variable}: {tools.alias}"] if tools.variable else []
    for name in used:
        extra.append(f"{name}: {annotation_of(endpoints.world, env[name], parts.imports)}")
    extra += [p.text for p in body.parameters.values() if p.kind == "body"]
    shown = set(schemas)
    returns = (shown.pop() or "None") if len(shown) == 1 and alone else "Any"
    if returns == "Any":
        parts.use("typing", "Any")
    name = endpoints.name_of(parts, endpoint.action or "handle")
    needs = tuple(p for p in body.parameters.values() if p.kind != "body")
    head = endpoints.signature(parts, name, extra, needs, returns)
    return name, f"{head}\n{tail}", status


def _source(endpoints: Endpoints, endpoint: Endpoint) -> FunctionSource:
    """The function that answers: a method of the view, or the view itself."""
    if (usual := stands_in(endpoints.world, endpoint)) is not None:
        return usual
    ref = endpoint.methods.get(endpoint.action or "")
    path = endpoint.view if endpoint.function_view else ref.path if ref is not None else ""
    source = endpoints.world.sources.function(path) if path else None
    if source is None:
        place = endpoint.source or ""
        raise RefusalError("E110", f"the action `{endpoint.action}` has no rule", place)
    return source


def _require_fitting(endpoint: Endpoint, source: FunctionSource) -> None:
    """Refuse a handler that Python cannot call with the parts of the path: legacy always fails."""
    params = source.node.params
    first = 1 if endpoint.function_view else 2  # the request, and `self` before it
    named = [*params.params[first:], *params.kwonly_params]
    names = {param.name.value for param in named}
    given = {part.name for part in Name.parse(endpoint.id).parameters}
    problem = ""
    if params.star_kwarg is None and given - names:
        problem = f"the handler does not take `{min(given - names)}`, which the path gives"
    needed = {param.name.value for param in named if param.default is None}
    if lacking := needed - given - endpoint.converters.keys():
        problem = f"the handler needs `{min(lacking)}`, which the path does not give"
    if problem:
        raise RefusalError("B125", problem, source.source)


def _given(endpoint: Endpoint, source: FunctionSource) -> tuple[dict[str, Type], list[str]]:
    """Types of the handler's parameters, and those that the path gives."""
    params = source.node.params
    names = [p.name.value for p in (*params.params, *params.kwonly_params)]
    first: tuple[Type, ...] = (Request(),) if endpoint.function_view else (View(), Request())
    env: dict[str, Type] = dict(zip(names, first, strict=False))
    path_names = names[len(first) :]
    defaults = _defaults(source.node)
    for name in path_names:
        env[name] = Plain(_PATH_TYPES.get(endpoint.converters.get(name, ""), "str"))
        if is_format(endpoint, name):
            env[name] = FORMAT
        elif name not in endpoint.converters and name in defaults:
            env[name] = Constant(defaults[name])
    star = source.node.params.star_kwarg
    if star is not None and not path_names:  # then it holds every part of the path
        env[star.name.value] = Kwargs()
    return env, path_names


def _format_key(name: str, source: FunctionSource) -> str:
    """What is asked for the format of a path, with what the handler takes where it has none."""
    params = source.node.params
    found = next(p for p in (*params.params, *params.kwonly_params) if p.name.value == name)
    default = code_of(found.default) if found.default is not None else "None"
    if default == "None":
        return '"format"'
    if not isinstance(found.default, cst.SimpleString):
        raise RefusalError("B125", f"the default of `{name}` is no text", source.source)
    return f'"format", {default}'


def _defaults(node: cst.FunctionDef) -> dict[str, object]:
    """Literal defaults of parameters that nothing assigns."""
    parsed = ast.parse(code_of(node)).body[0]
    stored = {
        each.id
        for each in ast.walk(parsed)
        if isinstance(each, ast.Name) and not isinstance(each.ctx, ast.Load)
    }
    found = {}
    for param in (*node.params.params, *node.params.kwonly_params):
        with suppress(ValueError, SyntaxError):
            if param.default is not None and param.name.value not in stored:
                found[param.name.value] = ast.literal_eval(code_of(param.default))
    return {name: value for name, value in found.items() if isinstance(value, Hashable)}


def _prepared(endpoints: Endpoints, source: FunctionSource, endpoint: Endpoint) -> FunctionSource:
    """The handler without `*args, **kwargs` that it never uses, raising what it would answer."""
    if endpoint.action == "partial_update":
        source = without_partial(source)
    if not endpoint.function_view:
        sources = endpoints.world.sources
        source, pairs = swapped(source, endpoint)
        source = Inlining(sources, endpoint).handler(source)
        source = with_swapped(sources, source, endpoint, pairs)
    if endpoint.action in ("update", "partial_update"):
        source = with_partial(source, partial=endpoint.action == "partial_update")
    source = with_names(endpoints.world, with_functions(endpoints.world, source))
    source = with_short_post(endpoint, source)
    node, facts = source.node, endpoints.world.facts
    stars = [p for p in (node.params.star_arg, node.params.star_kwarg) if isinstance(p, cst.Param)]
    used = {name.value for name in loaded_names(node.body)}
    if stars and not any(star.name.value in used for star in stars):
        params = node.params.with_changes(star_arg=cst.MaybeSentinel.DEFAULT, star_kwarg=None)
        node = node.with_changes(params=params)
    atomic = any(database.atomic_requests for database in facts.databases.values())
    if facts.exception_handler is None and not atomic and not _is_atomic(node):
        node = raising(node)
    return replace(source, node=node)


def _without_kwargs(source: FunctionSource, env: dict[str, Type]) -> FunctionSource:
    """The handler without the `**kwargs` whose use has a rule."""
    star = source.node.params.star_kwarg
    if star is None or star.name.value not in env:
        return source
    params = source.node.params.with_changes(star_kwarg=None)
    return replace(source, node=source.node.with_changes(params=params))


def _is_atomic(node: cst.FunctionDef) -> bool:
    return any("atomic" in code_of(d.decorator) for d in node.decorators)


def _names(text: str) -> set[str]:
    import ast

    tree = ast.parse(f"async def _():\n{text}")
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
