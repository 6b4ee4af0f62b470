"""Routers of the new app: one for each view, in the legacy order."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

import libcst as cst

from strangler.facts import Endpoint, Model

from .authentication import Authentication, tuple_of
from .body import Import
from .chosen_fields import chooses
from .endpoint_index import index_of
from .finalizers import Finalizers
from .format_suffixes import format_options
from .gates import Gates
from .modules import NewModule, Tree
from .names import identifier, snake, view_stem
from .operation import code_of
from .overlaps import overlap
from .project_renderers import JSON_RENDERER, ProjectRenderers
from .refusal import RefusalError
from .throttles import Policies
from .world import World

_RENDERERS: dict[str, Import] = {
    JSON_RENDERER: ("app.compat.responses", "JSON"),
    "rest_framework.renderers.BrowsableAPIRenderer": ("app.compat.negotiation", "BROWSABLE"),
    "rest_framework_xml.renderers.XMLRenderer": ("app.compat.xml_renderer", "XML"),
}
_PARSER_NAMES = {
    "rest_framework.parsers.JSONParser": "JSON_PARSER",
    "rest_framework.parsers.FormParser": "FORM_PARSER",
    "rest_framework.parsers.MultiPartParser": "MULTIPART_PARSER",
    "rest_framework.parsers.FileUploadParser": "UPLOAD_PARSER",
}
#: What a view has that names no parsers.
_USUAL_PARSERS = ["JSON_PARSER", "FORM_PARSER", "MULTIPART_PARSER"]
# A class of characters, some of them: `\\w+`, `[-a-z]{2,5}`.
_SEGMENT = re.compile(r"(\[[^\]'\"]+\]|\\[wd])(\+|\{\d+(,\d*)?\})?")
# The order in which DRF lists methods.
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE")
# Documentation, and what DRF's own views are anyway.
_HARMLESS = frozenset(
    [
        "django.views.decorators.csrf.csrf_exempt",
        "drf_spectacular.drainage.isolate_view_method",
        "drf_spectacular.utils.extend_schema",
    ]
)
# `transaction.atomic` around a function, as the running function shows it.
_ATOMIC = "contextlib.ContextDecorator.__call__"
_NEGOTIATION = "rest_framework.negotiation.DefaultContentNegotiation"


@dataclass
class Routers:
    """Names and options of routers and of what stands in their modules."""

    world: World
    tree: Tree
    authentication: Authentication
    _routers: dict[str, tuple[str, str]] = field(default_factory=dict)
    #: The ids of the endpoints that are in the new app, once that is known.
    converted: frozenset[str] = frozenset()

    @cached_property
    def own_renderers(self) -> ProjectRenderers:
        """The renderers that the project wrote."""
        return ProjectRenderers(self.world, self.tree)

    @cached_property
    def policies(self) -> Policies:
        """Throttles and versioning schemes."""
        return Policies(self.world, self.tree)

    @cached_property
    def finalizers(self) -> Finalizers:
        """The project's `finalize_response` methods."""
        return Finalizers(self.world, self.tree)

    @cached_property
    def gates(self) -> Gates:
        """The project's `initial` and the like."""
        return Gates(self.world, self.tree)

    _functions: dict[tuple[str, str], str] = field(default_factory=dict)
    _names: dict[str, set[str]] = field(default_factory=dict)
    _convertors: dict[str, str] = field(default_factory=dict)

    def check(self, endpoint: Endpoint) -> None:
        """Refuse renderers, parsers, negotiation, versions and throttles without a rule."""
        place = endpoint.source or ""
        _check_formats(self.own_renderers, endpoint, place)
        if endpoint.negotiation not in (None, "", _NEGOTIATION):
            raise RefusalError("E122", f"`{endpoint.negotiation}` has no rule", place)
        if endpoint.versioning is not None:
            self.policies.versioning(endpoint, set())
        for throttle in endpoint.throttles:
            self.policies.throttle(throttle.path, place)
        carried = self._carried_decorators(endpoint)
        for decorator in endpoint.decorators:
            if decorator not in _HARMLESS and decorator not in carried:
                raise RefusalError("E125", f"the decorator `{decorator}` has no rule", place)
        self._check_route(endpoint)
        self.authentication.check(endpoint)
        self.finalizers.function(endpoint)
        self.gates.hooks(endpoint)

    def _carried_decorators(self, endpoint: Endpoint) -> tuple[str, ...]:
        """What the rewriter carries of the handler's own decorators: `transaction.atomic`."""
        ref = endpoint.methods.get(endpoint.action or "")
        path = endpoint.view if endpoint.function_view else ref.path if ref is not None else ""
        source = self.world.sources.function(path) if path else None
        if source is None or endpoint.decorators.count(_ATOMIC) != 1:
            return ()
        names = [d.decorator for d in source.node.decorators]
        found = [code_of(n.func if isinstance(n, cst.Call) else n) for n in names]
        paths = [self.world.sources.resolve(source.module, name) for name in found]
        return (_ATOMIC,) if paths.count("django.db.transaction.atomic") == 1 else ()

    def _check_route(self, endpoint: Endpoint) -> None:
        """Refuse routes that fit other paths than their template says, or that never answer."""
        if not (endpoint.exact and (endpoint.anchored or not endpoint.suffix_variants)):
            text = f"the route `{endpoint.route}` fits paths of more than one form"
            raise RefusalError("E126", text, endpoint.source or "")
        if endpoint.shadowed_by is not None:
            text = f"`{endpoint.shadowed_by}` answers in place of this path"
            raise RefusalError("E104", text, endpoint.source or "")

    def check_order(self, endpoint: Endpoint) -> None:
        """Refuse an endpoint before which legacy asks another view: routers keep views together."""
        endpoints = self.world.facts.endpoints
        first = index_of(self.world.facts).first(endpoint.view)
        for other in endpoints[first : self._position(endpoint)]:
            if other.view != endpoint.view and overlap(other, endpoint):
                text = f"`{other.path}` of another view stands between the paths of this one"
                raise RefusalError("E104", text, endpoint.source or "")

    def _of_view(self, view: str) -> list[Endpoint]:
        return index_of(self.world.facts).by_view.get(view, [])

    def app(self, endpoint: Endpoint) -> str:
        """The app whose folder an endpoint's function lies in."""
        model = endpoint.queryset.model if endpoint.queryset else None
        return self.world.app_of(endpoint.view) or (model or "core.").partition(".")[0]

    def router(self, endpoint: Endpoint) -> tuple[NewModule, str]:
        """The module and the name of a view's router."""
        module = self.tree.module(f"app.{self.app(endpoint)}.routers", "Endpoints of this app.")
        if endpoint.view not in self._routers:
            name = f"{view_stem(endpoint.view)}_router"
            taken = {r for m, r in self._routers.values() if m == module.name}
            number = 2
            while name in taken:
                name, number = f"{view_stem(endpoint.view)}_router_{number}", number + 1
            self._routers[endpoint.view] = (module.name, name)
        return module, self._routers[endpoint.view][1]

    def prefix(self, view: str) -> str:
        """What the paths of a view begin with, up to the first variable part."""
        paths = [e.path for e in self._of_view(view)]
        parts = paths[0].split("/")
        common = 0
        for index, part in enumerate(parts[:-1] if paths[0].endswith("/") else parts):
            same = all(len(p.split("/")) > index and p.split("/")[index] == part for p in paths)
            if not same or "{" in part:
                break
            common = index + 1
        prefix = "/".join(parts[:common])
        while prefix and any(len(p) <= len(prefix) for p in paths):
            prefix = prefix.rpartition("/")[0]
        return prefix

    def path(self, endpoint: Endpoint) -> str:
        """The endpoint's path below its router's prefix, convertors named."""
        text = endpoint.path.removeprefix(self.prefix(endpoint.view))
        for kwarg, converter in endpoint.converters.items():
            name = self.convertor(converter)
            bare = f"{{{kwarg}}}"
            marked = f"{{{kwarg}:{converter}}}"
            text = text.replace(marked, bare)
            text = text.replace(bare, f"{{{identifier(kwarg)}{':' + name if name else ''}}}")
        return text

    def convertor(self, converter: str) -> str:
        """The router's convertor for one of Django's; empty for DRF's default lookup."""
        if converter in ("int", "slug", "uuid", "path", "str"):
            return converter
        known = {
            "regex:[^/.]+": "",
            "regex:[^/]+": "str",
            "regex:[0-9]+": "int",
            "regex:\\d+": "int",
        }
        if converter in known:
            return known[converter]
        regex = converter.removeprefix("regex:")
        if converter != regex and _SEGMENT.fullmatch(regex) and not re.fullmatch(regex, "/"):
            return self._own_convertor(regex)
        raise RefusalError(
            "E126", f"the path pattern `{converter.removeprefix('regex:')}` has no rule"
        )

    def _own_convertor(self, regex: str) -> str:
        """A convertor for a class of characters that the project's patterns name."""
        module = self.tree.module("app.api", "What all routers of this app share.")
        name = {"\\w+": "word", "[-\\w]+": "words", "[\\w-]+": "words"}.get(regex)
        if name is None:
            known = sorted(self._convertors)
            name = self._convertors.setdefault(regex, f"text_{len(known) + 1}")
        quote = '"' if "'" in regex else "'"
        text = f"convertor({name!r}, r{quote}{regex}{quote})"
        module.add(name, text, {("app.compat.routing", "convertor")}, (0, name, 0))
        return name

    def options(
        self,
        endpoint: Endpoint,
        permissions: str,
        status: int,
        imports: set[Import],
        *,
        asks_action: bool = False,
    ) -> str:
        """Keyword arguments of the route's decorator; `asks_action`: a permission asks for it."""
        text = f", status_code={status}" if status != 200 else ""
        text += "".join(f", {option}" for option in self._own_policies(endpoint, imports))
        if endpoint.action == "create" and "create" not in endpoint.methods:
            text += self._location(endpoint)
        text += format_options(self.world, endpoint, shared=self._all_suffixed(endpoint.view))
        if endpoint.optional_slash:
            text += ", optional_slash=True"
        text += "" if endpoint.anchored else ", open_ended=True"
        if asks_action or endpoint.view in self.gates.asking:
            text += f', action="{endpoint.action}"'
        if permissions != self.shared_permissions(endpoint.view):
            text += f", permissions={permissions}"
        name = endpoint.url_name
        return text + (f', name="{name}"' if name else "")

    def _location(self, endpoint: Endpoint) -> str:
        """DRF sends the address of what it created, where the serializer shows one."""
        drf = self.world.facts.settings.get("REST_FRAMEWORK") or {}
        name = drf.get("URL_FIELD_NAME") or "url"
        found = (s for s in self.world.facts.serializers if s.name == endpoint.serializer)
        shown = any(f.name == name and not f.write_only for s in found for f in s.fields)
        return f', location="{name}"' if shown else ""

    def shared_permissions(self, view: str) -> str | None:
        """The permissions most actions of a view have, if they could be written."""
        return self._shared.get(view)

    _shared: dict[str, str] = field(default_factory=dict)
    _imports: dict[str, set[Import]] = field(default_factory=dict)

    def settle(self, endpoint: Endpoint, permissions: str, imports: set[Import]) -> None:
        """Let the router itself require what all actions of the view require."""
        trees = {e.permissions for e in self._of_view(endpoint.view)}
        # the first's: what a view chooses by its action is one tree, but written for each
        if len(trees) == 1 and self._shared.setdefault(endpoint.view, permissions) == permissions:
            self._imports.setdefault(endpoint.view, set()).update(imports)

    def _usual(self, view: str) -> Endpoint:
        """The endpoint of a view whose policies its router gets: the first that has rules."""
        endpoints = self._of_view(view)
        for endpoint in endpoints:
            try:
                self.check(endpoint)
            except RefusalError:
                continue
            return endpoint
        return endpoints[0]

    def _own_policies(self, endpoint: Endpoint, imports: set[Import]) -> list[str]:
        """What an action has otherwise than its view: `@action(authentication_classes=[...])`."""
        usual, options = self._usual(endpoint.view), []
        if endpoint.authenticators != usual.authenticators:
            places = self.authentication.places(endpoint)
            imports |= set(places)
            options.append(f"authentication={tuple_of(places)}")
        if endpoint.throttles != usual.throttles:
            options.extend(self._throttles(endpoint, imports) or ["throttles=[]"])
        if _versions(endpoint) != _versions(usual):
            shown = self.policies.versioning(endpoint, imports) if endpoint.versioning else "None"
            options.append(f"versioning={shown}")
        if endpoint.parsers != usual.parsers:
            names = [_PARSER_NAMES[path] for path in endpoint.parsers]
            imports |= {("app.compat.bodies", name) for name in names}
            options.append(f"parsers=({', '.join(names)}{',' if names else ''})")
        if endpoint.renderers != usual.renderers:
            imports.add(("app.compat.responses", "JSON"))
            shown = self.renderers(endpoint.renderers, imports) or "(JSON,)"
            options.append(f"renderers={shown}")
        return options

    def declare(self, view: str, imports: set[Import], legacy_methods: dict[str, list[str]]) -> str:
        """Write the router of a view and return its name."""
        module_name, name = self._routers[view]
        module = self.tree.module(module_name)
        usual = self._usual(view)
        options = [f'prefix="{self.prefix(view)}"', f'tags=["{view_stem(view).replace("_", " ")}"]']
        own = self.authentication.option(usual, imports)
        if own is not None:
            options.append(f"authentication={own}")
        if self._all_suffixed(view):
            options.append("format_suffix=True")
        options.extend(self._throttles(usual, imports))
        if usual.versioning is not None:
            options.append(f"versioning={self.policies.versioning(usual, imports)}")
        options.extend(self._parsers(usual, imports))
        if usual.renderers != self.default_renderers:
            imports.add(("app.compat.responses", "JSON"))
            shown = self.renderers(usual.renderers, imports) or "(JSON,)"
            options.append(f"renderers={shown}")
        if (finalizer := self.finalizers.function(usual)) is not None:
            imports.add(finalizer)
            options.append(f"finalize={finalizer[1]}")
        if (hooks := self.gates.option(usual, imports)) is not None:
            options.append(f"hooks={hooks}")
        if self.world.shows_names and (name_of_rows := self._verbose_name(view)) is not None:
            options.append(f"verbose_name={name_of_rows!r}")
        if read := self.world.view_attributes.get(view):
            pairs = ", ".join(f"{key!r}: {text}" for key, text in sorted(read.items()))
            options.append(f"attributes={{{pairs}}}")
        if view in self._shared:
            options.append(f"permissions={self._shared[view]}")
            imports |= self._imports[view]
        options.extend(self._paths_options(view, legacy_methods, imports))
        imports.add(("app.api", "Router"))
        text = f"{name} = Router({', '.join(options)})"
        module.add(name, text, imports, (2, "", self._position(self._of_view(view)[0])))
        return name

    def _paths_options(
        self, view: str, legacy_methods: dict[str, list[str]], imports: set[Import]
    ) -> list[str]:
        """What a router is told of single paths."""
        options: list[str] = []
        if legacy_methods:
            options.append(f"unconverted={ {k: tuple(v) for k, v in legacy_methods.items()}!r}")
        if told := self._told(view, legacy_methods):
            imports.add(self._options_module(self._routers[view], told))
            options.append(f"metadata={self._routers[view][1].upper()}_OPTIONS")
        if allowed := self._allowed(view):
            options.append(f"allow={allowed!r}")
        return options

    def _told(self, view: str, legacy_methods: dict[str, list[str]]) -> dict[str, object]:
        """What OPTIONS answers with by path, where no method of the path is on legacy."""
        found: dict[str, dict[str, object]] = {}
        for endpoint in self._of_view(view):
            told = endpoint.options if endpoint.id in self.converted else None
            if told is None or (path := self.path(endpoint)) in legacy_methods:
                continue
            if chooses(self.world, endpoint.serializer):
                return {}  # the fields depend on who asks
            body = found.setdefault(path, {k: v for k, v in told.items() if k != "fields"})
            if "fields" in told:
                actions = cast("dict[str, object]", body.setdefault("actions", {}))
                actions[endpoint.method] = told["fields"]
        return dict(found)

    def _options_module(self, router: tuple[str, str], told: dict[str, object]) -> Import:
        """The constant with what OPTIONS tells of a router's paths."""
        place = router[0].rpartition(".")[0] + ".options"
        constant = f"{router[1].upper()}_OPTIONS"
        annotated = f"{constant}: dict[str, Any] = {told!r}"
        self.tree.module(place, "What OPTIONS tells of each path.").add(
            constant, annotated, {("typing", "Any")}, (1, constant, 0)
        )
        return place, constant

    def _verbose_name(self, view: str) -> str | None:
        """What the rows of the view's `queryset` are called; empty without one, None without the attribute."""
        usual = self._of_view(view)[0]
        if usual.queryset is not None and usual.queryset.expression_source is not None:
            return self.world.models[usual.queryset.model].verbose_name
        generic = any(ref.path == "rest_framework.generics.GenericAPIView" for ref in usual.lineage)
        return "" if generic else None

    def _all_suffixed(self, view: str) -> bool:
        """Whether every path of a view may end in the name of a format."""
        return all(e.suffix_variants for e in self._of_view(view))

    def _allowed(self, view: str) -> dict[str, tuple[str, ...]]:
        """`Allow` by path, where it is not what DRF makes of the handlers in its usual order."""
        found: dict[str, tuple[str, ...]] = {}
        for endpoint in self._of_view(view):
            served = {e.method for e in self._of_view(view) if e.path == endpoint.path}
            served |= {"OPTIONS", "HEAD"} if "GET" in served else {"OPTIONS"}
            usual = tuple(method for method in _METHODS if method in served)
            given = endpoint.allowed_methods
            if endpoint.function_view:  # a set: its order changes with every start
                given = tuple(sorted(given))
            if given not in ((), usual):
                found[self.path(endpoint)] = given
        return found

    @cached_property
    def default_renderers(self) -> tuple[str, ...]:
        """The renderers most endpoints have."""
        counts = Counter(e.renderers for e in self.world.facts.endpoints if e.kind == "drf")
        return counts.most_common(1)[0][0] if counts else ()

    def renderers(self, paths: tuple[str, ...], imports: set[Import]) -> str | None:
        """The `renderers` of a router; None for JSON alone."""
        try:
            places = [_RENDERERS.get(path) or self.own_renderers.place(path) for path in paths]
        except RefusalError:  # then no endpoint has them
            return None
        if places in ([], [_RENDERERS[JSON_RENDERER]]):
            return None
        imports |= set(places)
        return tuple_of(places)

    def _parsers(self, endpoint: Endpoint, imports: set[Import]) -> list[str]:
        names = [_PARSER_NAMES[p] for p in endpoint.parsers]
        if names == _USUAL_PARSERS:
            return []
        imports |= {("app.compat.bodies", name) for name in names}
        return [f"parsers=({', '.join(names)},)"]

    def _throttles(self, endpoint: Endpoint, imports: set[Import]) -> list[str]:
        if not endpoint.throttles:
            return []
        places = [self.policies.throttle(t.path, endpoint.source or "") for t in endpoint.throttles]
        imports |= set(places)
        names = [name for _, name in places]
        scoped = [t.scope for t in endpoint.throttles if t.path.endswith(".ScopedRateThrottle")]
        options = [f"throttles=[{', '.join(names)}]"]
        return options + [f"throttle_scope={scope!r}" for scope in scoped[:1]]

    def declared(self) -> list[tuple[str, str]]:
        """Module and name of every router, in the legacy URL order."""
        order = {e.view: i for i, e in reversed(list(enumerate(self.world.facts.endpoints)))}
        return [self._routers[view] for view in sorted(self._routers, key=lambda v: order[v])]

    def _position(self, endpoint: Endpoint) -> int:
        return index_of(self.world.facts).position[endpoint.id]

    def order(self, endpoint: Endpoint) -> tuple[int, str, int]:
        """Where an endpoint's function stands: in the order that URLs are resolved."""
        return (6, "", self._position(endpoint))

    def finder_order(self, module: NewModule, name: str, offset: int) -> tuple[int, str, int]:
        """Where a finder stands: before the endpoints."""
        return (4, name, offset)

    def constant(self, module: NewModule, model: Model, filters: str) -> str:
        """A constant with the filters of a view."""
        base = f"{snake(model.name.rpartition('.')[2]).upper()}_FILTERS"
        name = module.free_name(base, f"{base} = {filters}")
        module.add(name, f"{name} = {filters}", (), (3, name, 0))
        return name

    def finder(self, module: NewModule, stem: str, text: str, imports: set[Import]) -> str:
        """A dependency that finds the object of a detail endpoint, shared where equal."""
        wanted = text.replace("async def _(", f"async def {stem}(")
        name = module.free_name(stem, wanted)
        module.add(name, text.replace("async def _(", f"async def {name}("), imports, (4, name, 0))
        return name

    def function_name(self, module: NewModule, wanted: str, endpoint: Endpoint) -> str:
        """A name for an endpoint's function that nothing else in its module has."""
        key = (module.name, endpoint.id)
        if key not in self._functions:
            taken = self._names.setdefault(module.name, set())
            stem = f"{wanted}_endpoint" if wanted in self.world.taken else wanted
            name, number = stem, 2
            while name in taken:
                name, number = f"{stem}_{number}", number + 1
            self._functions[key] = name
            taken.add(name)
        return self._functions[key]


def _check_formats(own: ProjectRenderers, endpoint: Endpoint, place: str) -> None:
    """Refuse renderers and parsers without a rule."""
    for path in endpoint.renderers:
        if path not in _RENDERERS:
            own.place(path)
            own.hand_over(path, endpoint)
    if not endpoint.renderers or endpoint.renderers[0].endswith(".BrowsableAPIRenderer"):
        raise RefusalError("E120", "without JSON as the first renderer there is no rule", place)
    for path in endpoint.parsers:
        if path not in _PARSER_NAMES:
            raise RefusalError("E121", f"the parser `{path}` has no rule", place)
    if not endpoint.parsers:
        raise RefusalError("E121", "a view without parsers has no rule", place)


def _versions(endpoint: Endpoint) -> tuple[str | None, str | None]:
    """What an endpoint's version follows from; its namespace matters to one scheme alone."""
    return endpoint.versioning, endpoint.namespace if endpoint.versioning else None
