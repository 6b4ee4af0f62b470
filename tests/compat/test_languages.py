"""The language that Django's LocaleMiddleware chooses, where all have the same texts."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.utils import translation

from strangler.compat import settings
from strangler.compat.application import create_app
from strangler.compat.languages import LocaleMiddleware
from strangler.compat.middleware import (
    CommonMiddleware,
    SecurityMiddleware,
    XFrameOptionsMiddleware,
)
from tests.compat import shop_new
from tests.compat.twins import SETTINGS, Twins

APP = create_app(
    shop_new.items,
    middleware=(SecurityMiddleware, LocaleMiddleware, CommonMiddleware, XFrameOptionsMiddleware),
)
ACCEPTED = (
    "", "en", "en-US", "en-us,en;q=0.5", "en-gb", "EN-au;q=0.3, en-US;q=0.9", "de", "de, en;q=0.1",
    "*", "de, *;q=0.5, en", "en;q=0", "en-us-x-y", "en_US", "x", "en;q=2", "en;q=0.5555", ",", "en,,",
    "en-us;q=0.1,en;q=0.1", "a" * 600, "en," * 300, "en-" + "us-" * 200, " en", "en ;q=1.000 , en-us",
    "zh-hant-tw", "en-@", "en@euro",
)  # fmt: skip
COOKIES = ("en", "en-us", "EN", "En-Us", "en-gb", "de", "", "e n", "en-" + "us-" * 200, "zh-cn")


@contextmanager
def sides(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> Iterator[Twins]:
    # Django decides once whether it translates at all.
    monkeypatch.setattr(translation, "_trans", type(translation._trans)())
    installed = list(SETTINGS["MIDDLEWARE"])
    installed.insert(1, "django.middleware.locale.LocaleMiddleware")
    for name, value in changes.items():
        monkeypatch.setattr(settings, name, value)
    named = {"LANGUAGES": [(code, "A language") for code in changes["LANGUAGES"]]}
    both = Twins(APP, MIDDLEWARE=installed, **(changes | named))
    try:
        yield both
    finally:
        both.runner.close()


@pytest.mark.parametrize("languages", [("en",), ("en-us",), ("en-us", "en"), ("en", "en-US")])
@pytest.mark.parametrize("default", ["en", "en-us"])
@pytest.mark.parametrize("translating", [True, False])
def test_the_language_is_chosen_as_by_django(
    monkeypatch: pytest.MonkeyPatch, languages: tuple[str, ...], default: str, translating: bool
) -> None:
    """By cookie, header or default; it shows in Content-Language, and in Vary on every page."""
    changes = {"LANGUAGES": languages, "LANGUAGE_CODE": default, "USE_I18N": translating}
    with sides(monkeypatch, **changes) as both:
        for header in ACCEPTED:
            both.agree("GET", "/api/items/", accept_language=header)
        for cookie in COOKIES:
            both.agree("GET", "/nowhere/", cookie=f"a=b; django_language={cookie}")
            both.agree(
                "GET", "/api/items/", cookie=f"django_language={cookie}", accept_language="en"
            )


def test_any_language_is_the_only_one_without_translations(monkeypatch: pytest.MonkeyPatch) -> None:
    """With USE_I18N = False nothing is chosen, whatever the settings offer."""
    changes = {"LANGUAGES": ("de", "fr"), "LANGUAGE_CODE": "de", "USE_I18N": False}
    with sides(monkeypatch, **changes) as both:
        answer = both.agree("GET", "/api/items/", accept_language="fr", cookie="django_language=fr")
    assert answer.headers["content-language"] == "de"
