"""Makes the frozen state: legacy's rows, users of every role, credentials, rows where none are."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from strangler.facts import Endpoint, Facts
from strangler.verify.project import Project
from strangler.verify.roster import Roster, chosen, read
from strangler.verify.source import prepared
from strangler.verify.twins import Twins
from strangler.verify.world import World

#: Fewer rows than this leave lists and pages without evidence.
_ROWS = 6
_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Scene:
    """Frozen twins and who acts on them. `notes` tell what was added or could not be."""

    twins: Twins
    world: World
    roster: Roster
    hello: Mapping[str, Any]
    notes: tuple[str, ...] = ()


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
        return _fill(project, facts, endpoints, twins, isolation)
    except BaseException:
        twins.close()
        raise


def _fill(
    project: Project, facts: Facts, endpoints: Sequence[Endpoint], twins: Twins, isolation: str
) -> Scene:
    authenticators = sorted({path for each in endpoints for path in each.authenticators})
    models = _models(facts, endpoints)
    with project.seeding(twins.template(), isolation) as executor:
        listed = executor.ask({"op": "users"}, seconds=_SECONDS)
        made = executor.ask({"op": "rows", "models": models, "count": _ROWS}, seconds=_SECONDS)
        twins_before = _owners(executor.ask({"op": "owners", "models": models}))
        users = chosen(listed["users"], twins_before)
        answer = executor.ask(
            {
                "op": "credentials",
                "authenticators": authenticators,
                "users": [user.pk for user in users],
            },
            seconds=_SECONDS,
        )
        hello = executor.hello
    twins.freeze()
    notes = tuple(_notes(listed, made, answer))
    return Scene(twins, World(facts, twins), read(users, answer), hello, notes)


def _models(facts: Facts, endpoints: Iterable[Endpoint]) -> list[str]:
    """Models that endpoints list or look up, users aside."""
    user = str(facts.settings.get("AUTH_USER_MODEL", "auth.User"))
    known = {model.name for model in facts.models if model.managed and not model.swapped}
    labels = {each.queryset.model for each in endpoints if each.queryset}
    return sorted((labels & known) - {user})


def _owners(answer: Mapping[str, Any]) -> Counter[str]:
    return Counter({str(key): count for key, count in answer["owners"].items()})


def _notes(
    listed: Mapping[str, Any], made: Mapping[str, Any], answer: Mapping[str, Any]
) -> Iterable[str]:
    if listed["made"]:
        yield f"{listed['made']} users were added to the twins for roles that nobody has"
    for label, count in sorted(made["made"].items()):
        yield f"{count} rows of {label} were added to the twins"
    for label, problem in sorted(made["failed"].items()):
        yield f"no rows of {label} could be made: {problem}"
    for path, each in sorted(answer["credentials"].items()):
        if not each["headers"]:
            yield f"nobody can be authenticated by {path}: {each.get('problem', 'unknown kind')}"
