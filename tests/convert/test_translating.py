"""Messages of the support modules are found in catalogs, and are all that is translated."""

import ast
import gettext
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import django
import django_filters
import pytest
import rest_framework
import rest_framework_simplejwt

from strangler.compat import texts, translations
from strangler.convert.translating import translated

PACKAGES = (django, rest_framework, rest_framework_simplejwt, django_filters)
#: Written otherwise than a message that it looks like, and none.
OTHERS = {
    "Server Error (500)",
    ": ",
    "{} {}",
    # those of DRF's fields and of Django's validators are told apart by their placeholders
    "Ensure that there are no more than %(max)s digits in total.",
    "Ensure that there are no more than %(max)s decimal places.",
    "Ensure that there are no more than %(max)s digits before the decimal point.",
    "A decimal number.",  # of the OpenAPI document
    # of older releases than the one that the tests run with
    "This password is too short. It must contain at least %(min_length)d character.",
    "This password is too short. It must contain at least %(min_length)d characters.",
}


def keys(language: str) -> dict[object, str]:
    """Everything that the packages translate."""
    found: dict[object, str] = {}
    for package in PACKAGES:
        for file in Path(str(package.__file__)).parent.rglob(
            f"locale/{language}/LC_MESSAGES/django.mo"
        ):
            with file.open("rb") as content:
                catalog = gettext.GNUTranslations(content)
            found.update(catalog._catalog)  # type: ignore[attr-defined]
    return found


def modules() -> Iterator[tuple[str, str]]:
    for file in files("strangler.compat").iterdir():
        if file.name.endswith(".py"):
            yield file.name, file.read_text(encoding="utf-8")


def said(source: str) -> Iterator[str]:
    """Texts and f-strings, the latter with `{}` for what is filled in."""
    tree = ast.parse(source)
    inner = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in node.values
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inner:
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            parts = (p.value if isinstance(p, ast.Constant) else "{}" for p in node.values)
            yield "".join(map(str, parts))


def plain(text: str) -> str:
    """A text whatever its placeholders are called."""
    return re.sub(r"%\(\w+\)[sdr]|%[sd]|\{[^{}]*\}", "{}", text).casefold().strip()


def test_messages_are_written_as_catalogs_know_them() -> None:
    """One that is put together in another way would stay English in every language."""
    known = {key[0] if isinstance(key, tuple) else str(key) for key in keys("de")} - {""}
    alike = {plain(text) for text in known}
    found = [(name, text) for name, source in modules() for text in said(source) if " " in text]
    assert sum(text in known for _, text in found) > 150
    odd = [
        (name, text)
        for name, text in found
        if text not in known and plain(text) in alike and text not in OTHERS
    ]
    assert odd == []


def test_no_message_is_put_together_of_parts() -> None:
    """Neither as a whole nor part by part would a catalog know it."""
    known = {key[0] if isinstance(key, tuple) else str(key) for key in keys("de")} - {""}
    alike = [plain(text) for text in known]
    odd = [
        (name, text)
        for name, source in modules()
        for text in said(source)
        if len(text.split()) > 2
        and text.strip().endswith((".", "?"))
        and text not in known | OTHERS
        and any(plain(text) in whole for whole in alike)
    ]
    assert odd == []


@pytest.mark.parametrize("language", ["de", "ru", "zh_Hans", "fa"])
def test_only_messages_are_translated(language: str) -> None:
    shown = {k: v for k, v in keys(language).items() if isinstance(k, str) and k}
    for name, source in modules():
        after = translated(source, shown)
        before, now = list(said(source)), list(said(after))
        assert len(before) == len(now), name
        changed = {old for old, new in zip(before, now, strict=True) if old != new}
        assert all(" " in text or text in {"and", ", ", "IPv4", "IPv6"} for text in changed), name
        documented = ast.get_docstring(ast.parse(source))
        assert ast.get_docstring(ast.parse(after)) == documented


def test_what_only_looks_like_a_message_stays() -> None:
    source = '"""One word."""\nkey = {"one word": f"One word {1}"}\n"One word"\n'
    source += 'def f():\n    """One word"""\n    return ngettext("One word", "b c", 1)\n'
    source += 'x = gettext("word")\ny = ("One "\n     "word")\n'
    after = translated(source, {"One word": "Ein Wört", "word": "Wort", "one word": "nein"})
    assert after == source.replace('"One word"\ndef', '"Ein Wört"\ndef').replace(
        'gettext("word")', 'gettext("Wort")'
    ).replace('"One "\n     "word"', '"Ein Wört"')


def test_english_needs_no_forms() -> None:
    assert texts.ngettext("a day", "days", 1) == "a day"
    assert texts.ngettext("a day", "days", 0) == "days"
    assert translations.gettext("a day") == "a day"
