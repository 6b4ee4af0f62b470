"""Endpoints: one function per action, in the order of work that DRF keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from strangler.facts import Endpoint, Model

from .body import CallResult, Import, Parameter
from .found_objects import asks_above, own_object
from .generic_views import as_action, with_own_update
from .listing import Listing
from .modules import NewModule, Tree
from .names import as_docstring, identifier, plural, several, snake, view_stem
from .own_filtering import require_carried
from .package_views import PackageViews, is_known, with_token_post
from .permissions import Permissions
from .querysets import Querysets
from .refusal import Reason, RefusalError
from .required_login import requires_login
from .root_views import with_root_permissions, without_names
from .routers import Routers
from .row_names import row_name
from .saving_hooks import perform_hook
from .schemas import Schemas
from .types import Instance, Query, Type, Unknown
from .view_contexts import HOOK, stands_in
from .view_hooks import overridden
from .world import World
from .writability import serializer_obstacle, write_obstacle

_ACTIONS = "app.compat.actions"


Written = tuple[str, str, int]


@dataclass(frozen=True)
class Emitted:
    """A converted endpoint: where its function is."""

    module: str
    function: str


@dataclass
class Parts:
    """What the functions of one endpoint are put together from."""

    endpoint: Endpoint
    table: Model | None
    router: str
    module: NewModule
    imports: set[Import] = field(default_factory=set)
    login: bool = False
    #: The paginator and the filters whose query parameters clients may send.
    asked: list[str] = field(default_factory=list)

    def with_model(self) -> Parts:
        """These parts; a view whose model is not known is refused."""
        _ = self.model
        return self

    @property
    def model(self) -> Model:
        """The model of the view; a view without one is refused."""
        if self.table is None:
            raise RefusalError("B301", "the model of this view is not known")
        return self.table

    @property
    def label(self) -> str:
        """The label of the model."""
        return self.model.name

    def use(self, module: str, name: str) -> str:
        """Import a name into the router's module."""
        self.imports.add((module, name))
        return name


@dataclass
class Endpoints:
    """Converts endpoints one by one; what one needs is shared with the others."""

    world: World
    tree: Tree
    querysets: Querysets
    schemas: Schemas
    permissions: Permissions
    listing: Listing
    routers: Routers

    def convert(self, endpoint: Endpoint) -> Emitted | list[Reason]:
        """The endpoint's function, or every reason that keeps it on legacy."""
        if endpoint.kind == "package" or is_known(endpoint):
            return self._package(endpoint)
        endpoint = with_token_post(endpoint)
        endpoint = with_own_update(as_action(endpoint, self.world.sources), self.world.sources)
        reasons: list[Reason] = []
        for step in self._steps(endpoint):
            try:
                step()
            except RefusalError as refusal:
                reasons.append(refusal.reason(endpoint.source or ""))
        if reasons:
            return list(dict.fromkeys(reasons))
        try:
            return self._emit(endpoint)
        except RefusalError as refusal:
            return [refusal.reason(endpoint.source or "")]

    def _check_view(self, endpoint: Endpoint) -> None:
        overridden(self.world, endpoint)
        self.routers.check(endpoint)
        self.routers.check_order(endpoint)

    def _steps(self, endpoint: Endpoint) -> Iterator[Callable[[], object]]:
        """Everything but the function itself, so that all reasons are known at once."""
        yield lambda: self._check_view(endpoint)
        found: list[Parts] = []
        yield lambda: found.append(self._parts(endpoint))
        yield from self._dry_parts(endpoint, found[0]) if found else ()

    def _dry_parts(self, endpoint: Endpoint, parts: Parts) -> list[Callable[[], object]]:
        steps: list[Callable[[], object]] = [lambda: self.permissions_text(parts)]
        if not self._own_handler(endpoint):
            if endpoint.action != "destroy":  # it shows no row
                steps.append(lambda: self._read(parts))
            if "get_object" not in endpoint.methods and endpoint.action != "create":
                one = endpoint.action != "list"
                steps.append(lambda: self.querysets.view(endpoint, parts.login, narrowed=True))
                steps.append(
                    lambda: self.listing.filters(
                        parts.endpoint, parts.label, parts.imports, self._rows(parts), one=one
                    )
                )
        asked = endpoint.serializer is not None or not self._own_handler(endpoint)
        if asked and endpoint.action in ("create", "update", "partial_update"):
            steps.append(lambda: self.schemas.write(endpoint.serializer or ""))
        return steps

    def _parts(self, endpoint: Endpoint) -> Parts:
        label = endpoint.queryset.model if endpoint.queryset else self._serializer_model(endpoint)
        module, router = self.routers.router(endpoint)
        login = requires_login(endpoint.permissions, endpoint.method)
        parts = Parts(endpoint, self.world.models.get(label or ""), router, module, login=login)
        return parts if self._own_handler(endpoint) else parts.with_model()

    def _serializer_model(self, endpoint: Endpoint) -> str | None:
        found = (s for s in self.world.facts.serializers if s.name == endpoint.serializer)
        return next((s.model for s in found), None)

    def package_view(self, endpoint: Endpoint) -> bool:
        """Whether the view of a package may have a rule."""
        return is_known(endpoint)

    def _package(self, endpoint: Endpoint) -> Emitted | list[Reason]:
        """The function of an endpoint that a package brings."""
        try:
            if (hook := endpoint.methods.get(HOOK)) is not None:
                raise RefusalError("E101", f"the view overrides `{HOOK}`", hook.source or "")
            if endpoint.kind == "drf":
                overridden(self.world, without_names(endpoint))
            endpoint = with_root_permissions(self.world, endpoint)
            self.routers.check(endpoint)
            self.routers.check_order(endpoint)
            module, router = self.routers.router(endpoint)
            parts = Parts(endpoint, None, router, module)
            views = PackageViews(self.world, self.tree, self.routers.authentication)
            known = views.known(endpoint, parts.imports)
            permissions = self.permissions_text(parts)
        except RefusalError as refusal:
            return [refusal.reason(endpoint.source or "")]
        self.routers.settle(endpoint, permissions, parts.imports)
        name = self.routers.function_name(module, known.name, endpoint)
        taken, value = known.parameters, known.value
        if taken is None:
            value = f"await session.run_sync({value})"
            taken = f"session: {parts.use('app.db', 'Session')}"
        if known.body:
            taken += f", data: {parts.use('app.compat.schemas', 'Valid')}[{known.body}]"
        options = self.routers.options(endpoint, permissions, known.status, parts.imports)
        docstring = _docstring(endpoint) if endpoint.kind == "drf" else ""
        text = (
            f'@{router}.{endpoint.method.lower()}("{self.routers.path(endpoint)}"{options})\n'
            f"async def {name}({taken}) -> {known.answer}:\n{docstring}    return {value}\n"
        )
        module.add(name, text, parts.imports, self.routers.order(endpoint))
        return Emitted(module.name, name)

    def permissions_text(self, parts: Parts) -> str:
        """The permissions of the action as a list."""
        trees = parts.endpoint.permissions
        texts = [self.permissions.expression(t, parts.endpoint, parts.imports) for t in trees]
        return f"[{', '.join(texts)}]"

    def _emit(self, endpoint: Endpoint) -> Emitted:
        parts = self._parts(endpoint)
        permissions = self.permissions_text(parts)
        self.routers.settle(endpoint, permissions, parts.imports)
        written = self._own_handler(endpoint)
        kind = "handler" if written else f"{endpoint.action} endpoint"
        name, text, status = self.world.registry.declared(kind)(self, parts)
        asks = not self.permissions.asking.isdisjoint(parts.imports)
        options = self.routers.options(
            endpoint, permissions, status, parts.imports, asks_action=asks
        )
        if asked := list(dict.fromkeys(parts.asked)):
            options += f", query=({', '.join(asked)}{',' if len(asked) == 1 else ''})"
        path = self.routers.path(endpoint)
        decorator = f'@{parts.router}.{endpoint.method.lower()}("{path}"{options})'
        order = self.routers.order(endpoint)
        docstring = _docstring(endpoint)
        head, _, tail = text.partition("\n")
        if tail.lstrip().startswith(('"""', "'''")):
            docstring = ""  # the handler's own
        parts.module.add(name, f"{decorator}\n{head}\n{docstring}{tail}", parts.imports, order)
        return Emitted(parts.module.name, name)

    def _own_handler(self, endpoint: Endpoint) -> bool:
        """Whether the project wrote the method that answers."""
        written = endpoint.function_view or (endpoint.action or "") in endpoint.methods
        return written or stands_in(self.world, endpoint) is not None

    # what the actions are made of

    def _read(self, parts: Parts) -> str:
        if parts.endpoint.action == "list":
            self.schemas.require_lists(parts.endpoint.serializer or "")
        extras = self._extras(parts)
        return parts.use(*self.schemas.read(parts.endpoint.serializer or "", parts.label, extras))

    def _extras(self, parts: Parts) -> tuple[tuple[str, str], ...]:
        """What the view's queryset computes for the rows that are shown."""
        own = "get_object" in parts.endpoint.methods and not asks_above(self.world, parts.endpoint)
        if parts.endpoint.action == "create" or own:
            return ()
        found = self._rows(parts)
        return found.extras() if isinstance(found, Query) else ()

    def _rows(self, parts: Parts) -> Type:
        """What the view's queryset gives."""
        try:
            return self.querysets.view(parts.endpoint, parts.login, narrowed=True).returns
        except RefusalError as refusal:  # the queryset itself says so
            return Unknown(refusal.message)

    def _statement(self, parts: Parts, *, one: bool = False) -> tuple[str, tuple[Parameter, ...]]:
        """The filtered statement as text, and the parameters it needs."""
        call = self.querysets.view(parts.endpoint, parts.login, narrowed=True)
        text, needs = self.call_text(parts, call)
        filters = self.listing.filters(
            parts.endpoint, parts.label, parts.imports, call.returns, one=one
        )
        if filters is None:
            return text, needs
        constant = self.routers.constant(parts.module, parts.model, filters)
        parts.asked += [] if one else [f"*{constant}"]
        parts.use("app.compat.filtering", "filtered_by")
        request = Parameter("request", "Request", "request", imports=(("fastapi", "Request"),))
        return f"await filtered_by(session, {text}, request, {constant})", (request, *needs)

    def call_text(self, parts: Parts, call: CallResult) -> tuple[str, tuple[Parameter, ...]]:
        """A call of a query function inside an endpoint."""
        parts.imports.update(call.imports)
        if call.runs:
            named = [f"{p.name}={p.name}" for p in call.parameters if p.kind != "session"]
            text = f"await session.run_sync({', '.join([call.name, *named])})"
            return text, tuple(p for p in call.parameters if p.kind != "session")
        passed = [
            "session.sync_session" if p.kind == "session" else p.name for p in call.parameters
        ]
        return f"{call.name}({', '.join(passed)})", call.parameters

    def signature(
        self, parts: Parts, name: str, extra: list[str], needs: tuple[Parameter, ...], returns: str
    ) -> str:
        """The endpoint's signature: what is needed, then what only it takes, defaults last."""
        texts: dict[str, str] = {}
        # where one part needs a user, those that take strangers are given that one, too
        user = next((p for p in needs if p.kind == "user" and "None" not in p.annotation), None)
        for each in needs:
            parameter = user if user is not None and each.kind == "user" else each
            text = self._parameter(parts, parameter)
            if texts.setdefault(parameter.name, text) != text:
                raise RefusalError("B130", f"two values are both called `{parameter.name}`")
        asked = {parameter.name for parameter in needs if parameter.kind == "query"}
        hidden = asked & {imported.rpartition(" ")[2] for _, imported in parts.imports}
        if hidden:
            text = f"the query parameter `{sorted(hidden)[0]}` hides what the endpoint calls"
            raise RefusalError("B152", text, parts.endpoint.source or "")
        extra = [text for text in extra if text not in texts.values()]  # a part of the path, twice
        taken = {text.partition(":")[0] for text in extra} & texts.keys()
        if taken:
            raise RefusalError("B130", f"two values are both called `{sorted(taken)[0]}`")
        texts.setdefault("session", f"session: {parts.use('app.db', 'Session')}")
        required = [t for t in texts.values() if " = " not in t]
        optional = [t for t in texts.values() if " = " in t]
        return f"async def {name}({', '.join([*required, *extra, *optional])}) -> {returns}:"

    def _parameter(self, parts: Parts, parameter: Parameter) -> str:
        parts.imports.update(parameter.imports)
        match parameter.kind:
            case "user":
                kind = "OptionalUser" if "None" in parameter.annotation else "CurrentUser"
                return f"user: {parts.use('app.identity', kind)}"
            case "session":
                return f"session: {parts.use('app.db', 'Session')}"
            case "request":
                return f"request: {parts.use('fastapi', 'Request')}"
            case "query":
                return f"{parameter.name}: {parameter.key} = {parameter.default}"
            case "path":
                return f"{parameter.name}: {parameter.annotation}"
        raise RefusalError("B303", f"an endpoint cannot provide `{parameter.name}`")

    def found(self, parts: Parts) -> tuple[str, str]:
        """Variable and annotation of the object that a detail endpoint works on."""
        endpoint = parts.endpoint
        if "get_object" in endpoint.methods:
            return own_object(self, parts)
        if ref := endpoint.methods.get("check_object_permissions"):
            raise RefusalError(
                "E101", "the view overrides `check_object_permissions`", ref.source or ""
            )
        require_carried(self.world, endpoint)
        statement, needs = self._statement(parts, one=True)
        kwarg = endpoint.lookup_url_kwarg or endpoint.lookup_field or "pk"
        column = self.world.field_named(parts.label, endpoint.lookup_field or "pk")
        if column is None or kwarg not in endpoint.converters:
            raise RefusalError("B304", f"the lookup by `{endpoint.lookup_field}` has no rule")
        class_name = parts.use(*self.world.model_symbol(parts.label))
        variable = row_name(class_name)
        if parts.label == self.world.user_label and self._own_handler(endpoint):
            variable = f"found_{variable}"  # who asks has that name
        attribute = self.world.attribute(column[1].attname)
        key = identifier(kwarg)
        parts.use(_ACTIONS, "get_object")
        body = (
            f"    return await get_object(session, {statement}, {class_name}.{attribute}, {key})\n"
        )
        head = self.signature(parts, "_", [f"{key}: str"], needs, class_name)
        stem = f"{variable}_by_{key}"
        name = self.routers.finder(parts.module, stem, f"{head}\n{body}", parts.imports)
        alias = f"Found{class_name}" + name.removeprefix(stem).title().replace("_", "")
        parts.imports |= {("typing", "Annotated"), ("fastapi", "Depends")}
        alias = parts.module.free_name(alias, f"{alias} = Annotated[{class_name}, Depends({name})]")
        text = f"{alias} = Annotated[{class_name}, Depends({name})]"
        parts.module.add(
            alias, text, parts.imports, self.routers.finder_order(parts.module, name, 1)
        )
        return variable, alias

    def stem(self, parts: Parts) -> str:
        """The view's name as the beginning of names."""
        return view_stem(parts.endpoint.view)

    def name_of(self, parts: Parts, verb: str, many: bool = False) -> str:
        """A name for an endpoint's function."""
        stem = self.stem(parts)
        if many:
            model = parts.table
            is_model = model is not None and stem == snake(model.name.rpartition(".")[2])
            stem = plural(model) if model is not None and is_model else several(stem)
        wanted = f"{verb}_{stem}"
        if parts.module.imports_as(wanted, parts.imports):  # what it calls has the name
            wanted = f"{wanted}_endpoint"
        return self.routers.function_name(parts.module, wanted, parts.endpoint)

    # the actions

    def list(self, parts: Parts) -> Written:
        """`GET` on the collection."""
        statement, needs = self._statement(parts)
        schema = self._read(parts)
        paginator = self.listing.paginator(parts.endpoint)
        name = self.name_of(parts, "list", many=True)
        if paginator is None:
            parts.use(_ACTIONS, "read_all")
            line = f"    return await read_all(session, {schema}, {statement})\n"
            returns = f"list[{schema}]"
        else:
            line, returns = self._page(parts, paginator[1], statement, schema)
            parts.imports.add(paginator)
        return name, f"{self.signature(parts, name, [], needs, returns)}\n{line}", 200

    def _page(self, parts: Parts, paginator: str, statement: str, schema: str) -> tuple[str, str]:
        """How a list is cut into pages, and what is returned then."""
        parts.use("app.compat.pagination", "paginate")
        parts.asked.insert(0, paginator)
        chosen = self.listing.cursor_ordering(parts.endpoint, parts.label)
        page = parts.use("app.compat.pagination", "Page" if chosen is None else "CursorPage")
        call = f"session, {paginator}, {statement}, {schema}"
        if chosen:
            rows = self._rows(parts)
            filters = self.listing.filters(parts.endpoint, parts.label, parts.imports, rows)
            constant = self.routers.constant(parts.module, parts.model, filters or "()")
            parts.use("app.compat.filtering", "chosen_ordering")
            call += f", ordering=chosen_ordering(request, {constant})"
        return f"    return await paginate({call})\n", f"{page}[{schema}]"

    def retrieve(self, parts: Parts) -> Written:
        """`GET` of one object."""
        schema = self._read(parts)
        variable, alias = self.found(parts)
        parts.use(_ACTIONS, "read")
        name = self.name_of(parts, "retrieve")
        head = self.signature(parts, name, [f"{variable}: {alias}"], (), schema)
        return name, f"{head}\n    return await read(session, {schema}, {variable})\n", 200

    def create(self, parts: Parts) -> Written:
        """`POST` on the collection."""
        schema = self._read(parts)
        write = parts.use(*self.schemas.write(parts.endpoint.serializer or ""))
        class_name = parts.use(*self.world.model_symbol(parts.label))
        variable = row_name(class_name)
        lines, variable, needs = perform_hook(self, parts, "perform_create", variable, None)
        if lines is None:
            self._require_saving(parts, "create")
            parts.use(_ACTIONS, "create")
            lines = f"    {variable} = await create(session, {class_name}, data)\n"
        valid = parts.use("app.compat.schemas", "Valid")
        parts.use(_ACTIONS, "read")
        name = self.name_of(parts, "create")
        head = self.signature(parts, name, [f"data: {valid}[{write}]"], needs, schema)
        return name, f"{head}\n{lines}    return await read(session, {schema}, {variable})\n", 201

    def update(self, parts: Parts) -> Written:
        """`PUT` and `PATCH` of one object."""
        schema = self._read(parts)
        write = parts.use(*self.schemas.write(parts.endpoint.serializer or ""))
        variable, alias = self.found(parts)
        partial = parts.endpoint.action == "partial_update"
        lines, saved, needs = perform_hook(self, parts, "perform_update", variable, variable)
        if lines is None:
            self._require_saving(parts, "update")
            parts.use(_ACTIONS, "update")
            lines = f"    {saved} = await update(session, {variable}, data)\n"
        valid = parts.use("app.compat.schemas", "ValidFor")
        wanted = f"{parts.use('app.compat.schemas', 'Partial')}[{write}]" if partial else write
        parts.use(_ACTIONS, "read")
        name = self.name_of(parts, parts.endpoint.action or "update")
        extra = [f"{variable}: {alias}", f"data: {valid}[{wanted}, {alias}]"]
        head = self.signature(parts, name, extra, needs, schema)
        return name, f"{head}\n{lines}    return await read(session, {schema}, {saved})\n", 200

    def destroy(self, parts: Parts) -> Written:
        """`DELETE` of one object."""
        self.require_writable(parts, "delete")
        variable, alias = self.found(parts)
        lines, _, needs = perform_hook(self, parts, "perform_destroy", variable, variable)
        if lines is None:
            parts.use(_ACTIONS, "destroy")
            lines = f"    await destroy(session, {variable})\n"
        name = self.name_of(parts, "destroy")
        head = self.signature(parts, name, [f"{variable}: {alias}"], needs, "None")
        return name, f"{head}\n{lines}", 204

    def require_writable(self, parts: Parts, *kinds: str) -> None:
        """Refuse where the write would skip code of the project."""
        for kind in kinds:
            reason = write_obstacle(self.world, parts.label, kind)
            if reason is not None:
                raise RefusalError("Q113", reason)

    def _require_saving(self, parts: Parts, method: str) -> None:
        """Refuse where `serializer.save()` would skip code of the project."""
        own = self.schemas.saver(parts.endpoint.serializer or "", method, {})
        if own is None:
            self.require_writable(parts, "save", "m2m")
            reason = serializer_obstacle(self.world, parts.label, parts.endpoint.serializer)
            if reason is not None:
                raise RefusalError("Q113", reason)
        elif not isinstance(own, Instance) or own.model != parts.label:
            raise RefusalError("B136", f"the serializer saves something else than {parts.label}")


def _docstring(endpoint: Endpoint) -> str:
    text = (endpoint.docstring or "").strip()
    return f"    {as_docstring(text)}\n" if text else ""
