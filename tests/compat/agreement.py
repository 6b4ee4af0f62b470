"""Comparison of a write schema with the DRF serializer that it replaces."""

import json
from types import SimpleNamespace
from typing import Any

from rest_framework import serializers
from sqlalchemy.orm import Session

from strangler.compat.context import Context
from strangler.compat.errors import ValidationError
from strangler.compat.schemas import validate

# Values that clients send by mistake, and those that programs get wrong.
AWKWARD: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 3, 5, 10, 99, 255, 1.0, 0.0, -0.0, 1.5, 1e20, 1e-7, 1e400,
    0.1, 2.675, 12345.678, 2**31, 2**31 - 1, -(2**31) - 1, 2**63, 2**63 - 1, 2**64, 10**40,
    10**400, "", " ", "\t\n", "\u3000", "\x1c", "a", " a ", "abc", "A", "a" * 11, "a" * 300, "ä",
    "ﬁ", "日本", "\x00", "a\x00b", "\ud800", "x\udfffy", "\ud800\x00", "a\n", "\na", "é́", "😀",
    "<b>", "%s", "{x}", "0", "1", "-1", "+1", "2", " 2 ", "1_0", "1.0", "1.", "1.00 ", "1.2",
    "1e3", "1E400", "nan", "NaN", "inf", "-Infinity", "0x10", "٣", "１２", "²", "½", "1,5", "1 000",
    "9" * 1000, "9" * 1001, "-", ".", "12345678.90", "123456789012", "0.001", "0.0000000001",
    "00012", "-0", "0E-10", "1E+5", "sNaN", "true", "True", "TRUE", "tRue", "t", "T", "y", "yes",
    "YES", "on", "off", "no", "N", "f", "F", "false", "null", "NULL", "Null", "none", "None",
    "undefined", "a@b.co", "A@B.CO", "a@b", "a@localhost", "a@[127.0.0.1]", "a@[::1]", '"q"@b.co',
    "a b@c.de", "a@ä.de", "x@" + "y" * 320 + ".de", "@", "a@@b.co", "a@b.co ", "a@b.co\n",
    "a@-b.co", "a@b.c", "a-b_c", "a.b", "-", "_", "ab cd", "a/b", "ärger", "slug\n",
    "http://a.co", "https://a.co/x?y=1#z", "ftp://a.co", "HTTP://A.CO", "http://a",
    "http://localhost", "http://127.0.0.1:80", "http://[::1]/", "http://[::1", "http://a.co/ b",
    "//a.co", "mailto:a@b.co", "javascript:alert(1)", "http://a.co:99999",
    "http://" + "a" * 64 + ".co", "http://ä.de", "http://a.co\n", "http://u:p@a.co",
    "http://.a.co", "http://a..co", "http://a.co" + "/x" * 1100,
    "550e8400-e29b-41d4-a716-446655440000", "{550e8400-e29b-41d4-a716-446655440000}",
    "urn:uuid:550e8400-e29b-41d4-a716-446655440000", "550e8400e29b41d4a716446655440000",
    "550E8400-E29B-41D4-A716-446655440000", "550e8400-e29b-41d4-a716-44665544000", 2**128,
    2**128 - 1, "127.0.0.1", "127.0.0.256", "127.0.0.01", " 127.0.0.1 ", "::1", "::ffff:1.2.3.4",
    "fe80::1%eth0", "2001:DB8::0001", "::1 ", "1::2::3", ":", "1:2", "2024-01-05", "2024-1-5",
    "20240105", "2024-W01-5", "2024-02-30", "05/01/2024", "2024-13-01", "2024-01-05T10:11:12",
    "2024-01-05 10:11:12.123456789", "2024-01-05T10:11:12Z", "2024-01-05T10:11:12+05:30",
    "2024-01-05T10:11:12 +0530", "2024-01-05T24:00:00", "2024-01-05T10:11",
    "2024-01-05T10:11:12+25:00", "2024-03-31T02:30:00", "2024-10-27T02:30:00",
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+10:00",
    "9999-12-31T23:59:59-10:00", "2024-01-05t10:11:12z", "10:11", "10:11:12", "10:11:12.5", "1:2",
    "25:00", "10:11:12Z", "10:11:12+01:00", "101112", "10", "3 04:05:06", "3 days, 4:05:06",
    "P3DT4H5M6S", "-P1D", "PT1.5S", "P", "1:02", "-1:02:03", "999999999999 0:0:0", "1 day",
    "1:2:3.4567891", "-1 1:00:00", "P1Y", "1e5", "12:34:56:78", [], [1], ["a"], ["a", "b", "a"],
    [None], [[]], [{}], ["", "a"], [1, "1", 1.0], [True], list(range(12)), {}, {"a": 1},
    {"a": None}, {"a": "b", "": []}, {"0": {"x": 1}}, {"x": 1}, {"x": "1", "y": None}, [{"x": 1}],
    [{"x": 1}, {"x": "no"}, 5, None], {"x": {"x": 1}}, [[1]], {"non_field_errors": 1},
)  # fmt: skip


def context(session: Session | None = None, user: Any = None) -> Context[Any]:
    """Return the context of a request that no test looks at."""
    request: Any = SimpleNamespace(state=SimpleNamespace(), scope={}, app=None)
    return Context(request=request, session=session, user=user)  # type: ignore[arg-type]


def typed(value: Any) -> Any:
    """Write a value with the types of everything in it, so that 1, 1.0 and True differ."""
    if isinstance(value, dict):
        return {key: typed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [typed(item) for item in value]
    return f"{type(value).__name__}:{value!r}"


def body(errors: Any) -> str:
    """Write errors as JSON, order kept."""
    return json.dumps(errors, default=str)


def codes(errors: Any) -> Any:
    """Replace messages by their machine-readable codes."""
    if isinstance(errors, dict):
        return {str(key): codes(value) for key, value in errors.items()}
    if isinstance(errors, list):
        return [codes(item) for item in errors]
    return getattr(errors, "code", None)


def drf_answer(serializer: type[Any], data: Any, **options: Any) -> tuple[str, Any, Any]:
    """Return ("ok", validated data, None), ("bad", body, codes) or ("crash", …)."""
    try:
        checked = serializer(data=data, **options)
        if checked.is_valid():
            return "ok", typed(plain(checked.validated_data)), None
    except Exception as error:  # a crash of DRF is an answer, too: 500
        return "crash", type(error).__name__, None
    return "bad", body(plain(checked.errors)), codes(plain(checked.errors))


def plain(value: Any) -> Any:
    """Turn DRF's own containers into dict and list."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def our_answer(schema: Any, data: Any, ctx: Context[Any], **options: Any) -> tuple[str, Any, Any]:
    """Return what a write schema says, in the same form."""
    try:
        checked = validate(schema, data, ctx, **options)
    except ValidationError as error:
        return "bad", body(error.detail), codes(error.detail)
    except Exception as error:
        return "crash", type(error).__name__, None
    if isinstance(checked, list):
        return "ok", typed([one.attrs() for one in checked]), None
    return "ok", typed(checked.attrs()), None


def agree(serializer: type[Any], schema: Any, data: Any, **options: Any) -> None:
    """Assert that both give the same answer, where DRF gives one."""
    expected = drf_answer(serializer, data, **options)
    if expected[0] != "crash":
        assert our_answer(schema, data, context(), **options) == expected, data


def serializer_of(**fields: Any) -> type[serializers.Serializer]:
    """Make a serializer class with these fields."""
    return type("Oracle", (serializers.Serializer,), fields)
