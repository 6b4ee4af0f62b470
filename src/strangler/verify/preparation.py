"""Makes the frozen state: legacy's rows, users of every role, credentials, rows where none are."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import Any

from strangler.facts import Endpoint, Facts
from strangler.verify.code_texts import CodeTexts
from strangler.verify.executor import ExecutorFailure
from strangler.verify.project import Project
from strangler.verify.reading import models_named
from strangler.verify.roster import Roster, chosen, read
from strangler.verify.search import Search
from strangler.verify.source import prepared
from strangler.verify.stocking import Stock
from strangler.verify.twins import Twins
from strangler.verify.world import World

#: Fewer rows than this leave lists and pages without evidence; more are never made.
_ROWS, _MOST_ROWS, _SPARE = 6, 60, 4
#: Users whom rows of their own may take up.
_MOST_USERS = 12
_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Scene:
    """Frozen twins and who acts on them. `notes` tell what was added or could not be."""

    twins: Twins
    world: World
    roster: Roster
    #: What the executor on the template said, and the one that only read the settings.
    hello: Mapping[str, Any]
    settings: Mapping[str, Any]
    notes: tuple[str, ...] = ()
    #: What legacy accepted of endpoints that were asked, by id: journeys go on with it.
    passed: dict[str, Search] = attribute(default_factory=dict)


def set_up(
    project: Project,
    facts: Facts,
    endpoints: Sequence[Endpoint],
    *,
    url: str | None,
    isolation: str,
) -> Scene:
    """Copy, fill and freeze; the caller closes the twins."""
    settings = project.legacy(None, "none")
    hello = settings.hello
    settings.close()
    twins = prepared(project, hello, url)
    try:
        return _fill(project, facts, endpoints, twins, isolation, hello)
    except BaseException:
        twins.close()
        raise


def _fill(
    project: Project,
    facts: Facts,
    endpoints: Sequence[Endpoint],
    twins: Twins,
    isolation: str,
    settings: Mapping[str, Any],
) -> Scene:
    authenticators = sorted({path for each in endpoints for path in each.authenticators})
    named = {
        each.id: shown_models(facts, each, models_named(project.path, each, facts.models))
        for each in endpoints
        if each.queryset is None
    }
    models = _models(facts, endpoints, named)
    deleted = sorted(
        {e.queryset.model for e in endpoints if e.method == "DELETE" and e.queryset} & set(models)
    )
    with project.seeding(twins.template(), isolation) as executor:
        executor.ask({"op": "migrate"}, seconds=_SECONDS)
        texts = CodeTexts.of(project.path)
        told = {
            "groups": texts.groups,
            "texts": texts.columns,
            "plain": 3 + _taken(facts, models),
        }
        listed = executor.ask({"op": "users", **told}, seconds=_SECONDS)
        before = _owners(executor.ask({"op": "owners", "models": list(models)}))
        active = [user.pk for user in chosen(listed["users"], before) if user.role == "plain"]
        few = {"models": models, "owners": active[:2], "deleted": deleted}
        made = executor.ask({"op": "rows", **few}, seconds=_SECONDS)
        states = executor.ask({"op": "states", **few}, seconds=_SECONDS)
        owners = _owners(executor.ask({"op": "owners", "models": list(models)}))
        users = chosen(listed["users"], owners)
        answer = executor.ask(
            {
                "op": "credentials",
                "authenticators": authenticators,
                "users": [user.pk for user in users],
            },
            seconds=_SECONDS,
        )
        hello = executor.hello
        roster = read(users, answer)
        stock = Stock(executor, facts, endpoints, roster)
        unstocked = ""
        try:
            stock.fill()
            stock.stretch(few)
        except ExecutorFailure as failure:  # that it hangs or dies is told where it is compared
            unstocked = f"lists may be short, since legacy answered no more: {failure}"
    if stock.doubtful:
        with project.seeding(twins.template(), isolation) as executor:
            executor.ask({"op": "forget", "rows": stock.doubtful}, seconds=_SECONDS)
    twins.freeze()
    notes = (*_notes(listed, made, states, answer, stock.made), *filter(None, [unstocked]))
    keys = {*states["added"], *stock.great}
    added = {key: [*states["added"].get(key, ()), *stock.great.get(key, ())] for key in keys}
    world = World(facts, twins, named, [user.pk for user in users], added)
    return Scene(twins, world, roster, hello, settings, notes)


def _taken(facts: Facts, models: Mapping[str, int]) -> int:
    """Users that rows of one model may take up, where each row has a user of its own; and a few."""
    user = _user(facts)
    counts = [
        models[model.name]
        for model in facts.models
        for field in model.fields
        if model.name in models and field.unique and field.relation
        if field.relation.model == user
    ]
    return min(max(counts) + _SPARE, _MOST_USERS) if counts else 0


def shown_models(facts: Facts, endpoint: Endpoint, named: list[str]) -> list[str]:
    """The models that the code names, or that of the rows which its serializer shows."""
    found = next((s.model for s in facts.serializers if s.name == endpoint.serializer), None)
    return named or ([found] if found else [])


def _user(facts: Facts) -> str:
    return str(facts.settings.get("AUTH_USER_MODEL", "auth.User"))


def _models(
    facts: Facts, endpoints: Iterable[Endpoint], named: Mapping[str, Sequence[str]]
) -> dict[str, int]:
    """How many rows each model should have: what endpoints list, and what that refers to."""
    known = {
        model.name: model
        for model in facts.models
        if model.managed and not model.swapped and not model.auto_created and not model.package
    }
    user = _user(facts)
    wanted: dict[str, int] = {}
    queue = [(each.queryset.model, _page(facts, each)) for each in endpoints if each.queryset]
    queue += [(label, _ROWS) for each in endpoints for label in _written(facts, each)]
    queue += [(label, _ROWS) for labels in named.values() for label in labels]
    while queue:
        label, count = queue.pop()
        if label not in known or label == user or wanted.get(label, 0) >= count:
            continue
        wanted[label] = count
        model = known[label]
        fields = (*model.fields, *model.many_to_many)
        for field in fields:
            if field.relation:
                # Of what only one row may point to, some are left over for the next one.
                queue.append((field.relation.model, count + _SPARE if field.unique else _ROWS))
    return dict(sorted(wanted.items()))


def _page(facts: Facts, endpoint: Endpoint) -> int:
    """Rows for more than one page."""
    paginator = next((each for each in facts.paginators if each.name == endpoint.paginator), None)
    if paginator is None:
        return _ROWS
    sizes = [paginator.attributes.get(name) for name in ("page_size", "default_limit")]
    size = next((int(each.value) for each in sizes if each is not None and each.value), 10)
    return min(max(_ROWS, size + 3), _MOST_ROWS)


def _written(facts: Facts, endpoint: Endpoint) -> Iterable[str]:
    """Models that the endpoint's serializer looks up, or shows the rows of."""
    known = {each.name: each for each in facts.serializers}
    names, seen = [endpoint.serializer or ""], set[str]()
    while names:
        serializer = known.get(names.pop())
        if serializer is None or serializer.name in seen:
            continue
        seen.add(serializer.name)
        if serializer.model and len(seen) > 1:
            yield serializer.model
        for field in serializer.fields:
            for each in (field, field.child):
                if each is not None and each.queryset is not None:
                    yield each.queryset.model
                if each is not None and each.serializer:
                    names.append(each.serializer)


def _owners(answer: Mapping[str, Any]) -> Counter[str]:
    return Counter({str(key): count for key, count in answer["owners"].items()})


def _notes(
    listed: Mapping[str, Any],
    made: Mapping[str, Any],
    states: Mapping[str, Any],
    answer: Mapping[str, Any],
    stocked: Counter[str],
) -> Iterable[str]:
    if listed["made"]:
        yield f"{listed['made']} users were added to the twins for roles that nobody has"
    if listed.get("refusal"):
        yield f"users of some roles could not be made: {listed['refusal']}"
    counts = Counter(made["made"]) + stocked
    counts += Counter({label: len(keys) for label, keys in states["added"].items()})
    for label, count in sorted(counts.items()):
        yield f"{count} rows of {label} were added to the twins"
    for label in states["tied"]:
        yield f"two rows of {label} were made alike in what they are ordered by, on the twins"
    for label in states["crossed"]:
        yield f"two rows of {label} exchanged what they are ordered by first, on the twins"
    for label, problem in sorted(made["failed"].items()):
        yield f"no rows of {label} could be made: {problem}"
    for path, each in sorted(answer["credentials"].items()):
        if not each["headers"]:
            unknown = "unknown kind" if listed["users"] else "there are no users"
            yield f"nobody can be authenticated by {path}: {each.get('problem', unknown)}"
