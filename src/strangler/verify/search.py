"""Finds requests that legacy answers with 2xx: whose, on which row, with which body."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from strangler.diff import Exchange, RowChange
from strangler.facts import Endpoint, Facts
from strangler.verify.bodies import Body, Payload, Writer, encoded, in_query
from strangler.verify.cases import document, succeeded
from strangler.verify.parameters import Parameters
from strangler.verify.reading import Reading
from strangler.verify.requests import Request
from strangler.verify.roster import Roster, User
from strangler.verify.targets import Target, Targets
from strangler.verify.world import Row, World

Scout = Callable[[Request], tuple[Exchange, list[RowChange]]]
_BASES, _SCOUTS, _REPAIRS, _TARGETS, _DENIALS = 6, 90, 14, 6, 3
#: Values of what code reads of the address that are tried until something passes.
_VALUES = 4
#: Languages that requests ask for.
_LANGUAGES = 4
#: Methods that send a body.
BODIES = frozenset({"POST", "PUT", "PATCH"})


@dataclass(frozen=True, slots=True)
class Base:
    """A request that legacy answers with 2xx."""

    target: Target
    user: User | None
    body: Body | None
    exchange: Exchange
    wrote: bool
    headers: tuple[tuple[str, str], ...] = ()
    #: What the code reads of the address, where nothing passed without it.
    query: tuple[tuple[str, str], ...] = ()


def _languages(facts: Facts, seed: int) -> Iterator[str]:
    """What requests ask for where texts are translated by request: often nothing, else some languages."""
    chance = random.Random(seed)
    served = sorted(str(code) for code in facts.settings.get("LANGUAGES_SERVED") or ())
    chosen = chance.sample(served, min(_LANGUAGES, len(served)))
    while True:
        code = chance.choice(["", *chosen])
        yield f"{code},en;q=0.3" if code else ""


class Search:
    """What passes on one endpoint; legacy alone is asked, and says itself what to change."""

    def __init__(
        self,
        facts: Facts,
        world: World,
        roster: Roster,
        endpoint: Endpoint,
        *,
        scout: Scout,
        host: str,
        reading: Reading,
        seed: int = 0,
    ) -> None:
        self.facts, self.roster, self.endpoint = facts, roster, endpoint
        self.scout, self.host, self.seed = scout, host, seed
        self.targets = Targets(world, endpoint, next(iter(roster.resets), {}))
        self.parameters = Parameters(facts, world, endpoint, reading.query)
        self.writer = Writer(world, endpoint, reading)
        self.method = "GET" if endpoint.method == "ANY" else endpoint.method
        self.authenticators = roster.usable(endpoint.authenticators)
        self.bases: list[Base] = []
        #: Whether the handler checks the query of the address as others check the body.
        self.asks = reading.asks
        self.headers = reading.headers
        self.languages = _languages(facts, seed)
        self.shaping = reading.shaping
        #: What legacy is asked with until it accepts.
        self._sent: tuple[tuple[str, str], ...] = ()
        self._asked: tuple[tuple[str, str], ...] = ()
        self._number = 7 * seed % 1000
        self._denied: Counter[str | None] = Counter()
        #: Who was refused for the body only, when nobody was let through.
        self._nearest: tuple[Target, User | None] | None = None

    @property
    def sends(self) -> bool:
        """Whether requests bring values; those that delete do where the code reads them."""
        read = self.method == "DELETE" and bool(self.writer.fields)
        return self.asks or self.method in BODIES or read

    def prepare(self) -> None:
        """Find requests that legacy answers with 2xx, repairing bodies as it says."""
        self._find()
        if self.headers and not self.bases:
            self._sent = tuple((name, (*texts, "1")[0]) for name, texts in self.headers.items())
            self._denied.clear()
            self._find()
        if self.parameters.coded and not self.bases:
            self._find_by_query()
        if self.asks:
            self._without_values()

    def _find_by_query(self) -> None:
        """Try values of the parameters that the code reads: it may demand them."""
        guesses = {name: self.parameters.guesses(name) for name in self.parameters.coded}
        for turn in range(_VALUES):
            self._asked = tuple(
                (name, values[turn % len(values)]) for name, values in guesses.items()
            )
            self._denied.clear()
            self._find()
            if self.bases:
                return
        self._asked = ()

    def _without_values(self) -> None:
        """The same without any values in the query: those that pass may leave no row to be seen."""
        pairs = [(base.target, base.user) for base in self.bases[:1]] or list(self._pairs())[
            :_BASES
        ]
        for target, user in pairs:
            exchange, changes = self.scout(self.request(target, user, body={}, headers=self._sent))
            if succeeded(exchange):
                self.bases.append(Base(target, user, {}, exchange, bool(changes), self._sent))
                return

    def _find(self) -> None:
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
        """Some of the first rows and of the last, to which less refers; two of other people."""
        targets = self.targets.existing
        own = [each for each in targets if each.near]
        others = [each for each in targets if not each.near] if own else []
        own = own or targets
        return own[:_TARGETS] + own[_TARGETS:][-_TARGETS:] + others[:2]

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
        sends = self.sends
        for turn in range(_REPAIRS):
            body = self._body(target, user) if sends else None
            exchange, changes = self.scout(
                self.request(target, user, body=body, query=dict(self._asked), headers=self._sent)
            )
            if succeeded(exchange):
                sent = self._sent, self._asked
                self.bases.append(Base(target, user, body, exchange, bool(changes), *sent))
                return turn + 1
            if exchange.status in (400, 409, 422) and self._nearest is None:
                self._nearest = target, user
            self._denied[user.pk if user else None] += exchange.status in (401, 403)
            if exchange.status >= 500 and sends and self.writer.without_nested():
                continue  # legacy fails at something that may be left out
            unknown = exchange.status == 404 and "{" not in self.endpoint.path
            if not (unknown or exchange.status in (400, 401, 403, 422)) or not sends or self.bases:
                return turn + 1
            if not self._learn(exchange, turn, user):
                return turn + 1
        return _REPAIRS

    def _body(self, target: Target, user: User | None, number: int = 0) -> Body:
        """A body for a row that should pass when the user sends it."""
        key = user.pk if user else None
        return self.writer.base(self._number + number, key, self._written(target))

    def another(self, target: Target, user: User | None) -> Body:
        """A body like those that passed, with other values."""
        return self._body(target, user, 1)

    def _written(self, target: Target) -> Row | None:
        """The row that a body is to change; None where one is made."""
        return target.row if self.method in ("PUT", "PATCH") else None

    def _learn(self, exchange: Exchange, turn: int, user: User | None) -> bool:
        """Change the next body after a refusal."""
        names = {field.name for field in self.writer.fields}
        login = next(iter(self.roster.logins), {})
        asks = bool(names) and names <= login.keys() - {"password"}  # only who it is
        if turn == 0 and (asks or exchange.status == 404):
            self.writer.fixed = {**self.writer.fixed, **login}
            return bool(names & login.keys())
        known = self._links(names)[turn] if self._links(names)[turn:] else {}
        known = known if turn or known else self.roster.known
        if turn <= 1 and names & set(known):
            self.writer.fixed = {**self.writer.fixed, **known}
            return True
        if turn <= 1 and "password" in names and "password" not in self.writer.fixed:
            self.writer.fixed = {**self.writer.fixed, **next(iter(self.roster.logins), {})}
            return True
        if turn == 2 and "password" in self.writer.fixed:
            self.writer.fixed = {}
        return exchange.status in (400, 422) and self.writer.repair(document(exchange))

    def _links(self, names: set[str]) -> Sequence[Mapping[str, str]]:
        """What links in letters hold, where a form asks for that."""
        held = set[str]().union(*self.roster.resets) - {"email"}
        links = names & held
        asked = links - {"token"} or (links and any("password" in name for name in names))
        return [each for each in self.roster.resets if each] if asked else ()

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
        asked = urlencode(query or {})
        if self.asks and body is not None:
            asked, body = "&".join(filter(None, (in_query(body), asked))), None
        sent = payload or (encoded(self.writer.wrapped(body)) if body is not None else None)
        lines = [("Host", self.host), ("Accept", "application/json")]
        if user is not None and self.authenticators:
            lines += self.roster.headers(authenticator or self.authenticators[0], user)
        if sent is not None:
            lines.append(("Content-Type", sent.media))
        path = target.path + (f"?{asked}" if asked else "")
        request = Request(self.method, path, tuple(lines), sent.content if sent else b"")
        return request.with_headers(*headers)
