"""The whole conversion: facts and sources in, files and a ledger out. Pure."""

from __future__ import annotations

import functools
import traceback
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from strangler.facts import Endpoint, Facts, Queryset

from .adopted import adopted_files
from .application import Application
from .authentication import Authentication
from .chosen_fields import with_whole
from .chosen_permissions import with_chosen
from .cleaning import Cleaning
from .depths import with_depths
from .drafts import Drafting
from .endpoints import Emitted, Endpoints
from .exceptions import Errors
from .field_classes import read_kind
from .field_rules import with_field_rules
from .framework_sources import FRAMEWORK
from .handing_on import without_idle_hooks
from .helpers import Helpers
from .listing import Listing
from .model_defaults import replacement_function
from .model_members import Members
from .models import Models
from .modules import NameTakenError, Placed, Tree
from .observed import Observed
from .origins import origins
from .overrides import Override, Overrides
from .own_backends import OwnBackends
from .own_filtering import with_backends_asked
from .passing import passed_through, supposed
from .permissions import Permissions
from .popped_fields import without_popped
from .proxies import past_proxies
from .pruning import prune
from .querysets import Querysets
from .receivers import Receivers
from .refusal import ControlError, Reason, RefusalError
from .routers import Routers
from .rule import Registry, Rule
from .schemas import Schemas
from .services import make_service
from .sources import Sources
from .surroundings import surroundings
from .uploads import store_uploads
from .view_contexts import ViewContexts
from .world import World


@dataclass(frozen=True)
class Entry:
    """One line of the ledger."""

    name: str
    status: str
    reasons: tuple[Reason, ...] = ()
    module: str = ""
    symbol: str = ""
    columns: tuple[str, ...] = ()  # of a model: those that stay where its rows do not


@dataclass
class Conversion:
    """What a conversion gives: files by path, and what became of everything."""

    files: dict[str, str] = field(default_factory=dict)
    endpoints: dict[str, Entry] = field(default_factory=dict)
    models: dict[str, Entry] = field(default_factory=dict)
    serializers: dict[str, Entry] = field(default_factory=dict)
    compat: set[str] = field(default_factory=set)
    overrides: Overrides = field(default_factory=Overrides)
    #: Endpoint ids to the ported bodies that they pass through.
    ported: dict[str, tuple[str, ...]] = field(default_factory=dict)
    #: Endpoint ids to the types of which only tests knew.
    hypotheses: dict[str, tuple[str, ...]] = field(default_factory=dict)

    #: Where definitions and lines come from: see `origins`.
    origins: dict[str, Any] = field(default_factory=dict)
    #: Classes of the views, serializers and models behind endpoints that stay on legacy.
    left: frozenset[str] = frozenset()

    def held_back(self, path: str) -> bool:
        """Whether a class with the method at `path` stands behind an endpoint on legacy."""
        return path.rpartition(".")[0] in self.left


@dataclass(frozen=True)
class Additions:
    """What a person adds: functions in place of bodies, rules, a body to be drafted meanwhile."""

    bodies: tuple[Override, ...] = ()
    rules: tuple[Rule, ...] = ()
    drafting: Drafting | None = None
    #: Kinds of values that tests showed, by function and name.
    observed: Mapping[str, Mapping[str, Collection[str]]] = field(default_factory=dict)


_NOTHING = Additions()
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
    added: Additions = _NOTHING,
) -> Conversion:
    """Convert a project.

    `files` maps paths relative to the project to their text; `accept` names surroundings (middleware and the like) that a
    person has answered for; `manual` are ids of endpoints that a person wrote in the new application.
    """
    bodies = added.bodies
    sources = Sources(
        {**FRAMEWORK, **adopted_files(facts, files), **files}, [each.name for each in bodies]
    )
    registry = Registry(only, skip, added.rules)
    facts = with_depths(with_whole(past_proxies(facts), sources))
    facts = with_field_rules(facts, registry)
    facts = without_popped(without_idle_hooks(facts, sources), sources)
    facts = with_backends_asked(facts, sources)
    taken: frozenset[str] = frozenset()
    apart: frozenset[str] = frozenset()
    for _ in range(_ROUNDS):
        world = World(facts, sources, registry, taken, apart)
        tree = Tree(writer=registry.writer)
        world.observed = Observed(added.observed)
        world.overrides = Overrides.of(bodies, added.drafting)
        result = _convert(world, tree, frozenset(accept), frozenset(manual))
        names = {name for module in tree.modules.values() for name in module.ambiguous()}
        functions = {name for module in tree.modules.values() for name in module.functions()}
        hidden = _hidden_functions(result, tree)
        clashes = (names & set(world.model_names.values())) | hidden
        split = (names & functions) - hidden  # an endpoint gives way before what it calls does
        if clashes <= taken and split <= apart:
            break
        apart |= split
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
    members, querysets = Members(world), Querysets(world, tree)
    _install(world, tree, members, querysets)
    models = Models(world, tree, members)
    models.examine()
    rows = {label: reasons[0] for label, reasons in models.reasons.items()}
    world.refuse_rows(rows, models.columns)
    world.user_problem = _user_problem(world, models)
    world.facts = with_chosen(world)
    facts = world.facts = _with_querysets(world, querysets)
    world.own_backend = OwnBackends(world, tree).place
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
    result.files = {**tree.files(), **world.overrides.files()}
    result.overrides = world.overrides
    result.origins = origins(tree, world.registry)
    result.left = _left(facts, result)
    places = {name: (e.module, e.function) for name, e in emitted.items()}
    if world.observed.used:
        result.hypotheses = supposed(tree, world, facts, places)
    result.ported = passed_through(tree, world.overrides, places)
    placed = Placed(tree.modules)
    for entries in (result.endpoints, result.models, result.serializers):
        for name, entry in entries.items():
            entries[name] = replace(entry, module=placed.of(f"{entry.module}.", ".").rstrip("."))
    return result


def _install(world: World, tree: Tree, members: Members, querysets: Querysets) -> None:
    """Let rules find what writes functions, classes and constants beside the one being rewritten."""
    members.install()
    querysets.install()
    Errors(world, tree).install()
    Helpers(world, tree).install()
    ViewContexts(world, querysets).install()
    Cleaning(world, tree).install()
    Receivers(world, tree).install()
    world.carry_replacement = functools.partial(replacement_function, world, tree)
    world.own_kind = functools.partial(read_kind, world)
    world.make_service = functools.partial(make_service, world)
    world.store_uploads = functools.partial(store_uploads, world, tree)
    world.define = tree.define


def _with_querysets(world: World, querysets: Querysets) -> Facts:
    """The facts, with the models of views that need a request to say what their queryset is."""
    endpoints = []
    for endpoint in world.facts.endpoints:
        asks = endpoint.kind == "drf" and endpoint.queryset is None and endpoint.queryset_dynamic
        model = querysets.model_of(endpoint) if asks else None
        known = Queryset(model=model) if model is not None else endpoint.queryset
        endpoints.append(endpoint.model_copy(update={"queryset": known}))
    return world.facts.model_copy(update={"endpoints": tuple(endpoints)})


def _left(facts: Facts, result: Conversion) -> frozenset[str]:
    """The classes behind endpoints that stay on legacy."""
    staying = [e for e in facts.endpoints if result.endpoints[e.id].status == "legacy"]
    serializers = {e.serializer for e in staying}
    refs = [ref for e in staying for ref in e.lineage]
    refs += [ref for s in facts.serializers if s.name in serializers for ref in s.lineage]
    labels = {e.queryset.model for e in staying if e.queryset is not None}
    models = (m.path for m in facts.models if m.name in labels)
    return frozenset((*(ref.path for ref in refs), *models))


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
    except ControlError:
        raise
    except Exception as error:  # a fault of ours: this endpoint stays, the others go on
        return [_fault(endpoint, error, models.world.registry.writer())]
    if isinstance(outcome, Emitted):
        emitted[endpoint.id] = outcome
        return []
    return outcome


def _fault(endpoint: Endpoint, error: Exception, rule: str) -> Reason:
    """What is said of an endpoint at which the converter itself fails."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(last.filename).name}:{last.lineno}" + (f", rule `{rule}`" if rule else "")
    text = f"the converter failed ({where}): {type(error).__name__}: {error}"
    return Reason("R004", " ".join(text.split()), endpoint.source or "")


def _entry(endpoint: Endpoint, reasons: list[Reason], emitted: dict[str, Emitted]) -> Entry:
    if reasons:
        return Entry(endpoint.id, "legacy", tuple(reasons))
    place = emitted[endpoint.id]
    return Entry(endpoint.id, "converted", (), place.module, place.function)


def _models(result: Conversion, models: Models) -> None:
    for model in models.world.facts.models:
        columns = models.columns_of(model.name)
        reasons = tuple(models.reasons.get(model.name, columns.values()))
        module, name = models.world.model_place(model.name)
        status = "legacy" if reasons else "converted"
        entry = Entry(model.name, status, reasons, module, name, tuple(columns))
        result.models[model.name] = entry


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
