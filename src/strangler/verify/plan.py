"""The cases of one endpoint: everything varies around what legacy was seen to accept."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import Any
from urllib.parse import parse_qs, urlsplit

from strangler.diff import Exchange
from strangler.verify.bodies import Body, Payload, form, multipart
from strangler.verify.cases import Case, document, items
from strangler.verify.requests import Request
from strangler.verify.roster import User
from strangler.verify.search import Base, Search
from strangler.verify.targets import Target

#: Rows of different traits that are asked, and pairs of row and sender.
_VARIOUS, _PAIRS = 12, 16
Headers = Sequence[tuple[str, str]]
#: Values of a header that code reads: as many of its own texts, and these.
_TEXTS, _ODD_TEXTS = 6, ("1", "strangler", "")
#: Formats behind a path, where it may have one; what writes is asked with the first.
_ENDINGS = ("json", "json/", "JSON", "xyz")
#: Values of a parameter that writes are asked with.
_GUESSES = 3
#: Cases of one kind that are tried for a balance.
_MORE = 40
#: What the tags of refusals begin with that are evidence of their own.
REFUSED = ("refuse:", "page:", "beside:")


class Plan(Search):
    """Cases for one endpoint; the same facts, rows and seed give the same cases."""

    def _again(self, base: Base, **changes: Any) -> Request:
        """The base's request with something else in it."""
        return self.request(
            changes.pop("target", base.target),
            changes.pop("user", base.user),
            body=changes.pop("body", base.body),
            query=dict(base.query) | changes.pop("query", {}),
            headers=_over(base.headers, changes.pop("headers", ())),
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
        language = next(self.languages)
        if language and "headers" not in changes:
            changes["headers"] = [("Accept-Language", language)]
        return Case(self._again(base, **changes), role, frozenset((*tags, f"role:{role}")))

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
        target = self.targets.existing[0]
        user = self._suitors(target)[0]
        if self._nearest is not None:
            target, user = self._nearest
        body = self._body(target, None) if self.sends else None
        return Base(target, user, body, Exchange(0, (), b""), wrote=False)

    def good(self) -> Iterator[Case]:
        """Cases that should be answered with 2xx, the telling ones first."""
        for base in self.bases:
            yield self.case(base, "base")
        base = self._base()
        if self.asks:
            yield self.case(base, "other", body={})
        if self.method == "GET":
            yield from self._read_good(base)
        if self.sends:
            yield from self._write_good(base)
        if self.method != "GET":
            yield from self._asked_otherwise(base)
        yield from self._shaped(base)
        if self.targets.parameters:
            fitting = (each for each in self.parameters.beside(base.target.row) if each.good)
            yield from (self.case(base, each.tag, query=each.query) for each in fitting)
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

    def _asked_otherwise(self, base: Base) -> Iterator[Case]:
        """Writes with what their code reads of the address."""
        for name in self.parameters.coded:
            for value in self.parameters.guesses(name)[:_GUESSES]:
                yield self.case(base, "other", query={name: value})

    def _shaped(self, base: Base) -> Iterator[Case]:
        """With what serializers read of the address: often names of their fields."""
        facts = self.parameters.world.serializers.get(self.endpoint.serializer or "")
        names = [field.name for field in facts.fields] if facts else []
        fields = [names[-1], ",".join(names[:2])] if names else []
        for name in self.shaping:
            for value in (*fields, *self.parameters.guesses(name)[:_GUESSES]):
                yield self.case(base, "other", query={name: value})

    def parameter(self, base: Base, name: str) -> Iterator[Case]:
        """One parameter's values, for the sender of a base."""
        for each in self.parameters.good(items(base.exchange) or []):
            if each.tag == f"param:{name}":
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
        row = self._written(base.target)
        for name, change in self.writer.variants(self._number, sender, row):
            body = change if partial else whole | change
            yield self.case(base, f"field:{name}", body=body)
        for login in self.roster.logins if "password" in self.writer.fixed else ():
            yield self.case(base, "other", body=whole | {k: login[k] for k in whole if k in login})
        for name, optional in self.writer.omissions():
            if optional or partial:
                yield self.case(base, "other", body={k: v for k, v in whole.items() if k != name})
        yield from self._encodings(base, whole)

    def _encodings(self, base: Base, whole: Body) -> Iterator[Case]:
        if self.asks:
            return
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
        senders = [each.user for each in self.bases] or [base.user]
        for target in self.targets.various(_VARIOUS):
            owner = next((each for each in senders if each and each.pk in target.owners), None)
            user = owner or senders[0]
            body = self._body(target, user) if base.body else base.body
            yield self.case(base, f"state:{target.path}", target=target, user=user, body=body)
        for target, user in islice(self._pairs(), _PAIRS):
            yield self.case(base, "other", target=target, user=user)
        yield self.case(base, "other", headers=[("Accept", "*/*")])
        yield from self._headed(base)
        if self.method == "GET":
            yield self.case(base, "other", query={"format": "json"})
        yield from self._suffixed(base, *(_ENDINGS if self.method == "GET" else ("json",)))
        path = base.target.path
        for other in () if self.endpoint.anchored else (f"{path}more/1", path.rstrip("/")):
            if self.endpoint.optional_slash or other.startswith(path):
                yield self.case(base, "other", target=replace(base.target, path=other))

    def _headed(self, base: Base) -> Iterator[Case]:
        """The headers that the code reads, each alone, and all of them."""
        for name, texts in self.headers.items():
            for text in (*texts[:_TEXTS], *_ODD_TEXTS):
                yield self.case(base, "other", headers=[(name, text)])
            yield self.case(base, "other", headers=[(name, (*texts, "1")[0]), (name, "2")])
        if len(self.headers) > 1:
            sent = [(name, (*texts, "1")[0]) for name, texts in self.headers.items()]
            yield self.case(base, "other", headers=sent)

    def _suffixed(self, base: Base, *endings: str) -> Iterator[Case]:
        """The path with the name of a format behind it, where legacy has such a path."""
        start = base.target.path.rstrip("/")
        behind = "/." if not start or self.endpoint.suffix_behind_slash else "."
        for ending in endings if self.endpoint.suffix_variants else ():
            path = f"{start}{behind}{ending}"
            yield self.case(base, "other", target=replace(base.target, path=path))

    def more(self) -> list[Iterator[Case]]:
        """Further variations of what passes, kind by kind, for a balance of outcomes."""
        return [self._rows(), self._bodies(), self._accepts()]

    def _rows(self) -> Iterator[Case]:
        for target in islice(self._alike(), _MORE):
            user = self._suitors(target)[0]
            body = self._body(target, user) if self.bases[0].body else self.bases[0].body
            yield self.case(self.bases[0], "other", target=target, user=user, body=body)

    def _bodies(self) -> Iterator[Case]:
        for number in range(1, _MORE + 1):
            for base in (each for each in self.bases if each.body):
                fresh = self._body(base.target, base.user, number)
                yield self.case(base, "other", body=fresh)

    def _accepts(self) -> Iterator[Case]:
        """What each base passed with, asked for in other words."""
        weights = [f"application/json;q=0.{number}" for number in range(1, 10)]
        for accept in ("application/json, */*", *weights, *(f"{w}, */*;q=0.1" for w in weights)):
            for base in self.bases:
                yield self.case(base, "other", headers=[("Accept", accept)])

    def _alike(self) -> Iterator[Target]:
        """Rows of the kind that passes: what all bases have in common, they have too.

        Those that belong to somebody come with an owner who can ask.
        """
        if not self.bases or not self.targets.parameters:
            return
        kinds = [base.target.kind for base in self.bases]
        common = frozenset.intersection(*kinds)
        if not common and any(kinds):
            return
        active = {user.pk for user in self.roster.users if user.active}
        tried = {base.target.path for base in self.bases}
        for target in self.targets.existing:
            heard = not target.owners or not active.isdisjoint(target.owners)
            if heard and common <= target.kind and target.path not in tried:
                yield target

    def bad(self) -> Iterator[Case]:
        """Cases that should be refused, those that evidence needs first."""
        base = self._base()
        first: list[Case] = []
        rest: list[Case] = []
        seen: set[str] = set()
        for case in self._refusals(base):
            tags = {tag for tag in case.tags if tag.startswith(REFUSED)}
            (rest if tags <= seen else first).append(case)
            seen |= tags
        if base.query:
            rest.insert(0, self.case(replace(base, query=()), "other"))
        strangers = self._strangers(base)
        yield from [*first, *islice(strangers, 4), *_woven(rest, list(strangers))]

    def _refusals(self, base: Base) -> Iterator[Case]:
        whole = base.body or {}
        if self.targets.parameters:
            hiding = (each for each in self.parameters.beside(base.target.row) if not each.good)
            yield from (self.case(base, each.tag, query=each.query) for each in hiding)
        if self.method == "GET":
            pages = self.parameters.pages(*self._extent(base))
            if items(base.exchange) is not None:
                for each in chain(pages, self.parameters.bad()):
                    if not each.good:
                        yield self.case(base, each.tag, query=each.query)
        if not self.sends:
            return
        for shown, name, value in self.writer.refusals(self._number):
            body = {name: value} if self.method == "PATCH" else whole | {name: value}
            yield self.case(base, f"refuse:{shown}", body=body)
        for name, optional in self.writer.omissions():
            if not optional:
                yield self.case(base, "other", body={k: v for k, v in whole.items() if k != name})

    def _strangers(self, base: Base) -> Iterator[Case]:
        """Unknown rows, rows of others, broken bodies, bad credentials, wrong types."""
        yield from (self.case(base, "other", target=each) for each in self.targets.missing())
        if self.sends and not self.asks:
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


def _over(base: Headers, given: Headers) -> Headers:
    """Headers of a base, but for those that are given."""
    names = {name for name, _ in given}
    return [*(pair for pair in base if pair[0] not in names), *given]


def _woven(one: list[Case], other: list[Case]) -> Iterator[Case]:
    """Both lists, turn by turn."""
    for index in range(max(len(one), len(other))):
        yield from one[index : index + 1]
        yield from other[index : index + 1]
