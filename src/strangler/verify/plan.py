"""The cases of one endpoint: legacy is asked what passes, then everything varies around it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from strangler.diff import Exchange, RowChange
from strangler.facts import Endpoint, Facts
from strangler.verify.bodies import Body, Payload, Writer, encoded, form, multipart
from strangler.verify.cases import Case, document, items, succeeded
from strangler.verify.parameters import Parameters
from strangler.verify.requests import Request
from strangler.verify.roster import Roster, User
from strangler.verify.targets import Target, Targets
from strangler.verify.world import World

Scout = Callable[[Request], tuple[Exchange, list[RowChange]]]
_BASES, _SCOUTS, _REPAIRS, _TARGETS, _DENIALS = 6, 90, 14, 6, 3
_BODIES = frozenset({"POST", "PUT", "PATCH"})


@dataclass(frozen=True, slots=True)
class Base:
    """A request that legacy answers with 2xx."""

    target: Target
    user: User | None
    body: Body | None
    exchange: Exchange
    wrote: bool


class Plan:
    """Cases for one endpoint; the same facts, rows and seed give the same cases."""

    def __init__(
        self,
        facts: Facts,
        world: World,
        roster: Roster,
        endpoint: Endpoint,
        *,
        scout: Scout,
        host: str,
        names: tuple[list[str], list[str]],
        seed: int = 0,
    ) -> None:
        self.facts, self.roster, self.endpoint = facts, roster, endpoint
        self.scout, self.host, self.seed = scout, host, seed
        self.targets = Targets(world, endpoint)
        self.parameters = Parameters(facts, world, endpoint, names[0])
        self.writer = Writer(world, endpoint, names[1])
        self.method = "GET" if endpoint.method == "ANY" else endpoint.method
        self.authenticators = roster.usable(endpoint.authenticators)
        self.bases: list[Base] = []
        self._number = 7 * seed % 1000
        self._denied: Counter[str | None] = Counter()
        #: Who was refused for the body only, when nobody was let through.
        self._nearest: tuple[Target, User | None] | None = None

    # --- what passes -----------------------------------------------------------------------------

    def prepare(self) -> None:
        """Find requests that legacy answers with 2xx, repairing bodies as it says."""
        asked = 0
        seen: set[tuple[str, str | None]] = set()
        for target, user in self._pairs():
            key = (target.path, user.pk if user else None)
            if asked >= _SCOUTS or len(self.bases) >= _BASES:
                return
            if key in seen or (self._denied[key[1]] >= _DENIALS and key[1] not in target.owners):
                continue
            seen.add(key)
            asked += self._try(target, user)

    def _pairs(self) -> Iterator[tuple[Target, User | None]]:
        """Targets with who probably may: owners, then the mighty, then anybody."""
        targets = self._targets()
        ranked = [(target, self._suitors(target)) for target in targets]
        for rank in range(max(len(users) for _, users in ranked)):
            for target, users in ranked:
                if rank < len(users):
                    yield target, users[rank]

    def _targets(self) -> list[Target]:
        """Some of the first rows and of the last, to which less refers."""
        targets = self.targets.existing()
        return targets[:_TARGETS] + targets[_TARGETS:][-_TARGETS:]

    def _suitors(self, target: Target) -> list[User | None]:
        if not self.authenticators:
            return [None]
        active = [user for user in self.roster.users if user.active]
        owners: list[User | None] = [user for user in active if user.pk in target.owners]
        plain = [user for user in active if user.role == "plain"]
        mighty = self.roster.of_role("superuser")[:1] + self.roster.of_role("staff")[:1]
        first = [] if owners else plain[:2]
        return [*owners, *first, *mighty, *plain[2:], None]

    def _try(self, target: Target, user: User | None) -> int:
        """Ask legacy until it accepts or has nothing to say; how often it was asked."""
        sends = self.method in _BODIES
        sender = user.pk if user else None
        for turn in range(_REPAIRS):
            body = self.writer.base(self._number, sender) if sends else None
            exchange, changes = self.scout(self.request(target, user, body=body))
            if succeeded(exchange):
                self.bases.append(Base(target, user, body, exchange, bool(changes)))
                return turn + 1
            if exchange.status in (400, 409, 422) and self._nearest is None:
                self._nearest = target, user
            self._denied[sender] += exchange.status in (401, 403)
            if exchange.status not in (400, 401, 403, 422) or not sends or self.bases:
                return turn + 1
            if not self._learn(exchange, turn, user) or exchange.status in (401, 403):
                return turn + 1
        return _REPAIRS

    def _learn(self, exchange: Exchange, turn: int, user: User | None) -> bool:
        """Change the next body after a refusal."""
        names = {field.name for field in self.writer.fields}
        if turn == 0 and names & set(self.roster.known):
            self.writer.fixed = {**self.writer.fixed, **self.roster.known}
            return True
        if turn <= 1 and "password" in names and "password" not in self.writer.fixed:
            self.writer.fixed = {**self.writer.fixed, **next(iter(self.roster.logins), {})}
            return True
        if turn == 2 and "password" in self.writer.fixed:
            self.writer.fixed = {}
        return exchange.status in (400, 422) and self.writer.repair(document(exchange))

    # --- requests --------------------------------------------------------------------------------

    def request(
        self,
        target: Target,
        user: User | None,
        *,
        body: Any = None,
        payload: Payload | None = None,
        query: Mapping[str, str] | None = None,
        authenticator: str | None = None,
        headers: Iterable[tuple[str, str]] = (),
    ) -> Request:
        """One request as a client would send it."""
        sent = payload or (encoded(body) if body is not None else None)
        lines = [("Host", self.host), ("Accept", "application/json")]
        if user is not None and self.authenticators:
            lines += self.roster.headers(authenticator or self.authenticators[0], user)
        if sent is not None:
            lines.append(("Content-Type", sent.media))
        path = target.path + (f"?{urlencode(query)}" if query else "")
        request = Request(self.method, path, tuple(lines), sent.content if sent else b"")
        return request.with_headers(*headers)

    def _again(self, base: Base, **changes: Any) -> Request:
        """The base's request with something else in it."""
        return self.request(
            changes.pop("target", base.target),
            changes.pop("user", base.user),
            body=changes.pop("body", base.body),
            **changes,
        )

    def _role(self, target: Target, user: User | None) -> str:
        if user is None:
            return "anonymous"
        if user.role != "plain":
            return user.role
        if target.owners:
            return "owner" if user.pk in target.owners else "other"
        plain = [base.user for base in self.bases if base.user and base.user.role == "plain"]
        first = (plain or self.roster.of_role("plain"))[:1]
        return "owner" if first in ([], [user]) else "other"

    def case(self, base: Base, *tags: str, **changes: Any) -> Case:
        """A case around a base."""
        target, user = changes.get("target", base.target), changes.get("user", base.user)
        role = self._role(target, user)
        return Case(self._again(base, **changes), role, frozenset((*tags, f"role:{role}")))

    # --- cases -----------------------------------------------------------------------------------

    def lists(self) -> bool:
        """Whether the endpoint is a list that filters and pages act on."""
        answers = [document(base.exchange) for base in self.bases]
        plain = any(isinstance(each, list) for each in answers)
        paged = any(isinstance(each, dict) and "results" in each for each in answers)
        acts = self.endpoint.action in {"list", "get", None}
        enveloped = self.endpoint.action == "list"
        return self.method == "GET" and acts and (plain or paged or enveloped)

    def required_parameters(self) -> list[str]:
        """Parameters that have to be seen at work."""
        if self.lists():
            return self.parameters.required
        whole = self.method == "GET" and not self.targets.parameters
        return self.parameters.read if whole else []

    def roles(self) -> list[str]:
        """The roles that have to be seen."""
        if not self.authenticators:
            return ["anonymous"]
        plain = self.roster.of_role("plain")
        names = ["anonymous", *(["owner"] if plain else []), *(["other"] if plain[1:] else [])]
        mighty = [role for role in ("staff", "superuser") if self.roster.of_role(role)]
        return names + mighty

    def needed(self) -> Iterator[Case]:
        """Each role once on a target where something is there to be had."""
        base = self._base()
        seen: set[str] = set()
        for each in [*self.bases, base]:
            for user in [each.user, None, *self.roster.users]:
                role = self._role(each.target, user)
                if role not in seen and (user is None or (self.authenticators and user.active)):
                    seen.add(role)
                    yield self.case(each, user=user)

    def _base(self) -> Base:
        """The base that says most; where nothing passes, a guess to vary around."""
        if self.bases and self.method == "GET":
            return max(self.bases, key=lambda base: len(base.exchange.body))
        if self.bases:
            return self.bases[0]
        target = self.targets.existing()[0]
        body = self.writer.base(self._number) if self.method in _BODIES else None
        user = self._suitors(target)[0]
        if self._nearest is not None:
            target, user = self._nearest
        return Base(target, user, body, Exchange(0, (), b""), wrote=False)

    def good(self) -> Iterator[Case]:
        """Cases that should be answered with 2xx, the telling ones first."""
        for base in self.bases:
            yield self.case(base, "base")
        base = self._base()
        if self.method == "GET":
            yield from self._read_good(base)
        elif self.method in _BODIES:
            yield from self._write_good(base)
        yield from self._wider(base)

    def _read_good(self, base: Base) -> Iterator[Case]:
        found = items(base.exchange)
        if found is None and not self.parameters.read:
            return
        per_tag: dict[str, int] = {}
        pages = self.parameters.pages(*self._extent(base))
        for each in chain((p for p in pages if p.good), self.parameters.good(found or [])):
            per_tag[each.tag] = per_tag.get(each.tag, 0) + 1
            if per_tag[each.tag] <= 10:
                yield self.case(base, each.tag, query=each.query)

    def _extent(self, base: Base) -> tuple[int, dict[str, str]]:
        """How many items there are, and the cursors of the neighbour pages."""
        body = document(base.exchange)
        if not isinstance(body, dict):
            return len(items(base.exchange) or []), {}
        links = {}
        for name in ("next", "previous"):
            query = parse_qs(urlsplit(str(body.get(name) or "")).query)
            cursor = next((values[0] for key, values in query.items() if "cursor" in key), None)
            if cursor:
                links[name] = cursor
        count = body.get("count")
        return count if isinstance(count, int) else len(items(base.exchange) or []), links

    def _write_good(self, base: Base) -> Iterator[Case]:
        partial = self.method == "PATCH"
        whole = base.body or {}
        sender = base.user.pk if base.user else None
        for name, change in self.writer.variants(self._number, sender):
            body = change if partial else whole | change
            yield self.case(base, f"field:{name}", body=body)
        for name, optional in self.writer.omissions():
            if optional or partial:
                yield self.case(base, "other", body={k: v for k, v in whole.items() if k != name})
        yield from self._encodings(base, whole)

    def _encodings(self, base: Base, whole: Body) -> Iterator[Case]:
        parsers = [path.rpartition(".")[2] for path in self.endpoint.parsers]
        if whole and "FormParser" in parsers and (sent := form(whole)) is not None:
            yield self.case(base, "other", body=None, payload=sent)
        if whole and "MultiPartParser" in parsers and form(whole) is not None:
            yield self.case(base, "other", body=None, payload=multipart(whole))
        if self.method == "PATCH":
            yield self.case(base, "other", body={})

    def _wider(self, base: Base) -> Iterator[Case]:
        """More of the same: other rows with their owners, other authenticators."""
        for path in self.authenticators[1:]:
            for each in self.bases:
                if each.user is not None:
                    yield self.case(each, "other", authenticator=path)
        for target, user in islice(self._pairs(), 24):
            yield self.case(base, "other", target=target, user=user)
        yield self.case(base, "other", headers=[("Accept", "*/*")])
        if self.method == "GET":
            yield self.case(base, "other", query={"format": "json"})

    def more(self, count: int) -> Iterator[Case]:
        """Further variations of what passes, for a balance of outcomes."""
        for number in range(1, count + 1):
            for base in self.bases:
                if base.body:
                    sender = base.user.pk if base.user else None
                    fresh = self.writer.base(self._number + number, sender)
                    yield self.case(base, "other", body=fresh)
                for accept in ("application/json, */*", f"application/json;q=0.{number % 9 + 1}"):
                    yield self.case(base, "other", headers=[("Accept", accept)])

    def bad(self) -> Iterator[Case]:
        """Cases that should be refused, those that evidence needs first."""
        base = self._base()
        first: list[Case] = []
        rest: list[Case] = []
        seen: set[str] = set()
        for case in self._refusals(base):
            tags = {tag for tag in case.tags if tag.startswith(("refuse:", "page:"))}
            (rest if tags <= seen else first).append(case)
            seen |= tags
        strangers = self._strangers(base)
        yield from [*first, *islice(strangers, 4), *_woven(rest, list(strangers))]

    def _refusals(self, base: Base) -> Iterator[Case]:
        whole = base.body or {}
        if self.method == "GET":
            pages = self.parameters.pages(*self._extent(base))
            if items(base.exchange) is not None:
                for each in chain(pages, self.parameters.bad()):
                    if not each.good:
                        yield self.case(base, each.tag, query=each.query)
            return
        if self.method not in _BODIES:
            return
        for name, value in self.writer.refusals(self._number):
            body = {name: value} if self.method == "PATCH" else whole | {name: value}
            yield self.case(base, f"refuse:{name}", body=body)
        for name, optional in self.writer.omissions():
            if not optional:
                yield self.case(base, "other", body={k: v for k, v in whole.items() if k != name})

    def _strangers(self, base: Base) -> Iterator[Case]:
        """Unknown rows, rows of others, broken bodies, bad credentials, wrong types."""
        yield from (self.case(base, "other", target=each) for each in self.targets.missing())
        if self.method in _BODIES:
            for content, media in (
                (b'{"broken": ', "application/json"),
                (b"{}", "application/json"),
                (b"[1, 2]", "application/json"),
                (b"text", "text/plain"),
                (b"", "application/json"),
            ):
                yield self.case(base, "other", body=None, payload=Payload(content, media))
        yield from (self.case(base, "other", target=each) for each in self.targets.unparsable())
        yield self.case(base, "other", headers=[("Accept", "application/xml")])
        for path in self.authenticators:
            yield from self._impostors(base, path)
        users: list[User | None] = [None, *self.roster.users] if self.authenticators else [None]
        for target in self._targets():
            yield from (self.case(base, "other", target=target, user=user) for user in users)

    def _impostors(self, base: Base, authenticator: str) -> Iterator[Case]:
        user = base.user or next(iter(self.roster.users), None)
        if user is None:
            return
        for name, value in self.roster.headers(authenticator, user):
            if name == "Authorization":
                word, _, token = value.partition(" ")
                for wrong in (f"{word} {token[::-1]}", word, f"{word} a b"):
                    headers = [(name, wrong)]
                    yield self.case(base, "other", user=user, headers=headers)
            elif "csrf" in name.lower():
                headers = [(name, "x" * 32)]
                yield self.case(
                    base, "other", user=user, authenticator=authenticator, headers=headers
                )


def _woven(one: list[Case], other: list[Case]) -> Iterator[Case]:
    """Both lists, turn by turn."""
    for index in range(max(len(one), len(other))):
        yield from one[index : index + 1]
        yield from other[index : index + 1]
