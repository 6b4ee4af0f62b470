"""Rows that lists need, made while legacy can still be asked what it shows of them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from strangler.diff import Exchange
from strangler.facts import Endpoint, Facts, Paginator
from strangler.verify.cases import document, items, succeeded
from strangler.verify.executor import Executor
from strangler.verify.requests import Request
from strangler.verify.roster import Roster, User

#: Rows beyond a page, the largest page that is filled, times that a list is filled up.
_SPARE, _LARGEST, _ROUNDS = 3, 120, 3
_SECONDS = 300.0


@dataclass(slots=True)
class Stock:
    """Lists of the legacy application on the template.

    Its functions raise ExecutorFailure when legacy hangs or dies.
    """

    executor: Executor
    facts: Facts
    endpoints: Sequence[Endpoint]
    roster: Roster
    #: How many rows were made, by model.
    made: Counter[str] = field(default_factory=Counter)
    #: Keys of rows with the greatest numbers and of those that they refer to, by model.
    great: Mapping[str, Sequence[str]] = field(default_factory=dict)
    #: Keys of rows that legacy was not yet seen to bear, by model.
    doubtful: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def fill(self) -> None:
        """More rows like those that are there, until each list has more than a page of them.

        The largest page that clients may ask for is filled once for each pagination class.
        """
        filled: set[str] = set()
        for endpoint, paginator in self._paged():
            size, most = _sizes(paginator)
            wanted = most if paginator.name not in filled and most <= _LARGEST else size
            if self._filled(endpoint, min(wanted, _LARGEST)):
                filled.add(paginator.name)

    def _paged(self) -> Iterator[tuple[Endpoint, Paginator]]:
        known = {each.name: each for each in self.facts.paginators}
        for endpoint in self._whole():
            paginator = known.get(endpoint.paginator or "")
            if paginator is not None and endpoint.queryset is not None:
                yield endpoint, paginator

    def _whole(self) -> Iterator[Endpoint]:
        """Reads whose path has nothing to fill in."""
        return (each for each in self.endpoints if each.method == "GET" and "{" not in each.path)

    def _filled(self, endpoint: Endpoint, size: int) -> bool:
        label = str(endpoint.queryset.model) if endpoint.queryset else ""
        user = next(iter(self._senders(endpoint)))
        for _ in range(_ROUNDS):
            lacking = _lacking(self._answer(endpoint, user), size)
            if lacking <= 0:
                return lacking == 0
            asked = {"op": "copies", "model": label, "count": lacking}
            owner = {"owner": user.pk} if user is not None else {}
            made = self.executor.ask({**asked, **owner}, seconds=_SECONDS)["made"]
            self.made[label] += made
            if not made:
                return False
        return True

    def _senders(self, endpoint: Endpoint) -> list[User | None]:
        """Somebody plain and somebody mighty; nobody where nobody can be told apart."""
        if not self.roster.usable(endpoint.authenticators):
            return [None]
        mighty = self.roster.of_role("superuser") or self.roster.of_role("staff")
        return [*self.roster.of_role("plain")[:1], *mighty[:1]] or [None]

    def _answer(self, endpoint: Endpoint, user: User | None) -> Exchange:
        headers = [("Host", str(self.executor.hello["host"])), ("Accept", "application/json")]
        usable = self.roster.usable(endpoint.authenticators)
        if user is not None and usable:
            headers += self.roster.headers(usable[0], user)
        return self.executor.send(Request("GET", endpoint.path, tuple(headers)), fresh=True)

    def stretch(self, few: Mapping[str, Any]) -> None:
        """Rows with the greatest numbers; not where legacy fails at them, as at a sum too large.

        few: `models` and `owners` as for the other operations that make rows.
        """
        if not any(map(self._has_decimals, few["models"])):
            return
        before = self.failing()
        answer = self.executor.ask({"op": "limits", **few}, seconds=_SECONDS)
        self.doubtful = answer["made"]
        while self.doubtful and not self.failing() <= before:
            # rows of one model less, those that others refer to last
            label = list(self.doubtful)[-1]
            rows = {label: self.doubtful[label]}
            self.executor.ask({"op": "forget", "rows": rows}, seconds=_SECONDS)
            self.doubtful = {key: keys for key, keys in self.doubtful.items() if key != label}
        self.made.update({label: len(keys) for label, keys in self.doubtful.items()})
        self.great, self.doubtful = (answer["asked"] if self.doubtful else {}), {}

    def _has_decimals(self, label: str) -> bool:
        model = next((each for each in self.facts.models if each.name == label), None)
        fields = model.fields if model is not None else ()
        return any(each.internal_type == "DecimalField" for each in fields)

    def failing(self) -> set[tuple[str, str | None]]:
        """Endpoints with senders to whom legacy answers with 5xx."""
        return {
            (endpoint.id, user.pk if user else None)
            for endpoint in self._whole()
            for user in self._senders(endpoint)
            if self._answer(endpoint, user).status >= 500
        }


def _lacking(exchange: Exchange, size: int) -> int:
    """How many items a list lacks for more than a page; below 0: it is not known to be a list."""
    shown = items(exchange) if succeeded(exchange) else None
    if shown is None:
        return -1
    body = document(exchange)
    count = body.get("count") if isinstance(body, Mapping) else None
    if not isinstance(count, int):
        count = len(shown)
        if isinstance(body, Mapping) and body.get("next"):
            return 0
    return max(0, size + _SPARE - count)


def _sizes(paginator: Paginator) -> tuple[int, int]:
    """The usual size of a page, and the largest that a client may ask for."""

    def number(names: Sequence[str], otherwise: int) -> int:
        values: list[Any] = [paginator.attributes.get(name) for name in names]
        known = (each.value for each in values if each is not None)
        return next((value for value in known if isinstance(value, int) and value), otherwise)

    size = number(("page_size", "default_limit"), 10)
    asked = paginator.attributes.get("page_size_query_param")
    by_size = paginator.kind == "limit_offset" or bool(asked and asked.value)
    return size, number(("max_page_size", "max_limit"), size) if by_size else size
