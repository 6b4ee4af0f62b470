"""Middleware: Django's own and django-cors-headers against compat's, and functions."""

import asyncio
import gzip
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from strangler.compat import settings
from strangler.compat.application import create_app
from strangler.compat.bodies import request_data
from strangler.compat.compression import GZipMiddleware
from strangler.compat.cors import CorsMiddleware
from strangler.compat.handlers import HandlerContext, exception_handler
from strangler.compat.headers import set_request_header
from strangler.compat.middleware import (
    CallNext,
    CommonMiddleware,
    SecurityMiddleware,
    XFrameOptionsMiddleware,
)
from strangler.compat.responses import Response as StatusResponse
from strangler.compat.routing import Router
from tests.compat import shop_new
from tests.compat.twins import SETTINGS, Twins, twins


@pytest.fixture(scope="module")
def both() -> Iterator[Twins]:
    with twins() as opened:
        yield opened


@pytest.mark.parametrize(
    "changes",
    [
        {"SECURE_SSL_REDIRECT": True},
        {"SECURE_SSL_REDIRECT": True, "SECURE_REDIRECT_EXEMPT": ["^api/ite"]},
        {"SECURE_SSL_REDIRECT": True, "SECURE_SSL_HOST": "secure.example.com"},
        {"SECURE_CONTENT_TYPE_NOSNIFF": False, "SECURE_CROSS_ORIGIN_OPENER_POLICY": None},
        {"SECURE_REFERRER_POLICY": "origin, no-referrer"},
        {"X_FRAME_OPTIONS": "sameorigin"},
        {"SECURE_HSTS_SECONDS": 60, "SECURE_PROXY_SSL_HEADER": ("HTTP_X_SCHEME", "https")},
        {
            "SECURE_HSTS_SECONDS": 60,
            "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
            "SECURE_HSTS_PRELOAD": True,
            "SECURE_PROXY_SSL_HEADER": ("HTTP_X_SCHEME", "https"),
        },
        {"PREPEND_WWW": True},
        {"APPEND_SLASH": False},
        {"ALLOWED_HOSTS": ["example.com", ".example.org"]},
        {"USE_X_FORWARDED_HOST": True},
    ],
    ids=",".join,
)
@pytest.mark.parametrize(
    "url", ["/api/items/", "/api/items", "/nowhere/?a=1", "/api/pages/?page=2"]
)
@pytest.mark.parametrize("host", ["testserver", "sub.example.org:8000", "bad_host"])
def test_settings_change_both_alike(
    both: Twins, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], url: str, host: str
) -> None:
    for name, value in changes.items():
        monkeypatch.setattr(settings, name, value)
    monkeypatch.setattr(both, "settings", SETTINGS | changes)
    headers = {"host": host, "x-scheme": "https, http", "x-forwarded-host": "front.example.com"}
    new, legacy = both.new("GET", url, headers=headers), both.legacy("GET", url, headers=headers)
    if new.status == 400:
        # Django's middleware that adds the length is the one that failed.
        del new.headers["content-length"]
    assert new == legacy


CORS = [
    {"allowed_origins": ["https://a.com", "null"]},
    {"allow_all_origins": True},
    {"allow_all_origins": True, "allow_credentials": True},
    {"allowed_origin_regexes": [r"^https://\w+\.b\.com$"], "expose_headers": ["X-A", "X-B"]},
    {"allowed_origins": ["https://a.com"], "urls_regex": "^/api/i.*$", "preflight_max_age": 0},
    {
        "allowed_origins": ["https://a.com"],
        "allow_headers": ["x-one"],
        "allow_methods": ["GET"],
        "allow_private_network": True,
    },
]


@pytest.mark.parametrize("options", CORS, ids=str)
@pytest.mark.parametrize(
    "origin", [None, "https://a.com", "https://x.b.com", "null", "http://a.com", "https://[", "a"]
)
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_cors_answers_agree(options: dict[str, Any], origin: str | None, method: str) -> None:
    app = create_app(
        shop_new.items,
        middleware=(
            SecurityMiddleware,
            Middleware(CorsMiddleware, **options),
            CommonMiddleware,
            XFrameOptionsMiddleware,
        ),
    )
    legacy = {f"CORS_{name.upper()}": value for name, value in options.items()}
    installed = list(SETTINGS["MIDDLEWARE"])
    installed.insert(1, "corsheaders.middleware.CorsMiddleware")
    both = Twins(app, MIDDLEWARE=installed, **legacy)
    headers = {"access-control-request-private-network": "true"}
    headers |= {"origin": origin} if origin else {}
    headers |= {"access-control-request-method": "PUT"} if method == "OPTIONS" else {}
    both.agree(method, "/api/items/", **headers)
    both.agree("GET", "/nowhere/", **headers)
    both.runner.close()


def ask(app: Any, method: str, url: str, **options: Any) -> httpx.Response:
    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            return await client.request(method, url, **options)

    return asyncio.run(send())


def small_router() -> Router:
    router = Router(prefix="/things")

    @router.post("/", status_code=201)
    async def create_thing(request: Request) -> dict[str, Any]:
        if request.headers.get("x-crash"):
            raise LookupError("no such thing")
        return {"data": await request_data(request)}

    return router


def test_a_function_may_read_the_body_and_change_the_answer() -> None:
    async def sign(request: Request, call_next: CallNext) -> Response:
        length = len(await request.body())
        response = await call_next(request)
        response.headers["x-length"] = f"{length} {response.status_code} {len(response.body)}"
        return response

    async def refuse(request: Request, call_next: CallNext) -> Response:
        return (
            Response("closed", 503) if "x-closed" in request.headers else await call_next(request)
        )

    app = create_app(small_router(), middleware=(sign, refuse))
    answer = ask(app, "POST", "/things/", json={"a": 1})
    assert (answer.status_code, answer.json()) == (201, {"data": {"a": 1}})
    assert answer.headers["x-length"] == f"7 201 {len(answer.content)}"
    closed = ask(app, "POST", "/things/", headers={"x-closed": "1"})
    assert (closed.status_code, closed.text, closed.headers["x-length"]) == (
        503,
        "closed",
        "0 503 6",
    )


def test_a_middleware_that_fails_gives_djangos_page() -> None:
    async def fail(request: Request, call_next: CallNext) -> Response:
        raise ValueError("broken")

    answer = ask(create_app(small_router(), middleware=(fail,)), "POST", "/things/")
    assert (answer.status_code, len(answer.content)) == (500, 145)


def test_a_project_handler_sees_every_exception_and_may_change_answers() -> None:
    def handle(exc: Exception, context: HandlerContext) -> Any:
        response = exception_handler(exc, context)
        if isinstance(exc, LookupError):
            response = exception_handler(shop_new.PermissionDenied("mapped"), context)
        if response is not None:
            response.data = {"status": response.status_code, "errors": response.data}
            response.status_code += 1
            response["X-Action"] = str(context.view.action)
        return response

    app = create_app(small_router(), exception_handler=handle)
    mapped = ask(app, "POST", "/things/", headers={"x-crash": "1"})
    assert (mapped.status_code, mapped.headers["x-action"]) == (404, "create_thing")
    assert mapped.json() == {"status": 403, "errors": {"detail": "mapped"}}
    assert ask(app, "PUT", "/things/").json()["status"] == 405
    assert ask(app, "GET", "/elsewhere/").status_code == 404


def test_a_project_handler_whose_data_cannot_be_rendered_gives_djangos_page() -> None:
    app = create_app(
        small_router(), exception_handler=lambda exc, context: StatusResponse(float("inf"), 400)
    )
    answer = ask(app, "PUT", "/things/")
    assert (answer.status_code, len(answer.content)) == (500, 145)


def test_answers_that_cannot_be_rendered_are_errors() -> None:
    router = Router(prefix="/odd")

    @router.get("/")
    async def odd() -> Any:
        return {"a": float("nan")}

    answer = ask(create_app(router), "GET", "/odd/")
    assert (answer.status_code, len(answer.content), "allow" in answer.headers) == (500, 145, False)


def test_a_header_that_a_middleware_gives_is_read_below() -> None:
    """Also where the request was asked for its headers before."""

    async def token(request: Request, call_next: CallNext) -> Response:
        assert "authorization" not in request.headers
        set_request_header(request, "Authorization", "Token abc")
        assert request.headers["authorization"] == "Token abc"
        return await call_next(request)

    app = create_app(middleware=[token])

    @app.get("/seen")
    async def seen(request: Request) -> Response:
        return Response(request.headers["authorization"])

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://new") as client:
            return await client.get("/seen", headers={"X-Other": "1"})

    assert asyncio.run(ask()).text == "Token abc"


@pytest.mark.parametrize("accepted", ["gzip", "gzip, br", "br", "", "xgzip", "deflate, gzip;q=0.5"])
@pytest.mark.parametrize("path", ["/api/items/", "/api/items/?page=99", "/nowhere/"])
def test_answers_are_compressed_as_by_django(accepted: str, path: str) -> None:
    """Long ones, for those who accept it; what is packed is the same text."""
    gzips = (SecurityMiddleware, GZipMiddleware, CommonMiddleware, XFrameOptionsMiddleware)
    installed = list(SETTINGS["MIDDLEWARE"])
    installed.insert(1, "django.middleware.gzip.GZipMiddleware")
    given = {"accept-encoding": accepted, "accept": "*/*"}
    with twins(create_app(shop_new.items, middleware=gzips), MIDDLEWARE=installed) as both:
        packed = both.legacy("GET", path, b"", given)
        answer = both.new("GET", path, b"", given)
    legacy, sent = packed.headers, answer.headers
    body = gzip.decompress(packed.body) if packed.body[:2] == b"\x1f\x8b" else packed.body
    assert (answer.status, answer.body) == (packed.status, body)
    assert sent.get("vary") == legacy.get("vary")
    assert sent.get("content-encoding") == legacy.get("content-encoding")
    shorter = int(sent["content-length"]) < len(body)
    assert shorter is (packed.body[:2] == b"\x1f\x8b")
