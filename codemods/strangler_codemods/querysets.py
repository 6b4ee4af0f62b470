"""Managers, QuerySet methods and `get_queryset` hooks as functions that build statements."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import libcst as cst

from strangler.facts import Endpoint, Ref

from .body import Body, CallResult, Owner, Parameter
from .class_bodies import class_value, require_lasting, require_outer_names
from .default_order import ordered
from .endpoint_index import index_of
from .functions import Rewritten, finish_query, in_order, rewrite_function, signature
from .modules import NewModule, Tree
from .names import plural, snake, view_stem
from .operation import Operation, Typed, code_of, parse
from .own_filtering import own_filtering
from .own_queryset import with_variable
from .polymorphic import is_its_manager
from .query_functions import (
    arguments_of,
    bound_values,
    either,
    kept_values,
    known_state,
    lasting,
    named_in,
    narrowed,
    statement_for_self,
)
from .refusal import RefusalError
from .sources import KNOWN_PACKAGES, FunctionSource, Module
from .types import Instance, Manager, Query, Type, View
from .world import World

# What is the same for all endpoints of a view, and any other use of the view.
_USUAL = re.compile(
    r"\bself\.request\.(user|query_params|GET)\b|\bdef get_queryset\(self\)|\bself\.queryset\b"
)
_ASKS = re.compile(r"\bself\b")
# What keeps a function from only building a statement.
_ASKING = ("Q107", "Q109")


@dataclass
class Querysets:
    """Builds and remembers the query functions of the new app."""

    world: World
    tree: Tree
    _known: dict[tuple[object, ...], CallResult] = field(default_factory=dict)
    _asking: dict[str, bool] = field(default_factory=dict)
    _running: list[tuple[object, ...]] = field(default_factory=list)

    def install(self) -> None:
        """Let the rules for managers and QuerySet methods find these functions."""
        self.world.manager_base = self.manager
        self.world.manager_function = self.manager_function
        self.world.call_queryset = self.call_method

    def module(self, label: str) -> NewModule:
        """The `queries.py` that statements over a model live in."""
        return self.tree.module(f"app.{label.partition('.')[0]}.queries", "Statements of this app.")

    def manager(self, body: Body, label: str, name: str) -> Typed:
        """What `Model.manager` shows: all rows, or those its `get_queryset` leaves."""
        found = next((m for m in self.world.models[label].managers if m.name == name), None)
        around = body.around[-1] if body.around else None
        entity = around.free(label) if around is not None else body.model(label)
        if found is None or not found.filtering or is_its_manager(found):
            body.use("sqlalchemy", "select")
            other = entity if entity != body.model(label) else ""
            return Typed(parse(f"select({entity})"), Query(label, entity=other))
        if entity != body.model(label):
            body.refuse("Q121", f"rows of {label} inside a query over it have no rule")
        path = self._project_method(found.cls.path, "get_queryset")
        if path is None:
            body.refuse("Q106", f"the manager `{name}` of {label} has no rule")
        function_name = f"{snake(self.world.model_names[label])}_{name}"
        result = self._function(path, label, function_name, None)
        typed = body.call(result, cst.Name("x"))
        return typed

    def manager_function(self, label: str, name: str) -> tuple[str, str]:
        """Module and name of the function that gives the rows of a filtering manager."""
        body = Body(self.world, Module("", "", ""), Owner("function", label))
        typed = self.manager(body, label, name)
        function = typed.code.partition("(")[0]
        return self.module(label).name, function

    def _project_method(self, path: str, name: str) -> str | None:
        for owner in self.world.class_and_bases(path):
            if self.world.sources.function(f"{owner}.{name}") is not None:
                return f"{owner}.{name}"
        return None

    def call_method(self, operation: Operation, path: str, statement: Typed) -> Typed:
        """A QuerySet method of the project as a function on the statement."""
        assert isinstance(statement.type, Query)
        label, state = statement.type.model, statement.type.ordering
        body = operation.body
        source = self.world.sources.function(path)
        assert source is not None
        given = bound_values(operation, source)
        rows = {n: t.type for n, t in given.items() if isinstance(t.type, Instance)}
        name = path.rpartition(".")[2]
        result = self._function(path, label, name, state, rows)
        returns = narrowed(statement.type, result.returns)
        if returns is None and (known := known_state(statement.type)) is not None:
            result = self._function(path, label, name, known, rows)
            returns = result.returns
        if returns is None:
            operation.refuse("Q106", f"`{path}` of this query has no rule")
        body.imports.update(result.imports)
        passed = [statement.code]
        for parameter in result.parameters:
            if parameter.kind == "argument":
                if parameter.name in given:
                    passed.append(f"{parameter.name}={given[parameter.name].code}")
            else:
                operation.refuse("Q106", f"`{path}` needs `{parameter.name}` here")
        return Typed(parse(f"{result.name}({', '.join(passed)})"), returns)

    def _function(
        self,
        path: str,
        label: str,
        name: str,
        state: str | Query | None,
        rows: Mapping[str, Type] | None = None,
    ) -> CallResult:
        """Convert a manager's `get_queryset` (`state` None) or a QuerySet method.

        state: the order of the plain query that it is called on, or what else is known of that.
        rows: types of the arguments that are rows.
        """
        key = (path, label, name, state, *sorted((rows or {}).items(), key=str))
        if key in self._known:
            return self._known[key]
        source = self.world.sources.function(path)
        if source is None:
            raise RefusalError("Q106", f"`{path}` has no source")
        owner = Owner("function", path, call_super=_manager_super(self, label))
        body = Body(self.world, source.module, owner)
        given = Query(label, state) if isinstance(state, str) else state
        env: dict[str, Type] = {"self": given or Manager(label, "")}
        arguments = arguments_of(self.world, source, env, rows or {})
        finish = finish_query if state is None else None
        if key in self._running:
            raise RefusalError("B145", f"`{path}` calls itself", source.source)
        self._running.append(key)
        try:
            rewritten = rewrite_function(source, body, env, finish)
        finally:
            self._running.pop()
        result = self._emit(rewritten, label, name, state, arguments)
        self._known[key] = result
        return result

    def _emit(
        self,
        rewritten: Rewritten,
        label: str,
        name: str,
        state: str | Query | None,
        arguments: list[Parameter],
    ) -> CallResult:
        body = rewritten.body
        module = self.module(label)
        select_type = f"Select[{body.model(label)}]"
        body.use("sqlalchemy", "Select")
        parameters = in_order((*arguments, *body.parameters.values()))
        body.imports.update(each for parameter in arguments for each in parameter.imports)
        first = "" if state is None else f"statement: {select_type}"
        returns = self._returned(rewritten, label) if state is None else either(rewritten)
        wanted = [name, f"{name}_{plural(self.world.models[label])}"]
        text = ""
        for candidate in [*wanted, *(f"{wanted[1]}_{n}" for n in range(2, 100))]:
            text = rewritten.text(signature(candidate, parameters, select_type, first))
            text = statement_for_self(text) if state is not None else text
            known = module.items.get(candidate)
            if known is None or known.text == text:
                name = candidate
                break
        _add(module, rewritten, name, text)
        needed = named_in(module, body, returns)
        return CallResult(name, parameters, returns, ((module.name, name), *needed), writes=False)

    def view(
        self, endpoint: Endpoint, login_required: bool, *, narrowed: bool = False
    ) -> CallResult:
        """The statement of a view for one action, after `get_queryset`.

        narrowed: also after what the view's own `filter_queryset` does besides asking its backends.
        """
        source = own_filtering(self.world, endpoint) if narrowed else None
        if source is not None:
            return self._narrowed(endpoint, source, login_required)
        asks = _asked(endpoint) if self._asks_endpoint(endpoint) else ()
        place = endpoint.queryset.expression_source if endpoint.queryset else None
        model = endpoint.queryset.model if endpoint.queryset else None
        key = ("view", endpoint.view, model, place, *asks, login_required)
        anybody = (*key[:-1], False)
        if anybody in self._known:
            return self._known[anybody]  # what answers strangers answers users, too
        if key not in self._known:
            owner = self.owner(endpoint, login_required)
            _require_own_method(endpoint, self.world)
            self._known[key] = self._view_function(endpoint, owner, list(endpoint.lineage))
        return self._known[key]

    def _narrowed(
        self, endpoint: Endpoint, source: FunctionSource, login_required: bool
    ) -> CallResult:
        key = ("narrowed", endpoint.view, *_asked(endpoint), login_required)
        if key not in self._known:
            label = endpoint.queryset.model if endpoint.queryset else None
            if label is None or label not in self.world.models:
                raise RefusalError("B301", "the model of this view's queryset is not known")
            owner = self.owner(endpoint, login_required)
            _require_own_method(endpoint, self.world)
            rest = [Ref(path=f"{source.module.name}.{source.owner}"), *endpoint.lineage]
            self._known[key] = self._hook(endpoint, owner, label, source, rest)
        return self._known[key]

    def _asks_endpoint(self, endpoint: Endpoint) -> bool:
        """Whether a view's `get_queryset` may look at more than the request's user and parameters.

        One that does not is the same for all of the view's endpoints, which saves most of the work.
        """
        if endpoint.view not in self._asking:
            sources = (
                self.world.sources.function(f"{cls.path}.get_queryset") for cls in endpoint.lineage
            )
            texts = [code_of(source.node) for source in sources if source is not None]
            asking = any(_ASKS.search(_USUAL.sub("", text)) for text in texts)
            # a parameter of the query is called otherwise where the path has one of its name
            of_view = index_of(self.world.facts).by_view.get(endpoint.view, ())
            paths = {name for each in of_view for name in each.converters}
            alike = any(re.search(rf"[\"']{name}[\"']", text) for name in paths for text in texts)
            self._asking[endpoint.view] = asking or alike
        return self._asking[endpoint.view]

    def owner(self, endpoint: Endpoint, login_required: bool) -> Owner:
        """The view that methods of an endpoint belong to."""
        is_set = any(r.path == "rest_framework.viewsets.ViewSetMixin" for r in endpoint.lineage)
        action = endpoint.action if is_set else None
        owner = Owner("view", endpoint.view, action, endpoint.method)
        owner.login_required = login_required
        owner.attributes = {"converters": dict(endpoint.converters), "endpoint": endpoint}
        return owner

    def model_of(self, endpoint: Endpoint) -> str | None:
        """The model of the rows that a view's own `get_queryset` gives; None where it is not plain.

        For views that could not be asked for their queryset without a request.
        """
        for cls in endpoint.lineage:
            source = self.world.sources.function(f"{cls.path}.get_queryset")
            if source is None:
                continue
            try:
                source = with_variable(self.world, endpoint, source)
                rewritten, _ = self._built(source, self.owner(endpoint, login_required=True))
            except RefusalError:
                return None
            kinds = {t.type.model for t in rewritten.returns if t and isinstance(t.type, Query)}
            return kinds.pop() if len(kinds) == 1 else None
        return None

    def _view_function(self, endpoint: Endpoint, owner: Owner, classes: list[Ref]) -> CallResult:
        label = endpoint.queryset.model if endpoint.queryset else None
        if label is None or label not in self.world.models:
            raise RefusalError("B301", "the model of this view's queryset is not known")
        for index, cls in enumerate(classes):
            source = self.world.sources.function(f"{cls.path}.get_queryset")
            if source is not None:
                return self._hook(endpoint, owner, label, source, classes[index:])
        return self._attribute(endpoint, owner, label)

    def _hook(
        self, endpoint: Endpoint, owner: Owner, label: str, source: FunctionSource, rest: list[Ref]
    ) -> CallResult:
        def call_super(body: Body, name: str, node: cst.BaseExpression) -> CallResult | Typed:
            if name != "get_queryset":
                body.refuse("B302", f"`super().{name}` has no rule", node)
            foreign = next((c.path for c in rest[1:] if c.package not in KNOWN_PACKAGES), None)
            if foreign is not None:
                body.refuse("B302", f"`super().{name}` may reach `{foreign}`, unread", node)
            return self._view_function(endpoint, owner, rest[1:])

        def attribute(body: Body) -> Typed:
            typed, inner_body, _ = self._attribute_statement(endpoint, owner)
            body.imports |= inner_body.imports
            return typed

        changes = {"call_super": call_super, "queryset_attribute": attribute}
        source = with_variable(self.world, endpoint, source)
        rewritten, runs = self._built(source, Owner(**{**vars(owner), **changes}))
        body = rewritten.body
        for typed in rewritten.returns:
            if typed is not None and isinstance(typed.type, Query) and typed.type.model != label:
                text = f"`get_queryset` gives rows of {typed.type.model}, not of {label}"
                body.refuse("B306", text, source.node)
            if typed is not None:
                _require_whole(body, typed, source.node)
        return replace(self._emit_view(rewritten, rest[0].path, label), runs=runs)

    def _built(self, source: FunctionSource, owner: Owner) -> tuple[Rewritten, bool]:
        """A `get_queryset` that builds a statement; True where it asks the database meanwhile."""
        env: dict[str, Type] = {p.name.value: View() for p in source.node.params.params[:1]}
        body = Body(self.world, source.module, owner)
        try:
            return rewrite_function(source, body, env, finish_query), False
        except RefusalError as refusal:
            if refusal.code not in _ASKING:
                raise
        body = Body(self.world, source.module, owner, colour="sync")
        rewritten = rewrite_function(source, body, env, finish_query)
        body.session()
        return rewritten, True

    def attribute(self, endpoint: Endpoint, body: Body) -> Typed:
        """`self.queryset` in a handler of the view."""
        typed, inner, _ = self._attribute_statement(endpoint, body.owner)
        body.imports |= inner.imports
        return typed

    def _attribute(self, endpoint: Endpoint, owner: Owner, label: str) -> CallResult:
        """The class attribute `queryset`, as a function of its own."""
        typed, body, path = self._attribute_statement(endpoint, owner)
        return self._statement(body, ordered(body, typed), path, label)

    def _attribute_statement(self, endpoint: Endpoint, owner: Owner) -> tuple[Typed, Body, str]:
        for ref in endpoint.lineage:
            found = self.world.sources.class_node(ref.path)
            bound = class_value(found[0], "queryset", found[1]) if found else None
            if found is None or bound is None:
                continue
            value, line = bound
            body = Body(self.world, found[1], owner)
            place = endpoint.queryset.expression_source if endpoint.queryset else None
            if place is not None and place != f"{found[1].path}:{line}":
                body.refuse("B301", "`queryset` is not the one that the running view has", value)
            require_outer_names(body, found[0], value)
            require_lasting(body, value)
            typed = body.expr(value)
            if isinstance(typed.type, Manager):
                typed = self.manager(body, typed.type.model, typed.type.name)
            if not isinstance(typed.type, Query):
                body.refuse("Q108", "`queryset` is no query", value)
            _require_whole(body, typed, value)
            return typed, body, ref.path
        raise RefusalError("B301", "this view has no `queryset` in the project's sources")

    def _statement(self, body: Body, typed: Typed, cls: str, label: str) -> CallResult:
        module = self.module(label)
        name = self._name(module, cls, label, f"    return {typed.code}\n")
        body.use("sqlalchemy", "Select")
        head = signature(name, (), f"Select[{body.model(label)}]")
        module.add(name, f"{head}:\n    return {typed.code}\n", body.imports)
        assert isinstance(typed.type, Query)
        kind = typed.type
        returned = Query(
            label,
            lasting([kind]),
            kind.joins,
            many=kind.many,
            distinct=kind.distinct,
            loaded=kind.loaded,
            computed=kept_values(body, [kind]),
            once=kind.once,
        )
        needed = named_in(module, body, returned)
        return CallResult(name, (), returned, ((module.name, name), *needed), writes=False)

    def _emit_view(self, rewritten: Rewritten, cls: str, label: str) -> CallResult:
        body = rewritten.body
        module = self.module(label)
        body.use("sqlalchemy", "Select")
        parameters = in_order(body.parameters.values())
        returns = f"Select[{body.model(label)}]"
        tail = rewritten.text(signature("_", parameters, returns)).partition("\n")[2]
        name = self._name(module, cls, label, tail)
        text = rewritten.text(signature(name, parameters, returns))
        _add(module, rewritten, name, text)
        returned = self._returned(rewritten, label)
        needed = named_in(module, body, returned)
        return CallResult(name, parameters, returned, ((module.name, name), *needed), writes=False)

    def _returned(self, rewritten: Rewritten, label: str) -> Query:
        """What a function of statements gives: in its final order, with what its rows carry."""
        kinds = [t.type for t in rewritten.returns if t is not None]
        queries = [kind for kind in kinds if isinstance(kind, Query)]
        extras = {query.extras() for query in queries}
        if len(extras) > 1:
            place = rewritten.source.source
            raise RefusalError("Q110", "its queries compute different values", place)
        joined = frozenset().union(*(query.joins for query in queries))
        many = frozenset().union(*(query.many for query in queries))
        distinct = any(query.distinct for query in queries)
        loaded = extras.pop() if extras else ()
        ordering = lasting(queries)
        computed = kept_values(rewritten.body, queries)
        once = any(query.once for query in queries)
        return Query(
            label, ordering, joined, many=many, distinct=distinct, loaded=loaded, computed=computed,
            once=once,
        )  # fmt: skip

    def _name(self, module: NewModule, cls: str, label: str, tail: str) -> str:
        """The model's plural where free, else led by the view's name, else numbered."""
        many = plural(self.world.models[label])
        wanted = [many, f"{view_stem(cls)}_{many}"]
        wanted += [f"{wanted[1]}_{number}" for number in range(2, 100)]
        for name in (each for each in wanted if each not in self.world.apart):
            known = module.items.get(name)
            if known is None or known.text.partition("\n")[2].strip() == tail.strip():
                return name
        raise RefusalError("B303", f"no free name for the queries of {label}")


def _asked(endpoint: Endpoint) -> tuple[object, ...]:
    """What `get_queryset` may read of an endpoint; a view stands behind several paths."""
    return endpoint.action, endpoint.method, *sorted(endpoint.converters.items())


def _add(module: NewModule, rewritten: Rewritten, name: str, text: str) -> None:
    source = rewritten.source
    for constant, definition in rewritten.body.definitions.items():
        module.add(constant, definition, (), (1, source.module.path, 0))
    module.add(name, text, rewritten.imports, (5, source.module.path, source.line))


def _manager_super(querysets: Querysets, label: str):  # type: ignore[no-untyped-def]  # the hook's type is Owner's
    def call_super(body: Body, name: str, node: cst.BaseExpression) -> Typed:
        if name != "get_queryset":
            body.refuse("B302", f"`super().{name}` of a manager has no rule", node)
        body.use("sqlalchemy", "select")
        return Typed(parse(f"select({body.model(label)})"), Query(label))

    return call_super


def _require_own_method(endpoint: Endpoint, world: World) -> None:
    """Refuse a `get_queryset` that is not written as a method of the project's classes."""
    ref = endpoint.methods.get("get_queryset")
    if ref is None:
        return
    written = (f"{cls.path}.get_queryset" for cls in endpoint.lineage)
    first = next((path for path in written if world.sources.function(path) is not None), None)
    if first != ref.path:
        raise RefusalError("B302", f"`{ref.path}` has no rule as `get_queryset`", ref.source or "")


def _require_whole(body: Body, typed: Typed, node: cst.CSTNode) -> None:
    """Refuse a slice as a view's queryset: pages, filters and lookups would cut it anew."""
    if not isinstance(typed.type, Query):
        return
    if typed.type.sliced:
        body.refuse("Q131", "a slice as the queryset of a view has no rule", node)
    if typed.type.values:
        body.refuse("Q106", "columns as the queryset of a view have no rule", node)
    if typed.type.repeats:
        body.refuse("Q111", "a view in the order of a to-many relation has no rule", node)
