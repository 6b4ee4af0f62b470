"""Django's validators and DRF's exceptions against the originals."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.core import validators as django_validators
from django.core.exceptions import ValidationError as DjangoError
from rest_framework import exceptions as drf
from rest_framework.fields import get_error_detail

from strangler.compat import addresses, errors, validators
from tests.compat.agreement import AWKWARD

# (the module that has ours, the name in both, arguments)
MADE: list[tuple[Any, str, dict[str, Any]]] = [
    (validators, "RegexValidator", {"regex": "^[a-c]+$"}),
    (
        validators,
        "RegexValidator",
        {"regex": "b", "inverse_match": True, "message": "no %(value)s"},
    ),
    (validators, "RegexValidator", {"regex": "B", "flags": 2, "code": "b"}),
    (validators, "MaxValueValidator", {"limit_value": 5}),
    (
        validators,
        "MaxValueValidator",
        {"limit_value": lambda: 2, "message": "over %(limit_value)s"},
    ),
    (validators, "MinValueValidator", {"limit_value": 2}),
    (validators, "StepValueValidator", {"limit_value": 3}),
    (validators, "StepValueValidator", {"limit_value": 3, "offset": 1}),
    (validators, "MaxLengthValidator", {"limit_value": 1}),
    (validators, "MinLengthValidator", {"limit_value": 4}),
    (validators, "MinLengthValidator", {"limit_value": 4, "message": "%(show_value)d < 4"}),
    (validators, "ProhibitNullCharactersValidator", {}),
    (validators, "int_list_validator", {"sep": ":", "allow_negative": True}),
    (addresses, "EmailValidator", {}),
    (addresses, "EmailValidator", {"allowlist": ["b"], "message": "m"}),
    (addresses, "URLValidator", {}),
    (addresses, "URLValidator", {"schemes": ["mailto", "https"]}),
    (addresses, "DomainNameValidator", {}),
    (addresses, "DomainNameValidator", {"accept_idna": False}),
]
# What Django 4.2 and 5.1 say; 5.2 refuses all but the last.
ENCODED_HOSTS = {
    "ftp://1.2.3.é": True, "http://a.é": True, "http://é\u0301": False, "http://u:p@ä.é:80/x": False,
    "http://..é": False, "http://[::zz]/é": False, "http://[::1]:80/": True,
}  # fmt: skip
READY = [
    (validators, "validate_slug"),
    (validators, "validate_unicode_slug"),
    (validators, "validate_integer"),
    (validators, "validate_comma_separated_integer_list"),
    (addresses, "validate_email"),
    (addresses, "validate_ipv4_address"),
    (addresses, "validate_ipv6_address"),
    (addresses, "validate_ipv46_address"),
]
MORE = ("a.co", "ä.de", "a" * 64 + ".de", "a.co.", "-a.co", "1:2:-3", "1,2", "a" * 256 + ".de")


def verdict(validator: Any, value: Any) -> Any:
    """Return the messages with their codes, None for a good value, or the name of a crash."""
    try:
        validator(value)
    except errors.ValidationError as error:
        return [(str(one), one.code) for one in error.detail]
    except DjangoError as error:
        return [(str(one), one.code) for one in get_error_detail(error)]
    except (TypeError, AttributeError, OverflowError, ValueError) as error:
        return type(error).__name__
    return None


def same_verdicts(theirs: Any, ours: Any) -> None:
    for value in (*AWKWARD, *MORE):
        expected = verdict(theirs, value)
        if not isinstance(expected, str):
            assert verdict(ours, value) == expected, value


@pytest.mark.parametrize(("module", "name", "arguments"), MADE)
def test_a_validator_speaks_as_djangos(module: Any, name: str, arguments: dict[str, Any]) -> None:
    """Verdict, text and code are those of Django's validator of the same name."""
    theirs = getattr(django_validators, name)(**arguments)
    same_verdicts(theirs, getattr(module, name)(**arguments))


@pytest.mark.parametrize(("module", "name"), READY)
def test_a_ready_made_validator_speaks_as_djangos(module: Any, name: str) -> None:
    """So do the validators that need no arguments."""
    same_verdicts(getattr(django_validators, name), getattr(module, name))


@pytest.mark.parametrize("name", ["a.txt", "a.PDF", "a", ".pdf", "a.pdf.exe"])
def test_a_files_extension_is_judged_as_django_judges_it(name: str) -> None:
    """The last extension counts, in any case."""
    upload = SimpleNamespace(name=name)
    arguments = {"allowed_extensions": ["PDF", "txt"]}
    theirs = django_validators.FileExtensionValidator(**arguments)
    assert verdict(validators.FileExtensionValidator(**arguments), upload) == verdict(
        theirs, upload
    )


RAISED: list[tuple[str, tuple[Any, ...]]] = [
    *((name, ()) for name in (
        "APIException", "ValidationError", "ParseError", "AuthenticationFailed", "NotAuthenticated",
        "PermissionDenied", "NotFound", "NotAcceptable", "Throttled",
    )),
    ("ValidationError", ("text", "code")),
    ("ValidationError", (("a", "b"),)),
    ("ValidationError", ({"a": "b", "c": ["d", {"e": 1}]},)),
    ("PermissionDenied", ({"a": "b"}, "code")),
    ("MethodNotAllowed", ("PUT",)),
    ("UnsupportedMediaType", ("text/plain",)),
    ("Throttled", (0.2,)),
    ("Throttled", (61.5, "Slow.")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments"), RAISED)
def test_an_exception_carries_what_drfs_carries(name: str, arguments: tuple[Any, ...]) -> None:
    """Status, detail and codes, whatever it was raised with."""
    theirs, ours = getattr(drf, name)(*arguments), getattr(errors, name)(*arguments)
    assert ours.status_code == theirs.status_code
    assert repr(ours.detail) == repr(theirs.detail)
    assert ours.get_codes() == theirs.get_codes()
    assert ours.get_full_details() == theirs.get_full_details()
    assert str(ours) == str(theirs)


def test_hosts_were_brought_to_ascii_before_django_5_2(monkeypatch: pytest.MonkeyPatch) -> None:
    now = {url: addresses.URLValidator().accepts(url) for url in ENCODED_HOSTS}
    assert [url for url, accepted in now.items() if accepted] == ["http://[::1]:80/"]
    monkeypatch.setattr("strangler.compat.settings.DJANGO", (5, 1))
    assert {url: addresses.URLValidator().accepts(url) for url in ENCODED_HOSTS} == ENCODED_HOSTS
