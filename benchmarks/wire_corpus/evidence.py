"""Whether enough was compared for a figure to mean anything: what is missing, as a note."""

from collections import Counter

from .exchanges import Section
from .fields import Tally

#: Shares of what was compared below which only refusals were.
_ACCEPTED, _SUCCEEDED = 0.01, 0.2
#: More kinds of deliberate differences than these are none any more.
_EXCEPTIONS = 10


def fields_note(tallies: dict[str, Tally], inputs: int) -> str:
    """What is missing for each kind of field; nothing where `inputs` were compared of each."""
    compared = {kind: tally.compared for kind, tally in tallies.items()}
    thin = [kind for kind, number in compared.items() if number < inputs]
    blind = [kind for kind, tally in tallies.items() if tally.accepted < tally.compared * _ACCEPTED]
    return _joined(_listed("too few inputs for", thin), _listed("hardly any accepted of", blind))


def exchanges_note(sections: dict[str, Section], statuses: Counter[int], asked: int) -> str:
    """What is missing; nothing where `asked` exchanges were compared, some in every section."""
    compared = sum(section.compared for section in sections.values())
    short = f"too few: {compared} of {asked} were compared" if compared < asked else ""
    bare = _listed("nothing compared for", [n for n, s in sections.items() if not s.compared])
    good = sum(number for status, number in statuses.items() if 200 <= status < 300)
    poor = "hardly any succeeded" if good < compared * _SUCCEEDED else ""
    kinds = {kind for section in sections.values() for kind in section.excepted}
    many = f"{len(kinds)} kinds of exception" if len(kinds) > _EXCEPTIONS else ""
    return _joined(short, bare, poor, many)


def projects_note(endpoints: dict[str, int]) -> str:
    """The projects in which there was nothing to judge, by their numbers of endpoints."""
    return _listed(
        "no endpoint found in", [name for name, number in endpoints.items() if not number]
    )


def _listed(what: str, names: list[str]) -> str:
    return f"{what} {', '.join(sorted(names))}" if names else ""


def _joined(*notes: str) -> str:
    return "; ".join(filter(None, notes))
