"""Routes, order of work, refusals and headers: compat against DRF, byte for byte."""

from collections.abc import Iterator

import pytest

from tests.compat.twins import Twins, twins


@pytest.fixture(scope="module")
def both() -> Iterator[Twins]:
    with twins() as opened:
        yield opened


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("GET", "/api/items/"),
        ("HEAD", "/api/items/"),
        ("POST", "/api/items/"),
        ("GET", "/api/items/5/"),
        ("GET", "/api/items/5.5/"),
        ("GET", "/api/items/a%20b/"),
        ("GET", "/api/items/caf%C3%A9/"),
        ("PATCH", "/api/items/5/"),
        ("PURGE", "/api/items/5/"),
        ("POST", "/api/items/5/publish/"),
        ("PUT", "/api/items/5/publish/"),
        ("GET", "/api/items/5/publish/"),
        ("GET", "/api/items/recent/"),
        ("PUT", "/api/items/recent/"),
        ("GET", "/api/nowhere/"),
        ("GET", "/"),
        ("GET", "/api/bare"),
        ("GET", "/api/bare/"),
        ("PUT", "/api/echo/"),
        ("DELETE", "/api/echo/"),
        ("GET", "/api/echo/"),
        ("HEAD", "/api/echo/"),
    ],
)
def test_the_first_path_that_matches_decides(both: Twins, method: str, url: str) -> None:
    both.agree(method, url)


@pytest.mark.parametrize(
    "url",
    [
        "/api/items",
        "/api/items?a=1&b=%C3%A9",
        "/api/items/5/publish",
        "/api/nowhere",
        "//api/items",
        "/api/items/a%3Fb",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_missing_slash_redirects(both: Twins, method: str, url: str) -> None:
    both.agree(method, url)


@pytest.mark.parametrize(
    "key",
    [
        *("int/007", "int/-1", "int/x", "int/1.0", "slug/a-b_C9", "slug/a.b", "slug/\u00e9"),
        *("uuid/12345678-1234-5678-1234-567812345678", "uuid/12345678123456781234567812345678"),
        *("uuid/ABCDEF78-1234-5678-1234-567812345678", "path/a/b/c/end", "path/end"),
        *("hex/00ff", "hex/00FF", "hex/00ff0"),
    ],
)
def test_converters_match_what_djangos_match(both: Twins, key: str) -> None:
    both.agree("GET", f"/api/keys/{key}/")


@pytest.mark.parametrize("path", ["closed", "silent", "nobody", "admin", "echo"])
@pytest.mark.parametrize("user", [None, "bad", "anna", "admin"])
@pytest.mark.parametrize(
    ("method", "body"), [("GET", b""), ("POST", b"{"), ("DELETE", b""), ("PURGE", b"")]
)
def test_callers_are_judged_before_methods_and_bodies(
    both: Twins, path: str, user: str | None, method: str, body: bytes
) -> None:
    headers = {"content-type": "application/json"} | ({"x-user": user} if user else {})
    both.agree(method, f"/api/{path}/", body, **headers)


def test_throttles_come_after_permissions_and_tell_the_wait(both: Twins) -> None:
    assert both.agree("POST", "/api/admin/", x_user="admin", x_slow="1").status == 429
    assert both.agree("POST", "/api/admin/", x_user="anna", x_slow="1").status == 403


@pytest.mark.parametrize(
    "kind",
    [
        *("validation", "text", "dict", "parse", "missing", "bare", "denied", "anonymous"),
        *("failed", "throttled", "teapot", "crash"),
    ],
)
@pytest.mark.parametrize("user", [None, "anna"])
def test_exceptions_become_drfs_answers(both: Twins, kind: str, user: str | None) -> None:
    both.agree("GET", f"/api/raise/{kind}/", **({"x-user": user} if user else {}))


@pytest.mark.parametrize(
    "accept",
    [
        *("*/*", "application/json", "application/*", "text/plain", "", "text/plain, */*"),
        *("application/json; indent=4", "application/json;indent=99", "application/json;q=0"),
        *("application/json; indent=x", "*/*; indent=2", "text/plain;q=1, application/json;q=0.1"),
        *("*/*; indent=2, application/json", "application/*, application/json;indent=2"),
        *("application/json; version=2", "APPLICATION/JSON", "json", ",,", "a" * 9000),
        *("x/y," * 70 + "application/json", "x/y," * 60 + "application/json"),
    ],
)
def test_accept_chooses_as_drf_does(both: Twins, accept: str) -> None:
    both.agree("GET", "/api/items/", accept=accept)
    both.agree("GET", "/api/closed/", accept=accept)


@pytest.mark.parametrize("query", ["json", "xml", ""])
def test_the_format_parameter_filters_renderers(both: Twins, query: str) -> None:
    both.agree("GET", f"/api/items/?format={query}")


@pytest.mark.parametrize(
    ("url", "accept"),
    [
        ("accept/", "application/json; version=2.0"),
        ("accept/", "application/json; version=3.0"),
        ("accept/", "*/*"),
        ("query/?version=2.0", "*/*"),
        ("query/?version=9", "*/*"),
        ("query/", "*/*"),
    ],
)
def test_versions_are_read_as_drf_reads_them(both: Twins, url: str, accept: str) -> None:
    both.agree("GET", f"/api/version/{url}", accept=accept)


@pytest.mark.parametrize("version", ["v1", "v2", "v3"])
def test_versions_in_paths_are_checked(both: Twins, version: str) -> None:
    both.agree("GET", f"/api/{version}/version/")


def test_json_is_written_as_drf_writes_it(both: Twins) -> None:
    assert both.agree("GET", "/api/values/").status == 200
    both.agree("GET", "/api/values/", accept="application/json; indent=3")


def test_methods_left_to_legacy_are_allowed_but_not_served(both: Twins) -> None:
    legacy = both.legacy("DELETE", "/api/items/5/")
    new = both.new("DELETE", "/api/items/5/")
    assert legacy.status == 204
    assert new.status == 501
    assert new.headers["allow"] == legacy.headers["allow"]
