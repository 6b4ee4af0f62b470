"""Visitors of the shop: they read, some are signed in and write, all expect an answer."""

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import cycle
from random import Random
from typing import Any, Self
from urllib.parse import urlsplit

PASSWORD = "shop-demo-password"

_VISITORS, _SIGNED_IN, _THREADS = 60, 3, 4
_PAUSE = 0.02
_SECONDS = 15.0

Headers = dict[str, str]


class Refusal(Exception):
    """An answer that no visitor should get."""


@dataclass(slots=True)
class Tally:
    """What visitors saw. `failures` hold the first ones, as text."""

    requests: int = 0
    failed: int = 0
    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)

    def percentile(self, share: float) -> float:
        """Seconds within which so many requests were answered."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


class Client:
    """One visitor's connection; it is opened again when the server closed it."""

    def __init__(self, url: str, headers: Headers) -> None:
        self._place = urlsplit(url)
        self._headers = headers
        self._connection: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, data: object = None) -> tuple[int, Any]:
        """Status and JSON. OSError, HTTPException: there was no answer."""
        body = None if data is None else json.dumps(data).encode()
        headers = dict(self._headers)
        if body is not None:
            headers["Content-Type"] = "application/json"
        if self._connection is None:
            host, port = self._place.hostname or "", self._place.port
            self._connection = http.client.HTTPConnection(host, port, timeout=_SECONDS)
        try:
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        if answer.will_close:
            self.close()
        is_json = "json" in (answer.headers.get("content-type") or "")
        return answer.status, json.loads(text) if text and is_json else None

    def close(self) -> None:
        """Let the connection go."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None


class Traffic:
    """Visitors in threads, from `with` to its end; `tally` counts."""

    def __init__(self, url: str, seed: int = 1) -> None:
        self.tally = Tally()
        self._url = url
        self._random = Random(seed)
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._sessions = [self._signed_in(number) for number in range(1, _SIGNED_IN + 1)]
        self._staff = self._token("admin@shop.example")
        self._facts = self._found()

    def __enter__(self) -> Self:
        self._stop.clear()
        self._threads = [
            threading.Thread(target=self._visit, args=(number,), daemon=True)
            for number in range(_THREADS)
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(_SECONDS)

    def _token(self, email: str) -> Headers:
        status, data = Client(self._url, {}).ask(
            "POST", "/api/auth/jwt/", {"email": email, "password": PASSWORD}
        )
        if status != 200:
            raise Refusal(f"signing in as {email} is answered {status}")
        return {"Authorization": f"Bearer {data['access']}"}

    def _signed_in(self, number: int) -> Headers:
        return self._token(f"customer{number}@mail.example")

    def _found(self) -> dict[str, list[Any]]:
        """What there is to be asked for."""
        anybody = Client(self._url, {})
        products = [
            each["id"]
            for page in range(1, 4)
            for each in anybody.ask("GET", f"/api/products/?page={page}")[1]["results"]
        ]
        found: dict[str, list[Any]] = {"product": products}
        for name, path in (("category", "categories"), ("review", "reviews")):
            rows = anybody.ask("GET", f"/api/{path}/")[1]["results"]
            found[name] = [each["id"] for each in rows]
        tags = anybody.ask("GET", "/api/tags/")[1]["results"]
        found["tag"] = [each["slug"] for each in tags]
        coupons = Client(self._url, self._staff).ask("GET", "/api/coupons/")[1]["results"]
        found["coupon"] = [each["id"] for each in coupons]
        return found

    def _visit(self, number: int) -> None:
        random = Random(self._random.random() + number)
        plans = cycle([self._anybody, self._anybody, self._anybody, self._customer, self._manager])
        while not self._stop.is_set():
            for client, method, path, data, expected in next(plans)(random):
                self._send(client, method, path, data, expected)
                if self._stop.wait(_PAUSE):
                    break

    def _send(
        self, client: Client, method: str, path: str, data: object, expected: Callable[[Any], None]
    ) -> None:
        started = time.perf_counter()
        problem, answer = "", None
        try:
            status, answer = client.ask(method, path, data)
            if not 200 <= status < 300:
                problem = str(status)
        except (OSError, http.client.HTTPException, ValueError) as error:
            problem = type(error).__name__
        seconds = time.perf_counter() - started
        with self._lock:
            tally = self.tally
            tally.requests += 1
            tally.seconds.append(seconds)
            tally.calls[method] += 1
            if problem:
                tally.failed += 1
                tally.failures = [*tally.failures, f"{method} {path}: {problem}"][:10]
        if not problem:
            expected(answer)

    # --- what visitors do

    def _anybody(self, random: Random) -> Iterator[Any]:
        known = self._facts
        client = Client(self._url, {"Cookie": f"strangler=visitor{random.randrange(_VISITORS)}"})
        for path in (
            f"/api/products/?page={random.randrange(1, 20)}",
            f"/api/products/{random.choice(known['product'])}/",
            f"/api/products/?search={random.choice('aeiou')}&ordering=-price",
            f"/api/products/{random.choice(known['product'])}/",
            "/api/categories/",
            f"/api/categories/{random.choice(known['category'])}/",
            "/api/categories/tree/",
            "/api/tags/",
            f"/api/tags/{random.choice(known['tag'])}/",
            f"/api/reviews/?product={random.choice(known['product'])}",
            f"/api/reviews/{random.choice(known['review'])}/",
        ):
            yield client, "GET", path, None, _nothing
        client.close()

    def _customer(self, random: Random) -> Iterator[Any]:
        client = Client(self._url, random.choice(self._sessions))
        rows: list[Any] = []
        orders: list[Any] = []
        for path in ("/api/me/", "/api/addresses/", "/api/wishlist/"):
            yield client, "GET", path, None, _nothing
        yield client, "GET", "/api/orders/", None, lambda data: orders.extend(data["results"][:2])
        for order in orders:
            yield client, "GET", f"/api/orders/{order['id']}/", None, _nothing
        phone = f"+49 30 {random.randrange(10**6, 10**7)}"
        yield client, "PATCH", "/api/me/", {"phone": phone}, _nothing
        address = {
            "label": "Demo", "street": "Main Street 1", "city": "Berlin",
            "postal_code": "10115", "country": "DE",
        }  # fmt: skip
        yield client, "POST", "/api/addresses/", address, rows.append
        for row in rows:
            place = f"/api/addresses/{row['id']}/"
            yield client, "GET", place, None, _nothing
            yield client, "PATCH", place, {"city": "Hamburg"}, _nothing
            yield client, "DELETE", place, None, _nothing
        client.close()

    def _manager(self, random: Random) -> Iterator[Any]:
        client = Client(self._url, self._staff)
        yield client, "GET", "/api/coupons/", None, _nothing
        for coupon in self._facts["coupon"][:2]:
            yield client, "GET", f"/api/coupons/{coupon}/", None, _nothing
        client.close()


def _nothing(answer: Any) -> None:
    """Nobody needs it."""
