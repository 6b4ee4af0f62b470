"""Texts that each request reads in its language: where they are looked up, and what refuses to be."""

import json
from collections.abc import Collection
from typing import Any

import pytest

from strangler.compat import translations
from strangler.compat.django_responses import JsonResponse
from strangler.convert.speaking import UntranslatableError, speaking
from strangler.facts import Facts, Legacy
from strangler_codemods.languages import in_one_language, locale_obstacle

NO_PLURALS: dict[str, Any] = {"plurals": {}, "formats": {}}


def german(asked: Collection[str]) -> dict[str, dict[str, Any]]:
    known = {"late": "spät", "%(name)s is taken.": "%(name)s ist vergeben.", "Read me.": "Lies."}
    texts = {text: known[text] for text in asked if text in known}
    return {"en-us": {"texts": {}, **NO_PLURALS}, "de": {"texts": texts, **NO_PLURALS}}


def spoken(source: str, path: str = "app/things/schemas.py") -> str:
    return speaking({path: source}, "en-us", german)[path]


def test_marked_texts_are_looked_up_when_they_are_shown() -> None:
    """Those in functions at once, others later; the catalogs hold what is asked for."""
    source = '"""Docs."""\n\nA = "\\x02late"\n\ndef f():\n    return "\\x02late", "late"\n'
    files = speaking({"app/things/schemas.py": source}, "en-us", german)
    text = files["app/things/schemas.py"]
    assert 'A = gettext_lazy("late")' in text
    assert 'return gettext("late"), "late"' in text
    assert "from app.compat.translations import gettext, gettext_lazy" in text
    assert json.loads(files["app/compat/locale/de.json"])["texts"] == {"late": "spät"}
    assert json.loads(files["app/compat/locale/default.json"]) == {"as": "en-us"}


def test_what_a_text_is_filled_in_with_is_kept_apart() -> None:
    given = json.dumps({"name": "\x02late", "": "capfirst"})
    text = spoken(f"A = {chr(2) + '%(name)s is taken.' + chr(15) + given!r}\n")
    call = 'gettext_lazy("%(name)s is taken.", name=gettext_lazy("late"), capitalized=True)'
    assert f"A = {call}" in text


def test_messages_of_the_support_modules_are_looked_up_where_a_language_knows_them() -> None:
    text = spoken('A = "Read me."\nB = "Read you."\n', "app/compat/fields.py")
    assert 'A = gettext_lazy("Read me.")\nB = "Read you."' in text
    assert "from .translations import" in text


@pytest.mark.parametrize(
    "source",
    [
        'x: str = "\\x02late"\n',
        'x = f(default="\\x02late")\n',
        'x = f"\\x02late {y}"\n',
        'x = "so \\x02late"\n',
        'x = "\\x02\\x02late"\n',
    ],
)
def test_texts_that_cannot_be_looked_up_are_refused(source: str) -> None:
    """Those that would be written into rows, that are part of others, or depend on a number."""
    with pytest.raises(UntranslatableError):
        spoken(source)


def test_a_lazy_text_is_read_in_the_language_of_the_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = german(["late", "%(name)s is taken."])["de"]["texts"]
    monkeypatch.setattr(translations, "spoken", lambda: {"texts": texts})
    late = translations.gettext_lazy("late")
    taken = translations.gettext_lazy("%(name)s is taken.", name=late, capitalized=True)
    assert str(taken) == "Spät ist vergeben."
    assert (f"{late}!", late + "!", late.upper(), late[:2]) == ("spät!", "spät!", "SPÄT", "sp")
    assert late == "spät"
    assert late != "late"
    monkeypatch.setattr(translations, "_SPEAKS", True)
    rows = ["late", "\x02text:late", "\x02text:late\x0f{", "\x020123456789abcdef:late\x0f{"]
    written = json.dumps({"a": taken, "b": [late, *rows]})
    assert json.loads(translations.settled(written, json.dumps)) == {
        "a": "Spät ist vergeben.",
        "b": ["spät", *rows],
    }
    shown = JsonResponse({"a": late, "b": rows}).body
    assert json.loads(bytes(shown)) == {"a": "spät", "b": rows}


def test_the_facts_of_a_project_in_one_language_hold_texts_as_the_code_has_them() -> None:
    filled = "\x02%(name)s is taken.\x0f" + json.dumps({"name": "\x02late", "": "capfirst"})
    settings = {
        "LANGUAGES_SERVED": ["en", "de"],
        "A": ["\x02late", filled],
        "B": "\x02month\x05May",
    }
    legacy = Legacy(python="3.12", django="5.2", drf="3.16")
    facts = in_one_language(Facts(legacy=legacy, settings=settings), "of a reason")
    assert facts.settings["A"] == ["late", "Late is taken."]
    assert facts.settings["B"] == "May"
    assert locale_obstacle(facts) == "of a reason"
