"""One request to both shops, and what their answers have to agree in."""

import asyncio
import datetime
import decimal
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import httpx
from django.db import connection
from django.test import Client, override_settings

from tests.compat import shop_legacy, shop_new

HEADERS = (
    *("allow", "content-length", "content-type", "cross-origin-opener-policy", "location"),
    *("referrer-policy", "retry-after", "strict-transport-security", "vary", "www-authenticate"),
    *("content-encoding", "content-language"),
    *("x-content-type-options", "x-frame-options", "x-gone", "access-control-allow-origin"),
    *("access-control-allow-credentials", "access-control-allow-headers"),
    *("access-control-allow-methods", "access-control-max-age", "access-control-expose-headers"),
)
SETTINGS: dict[str, Any] = {
    "ROOT_URLCONF": "tests.compat.shop_legacy",
    "MIDDLEWARE": [
        "django.middleware.security.SecurityMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
}


class Answer(NamedTuple):
    """What a client sees, without the order of headers."""

    status: int
    body: bytes
    headers: dict[str, str]


class Twins:
    """Both applications on one database."""

    def __init__(self, app: Any = shop_new.app, **settings: Any) -> None:
        self.app = app
        self.settings = SETTINGS | settings
        self.runner = asyncio.Runner()

    def legacy(
        self, method: str, url: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Answer:
        """Ask Django."""
        given = dict(headers or {})
        kind = given.pop("content-type", "")
        with override_settings(**self.settings):
            client = Client(raise_request_exception=False)
            answer = client.generic(method, url, body, kind, headers=given)
            content = answer.getvalue() if answer.streaming else answer.content
        shown = {name: answer[name] for name in HEADERS if name in answer}
        return Answer(answer.status_code, content, shown)

    def new(
        self, method: str, url: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Answer:
        """Ask the application on compat."""

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            # httpx would send an Accept of its own, which Django's client does not.
            given = {"accept": "*/*", **(headers or {})}
            async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as it:
                request = it.build_request(method, url, content=body, headers=given)
                return await it.send(request)

        answer = self.runner.run(ask())
        shown = {name: answer.headers[name] for name in HEADERS if name in answer.headers}
        return Answer(answer.status_code, answer.content, shown)

    def agree(self, method: str, url: str, body: bytes = b"", **headers: str) -> Answer:
        """Ask both, assert that they answer alike, and return the answer."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        legacy = self.legacy(method, url, body, named)
        new = self.new(method, url, body, named)
        assert new == legacy, f"\nlegacy: {legacy}\nnew:    {new}"
        return legacy

    def close(self) -> None:
        """Close the connections of the new application."""
        self.runner.run(shop_new.database.dispose())
        self.runner.close()


ROWS = 14
# Through itself: the registry knows no reverse relations of models outside of installed apps.
TAGGED: Any = shop_legacy.Product.tags.through


def fill() -> None:
    """Insert fourteen products: ties, NULLs, related rows and awkward text among them."""
    utc = datetime.UTC
    parent = shop_legacy.Category.objects.create(id=1, name="Home")
    shop_legacy.Category.objects.create(id=2, name="Kitchen", parent=parent)
    shop_legacy.Category.objects.create(id=3, name="100% wool", parent=None)
    for key, name in enumerate(("red big", "red", "big", "x_y"), 1):
        shop_legacy.Tag.objects.create(id=key, name=name)
    for key in range(1, ROWS + 1):
        shop_legacy.Product.objects.create(
            id=key,
            name=["Lamp", "Big lamp", "Übergröße", "50% off", "a_b"][key % 5],
            note=None if key % 4 == 0 else ["new", "old style", "x"][key % 3],
            price=decimal.Decimal(key * 7 % 5) + decimal.Decimal("0.50"),
            stock=key // 4,
            active=[None, True, False][key % 3],
            status=["new", "old"][key % 2],
            created_at=datetime.datetime(
                2024,
                1 + key // 6,
                1 + key // 2,
                23,
                5 * (key // 3),
                7,
                [0, 120000][key % 2],
                tzinfo=utc,
            ),
            day=datetime.date(2024, 2, 1 + key % 3),
            sku=uuid.UUID(int=key),
            category_id=[None, 1, 2, 3][key % 4],
        )
        for tag in (1, 2, 3, 4):
            if key % 7 & tag or key % 5 == tag:
                TAGGED.objects.create(product_id=key, tag_id=tag)


@contextmanager
def twins(app: Any = shop_new.app, **settings: Any) -> Iterator[Twins]:
    """Open both shops over freshly filled tables."""
    shop_legacy.create_tables()
    for model in (TAGGED, *reversed(shop_legacy.MODELS)):
        model.objects.all()._raw_delete("default")
    fill()
    both = Twins(app, **settings)
    yield both
    both.close()
    connection.close()
