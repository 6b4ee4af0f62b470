"""Whether the cases of an endpoint are enough to call it equal, and what is missing."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from strangler.diff import Exchange
from strangler.verify.cases import Case, document, items, succeeded
from strangler.verify.lockstep import Outcome

_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True)
class Requirements:
    """What an endpoint has to show, from its facts."""

    method: str
    roles: Sequence[str] = ()
    fields: Sequence[str] = ()
    parameters: Sequence[str] = ()
    pages: Sequence[str] = ()
    unknown_authenticators: Sequence[str] = ()
    lists: bool = False
    #: The key under which bodies hold the fields, where they are not at the top.
    envelope: str | None = None
    #: Whether nothing of what is sent is ever shown, so that an empty answer is all there is.
    silent: bool = False
    #: Fields that take all that can be sent, such as JSON which may be null.
    boundless: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """A case with its outcome."""

    case: Case
    outcome: Outcome

    @property
    def good(self) -> bool:
        """Whether legacy answered 2xx."""
        return succeeded(self.outcome.legacy)


def missing(wanted: Requirements, records: Sequence[Record]) -> list[str]:
    """What is missing, in words; nothing: the evidence is enough."""
    good = [record for record in records if record.good]
    if not good:
        return ["a request that legacy answers with 2xx", *_unknown(wanted)]
    found = [*_bodies(wanted, good), *_writes(wanted, good), *_unknown(wanted)]
    found += _roles(wanted, records)
    if wanted.method in _WRITES:
        found += _fields(wanted, records)
    found += [
        f"parameter {name}: a value that narrows or reorders" for name in unmoved(wanted, records)
    ]
    found += [
        f"page: {tag.removeprefix('page:')}"
        for tag in wanted.pages
        if not any(tag in record.case.tags for record in records)
    ]
    if 2 * len(good) < len(records):
        found.append(f"a balance of outcomes: only {len(good)} of {len(records)} are 2xx")
    return found


def unwritten(wanted: Requirements, records: Sequence[Record]) -> bool:
    """Whether a writing method never changed a row on legacy, so that none could be compared."""
    return wanted.method in _WRITES and not any(
        record.good and record.outcome.legacy_rows for record in records
    )


def _unknown(wanted: Requirements) -> Iterator[str]:
    for path in wanted.unknown_authenticators:
        yield f"credentials for {path}"


def _bodies(wanted: Requirements, good: Sequence[Record]) -> Iterator[str]:
    """An answer that says something; a list has to show two items, or a page of one of several."""
    sizes = [_listed(record.outcome.legacy) for record in good]
    if wanted.lists and max(sizes, default=0) < 2:
        yield "a list with two items"
    bodies = [record.outcome.legacy.body for record in good]
    if (
        not wanted.silent
        and any(bodies)
        and all(_hollow(record) for record in good if record.outcome.legacy.body)
    ):
        yield "a body that is not empty"


def _hollow(record: Record) -> bool:
    return document(record.outcome.legacy) in ([], {}, "")


def _writes(wanted: Requirements, good: Sequence[Record]) -> Iterator[str]:
    wrote = any(record.outcome.legacy_rows for record in good)
    if wanted.method in _WRITES and not wrote and any(r.outcome.new_rows for r in good):
        yield "a 2xx of legacy that changes rows"


def _listed(exchange: Exchange) -> int:
    """How many items a list shows; how many there are, where its page shows one."""
    found, body = items(exchange), document(exchange)
    count = body.get("count") if isinstance(body, dict) else None
    return count if found and isinstance(count, int) else len(found or ())


def _roles(wanted: Requirements, records: Sequence[Record]) -> Iterator[str]:
    seen = {record.case.role for record in records}
    for role in wanted.roles:
        if role not in seen:
            yield f"role: {role}"


def _fields(wanted: Requirements, records: Sequence[Record]) -> Iterator[str]:
    passed = {
        name
        for record in records
        if record.good
        for name in record.case.request.names(wanted.envelope)
    }
    tried = {tag for record in records for tag in record.case.tags if tag.startswith("refuse:")}
    for name in wanted.fields:
        if name not in passed:
            yield f"a valid value for {name}"
        if f"refuse:{name}" not in tried and name not in wanted.boundless:
            yield f"an invalid value for {name}"


def unmoved(wanted: Requirements, records: Sequence[Record]) -> list[str]:
    """Parameters of which no value narrowed or reordered an answer."""
    good = [record for record in records if record.good]
    bases = [record for record in good if "base" in record.case.tags]
    return [
        name
        for name in wanted.parameters
        if not any(_differs(each, bases) for each in good if f"param:{name}" in each.case.tags)
    ]


def _differs(record: Record, bases: Sequence[Record]) -> bool:
    """Whether the items are others than without the parameter, for the same sender."""
    sender = record.case.request.sender()
    plain = next((base for base in bases if base.case.request.sender() == sender), None)
    if plain is None:
        return False
    return bool(document(plain.outcome.legacy) != document(record.outcome.legacy))
