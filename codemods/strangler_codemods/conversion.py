"""The whole conversion: facts and sources in, files and a ledger out. Pure."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from strangler.facts import Endpoint, Facts, Queryset

from .application import Application
from .authentication import Authentication
from .chosen_permissions import with_chosen
from .endpoints import Emitted, Endpoints
from .exceptions import Errors
from .helpers import Helpers
from .listing import Listing
from .model_defaults import replacement_function
from .model_members import Members
from .models import Models
from .modules import NameTakenError, Placed, Tree
from .permissions import Permissions
from .proxies import past_proxies
from .pruning import prune
from .querysets import Querysets
from .receivers import Receivers
from .refusal import Reason, RefusalError
from .routers import Routers
from .rule import Registry
from .schemas import Schemas
from .sources import Sources
from .surroundings import surroundings
from .world import World


@dataclass(frozen=True)
class Entry:
    """One line of the ledger."""

    name: str
    status: str
    reasons: tuple[Reason, ...] = ()
    module: str = ""
    symbol: str = ""


@dataclass
class Conversion:
    """What a conversion gives: files by path, and what became of everything."""

    files: dict[str, str] = field(default_factory=dict)
    endpoints: dict[str, Entry] = field(default_factory=dict)
    models: dict[str, Entry] = field(default_factory=dict)
    serializers: dict[str, Entry] = field(default_factory=dict)
    compat: set[str] = field(default_factory=set)


_ROUNDS = 4
_KINDS = {
    "package": ("K101", "the view belongs to an installed package"),
    "django": ("K102", "plain Django views have no rule"),
    "admin": ("K103", "Django's admin stays on Django"),
}


def convert(
    facts: Facts,
    files: dict[str, str],
    *,
    only: Iterable[str] = (),
    skip: Iterable[str] = (),
    accept: Iterable[str] = (),
    manual: Iterable[str] = (),
) -> Conversion:
    """Convert a project.

    `files` maps paths relative to the project to their text; `accept` names surroundings (middleware and the like) that a
    person has answered for; `manual` are ids of endpoints that a person wrote in the new application.
    """
    facts = past_proxies(facts)
    sources, registry = Sources(files), Registry(only, skip)
    taken: frozenset[str] = frozenset()
    apart: frozenset[str] = frozenset()
    for _ in range(_ROUNDS):
        world, tree = World(facts, sources, registry, taken, apart), Tree()
        result = _convert(world, tree, frozenset(accept), frozenset(manual))
        names = {name for module in tree.modules.values() for name in module.ambiguous()}
        functions = {name for module in tree.modules.values() for name in module.functions()}
        twice = {name for module in tree.modules.values() for name in module.imported_twice()}
        clashes = (names & set(world.model_names.values())) | _hidden_functions(result, tree)
        if clashes <= taken and twice & functions <= apart:
            break
        apart |= twice & functions
        taken |= clashes  # a model or an endpoint has the name of something that is needed there
    return result


def _hidden_functions(result: Conversion, tree: Tree) -> set[str]:
    """Names of endpoints' functions that hide something which their module imports."""
    placed = Placed(tree.modules)
    modules = {placed.of(f"{name}.", ".").rstrip("."): tree.modules[name] for name in tree.modules}
    places = [(e.module, e.symbol) for e in result.endpoints.values() if e.module]
    return {name for module, name in places if name in modules[module].ambiguous()}


def _convert(
    world: World, tree: Tree, accept: frozenset[str], manual: frozenset[str]
) -> Conversion:
    facts = world.facts
    members = Members(world)
    members.install()
    models = Models(world, tree, members)
    world.carry_replacement = functools.partial(replacement_function, world, tree)
    querysets = Querysets(world, tree)
    querysets.install()
    Errors(world, tree).install()
    Helpers(world, tree).install()
    Receivers(world, tree).install()
    models.examine()
    world.refuse_rows({label: reasons[0] for label, reasons in models.reasons.items()})
    world.user_problem = _user_problem(world, models)
    world.facts = with_chosen(world)
    facts = world.facts = _with_querysets(world, querysets)
    authentication = Authentication(world, tree)
    routers = Routers(world, tree, authentication)
    endpoints = Endpoints(
        world,
        tree,
        querysets,
        Schemas(world, tree),
        Permissions(world, tree, querysets),
        Listing(world, tree),
        routers,
    )
    result = Conversion()
    around = surroundings(world, tree, accept)
    _models(result, models)
    emitted: dict[str, Emitted] = {}
    for endpoint in facts.endpoints:
        if endpoint.id in manual:
            result.endpoints[endpoint.id] = Entry(endpoint.id, "manual")
            continue
        reasons = _reasons(endpoint, endpoints, models, around.reasons, emitted)
        result.endpoints[endpoint.id] = _entry(endpoint, reasons, emitted)
    models.convert_all()
    Application(world, tree, routers, authentication, around).write(emitted)
    prune(tree, [(e.module, e.function) for e in emitted.values()])
    _serializers(result, world, tree)
    result.files = tree.files()
    placed = Placed(tree.modules)
    for entries in (result.endpoints, result.models, result.serializers):
        for name, entry in entries.items():
            entries[name] = replace(entry, module=placed.of(f"{entry.module}.", ".").rstrip("."))
    return result


def _with_querysets(world: World, querysets: Querysets) -> Facts:
    """The facts, with the models of views that need a request to say what their queryset is."""
    draft = Querysets(world, Tree())
    draft.install()
    endpoints = []
    for endpoint in world.facts.endpoints:
        asks = endpoint.kind == "drf" and endpoint.queryset is None and endpoint.queryset_dynamic
        model = draft.model_of(endpoint) if asks else None
        known = Queryset(model=model) if model is not None else endpoint.queryset
        endpoints.append(endpoint.model_copy(update={"queryset": known}))
    querysets.install()
    return world.facts.model_copy(update={"endpoints": tuple(endpoints)})


def _user_problem(world: World, models: Models) -> Reason | None:
    label = world.user_label
    if label not in world.models:
        return Reason("A106", "there is no user model", "")
    for reason in models.reasons.get(label, ()):
        return Reason("A106", f"the user model stays on Django: {reason.message}", reason.source)
    return None


def _reasons(
    endpoint: Endpoint,
    endpoints: Endpoints,
    models: Models,
    around: list[Reason],
    emitted: dict[str, Emitted],
) -> list[Reason]:
    if endpoint.kind in _KINDS and not (
        endpoint.kind == "package" and endpoints.package_view(endpoint)
    ):
        code, message = _KINDS[endpoint.kind]
        return [Reason(code, message, endpoint.source or "")]
    if around:
        return list(around)
    label = endpoint.queryset.model if endpoint.queryset else None
    if label in models.reasons:
        return models.reasons[label]
    try:
        outcome = endpoints.convert(endpoint)
    except NameTakenError as clash:
        return [Reason("B303", str(clash), endpoint.source or "")]
    if isinstance(outcome, Emitted):
        emitted[endpoint.id] = outcome
        return []
    return outcome


def _entry(endpoint: Endpoint, reasons: list[Reason], emitted: dict[str, Emitted]) -> Entry:
    if reasons:
        return Entry(endpoint.id, "legacy", tuple(reasons))
    place = emitted[endpoint.id]
    return Entry(endpoint.id, "converted", (), place.module, place.function)


def _models(result: Conversion, models: Models) -> None:
    for model in models.world.facts.models:
        reasons = tuple(models.reasons.get(model.name, ()))
        module, name = models.world.model_place(model.name)
        status = "legacy" if reasons else "converted"
        result.models[model.name] = Entry(model.name, status, reasons, module, name)


def _serializers(result: Conversion, world: World, tree: Tree) -> None:
    written = {(module.name, item) for module in tree.modules.values() for item in module.items}
    for serializer in world.facts.serializers:
        module, short = world.schema_places[serializer.name]
        found = next(
            (f"{short}{s}" for s in ("Write", "Read") if (module, f"{short}{s}") in written), None
        )
        if found is not None:
            result.serializers[serializer.name] = Entry(
                serializer.name, "converted", (), module, found
            )
            continue
        text = "no converted endpoint uses it"
        reason = Reason("S140", text, serializer.source or "")
        result.serializers[serializer.name] = Entry(serializer.name, "legacy", (reason,))


__all__ = ["Conversion", "Entry", "RefusalError", "convert"]
