"""Which languages a project answers in, and whether their texts are those of its code."""

from __future__ import annotations

import json
from collections.abc import Mapping

from strangler.facts import Facts, Json, release

LOCALE = "django.middleware.locale.LocaleMiddleware"
#: Numbers and dates of these look as those of no language.
_PLAIN = frozenset({"en", "en-us"})
_TOLD = 3
_OBSTACLE = "LANGUAGES_OBSTACLE"
_SINCE = (4, 2)


#: Before a text of the facts that is translated when it is shown.
MARK = "\x02"


def serves_several(facts: Facts) -> bool:
    """Whether texts are translated by request: those of the facts that are have a mark then."""
    return bool(facts.settings.get("LANGUAGES_SERVED"))


def in_one_language(facts: Facts, obstacle: str) -> Facts:
    """The facts, texts unmarked, of a project that stays on legacy since its texts cannot be
    translated by request: obstacle says why.
    """
    settings = {**facts.settings, "LANGUAGES_SERVED": [], _OBSTACLE: obstacle}
    plain = facts.model_copy(update={"settings": settings}).model_dump(mode="json")
    return Facts.model_validate(_unmarked(plain))


def _unmarked(item: Json) -> Json:
    """The same JSON with texts as the code has them."""
    if isinstance(item, dict):
        return {key: _unmarked(value) for key, value in item.items()}
    if isinstance(item, list):
        return [_unmarked(value) for value in item]
    if not isinstance(item, str) or MARK not in item:
        return item
    head, _, params = item.lstrip(MARK).partition("\x0f")
    # what else it is filled in with does not matter: it is not shown
    given = _unmarked(json.loads(params)) if params.endswith("}") else {}
    text = head.rpartition("\x05")[2].replace(MARK, "")
    for name, value in given.items() if isinstance(given, dict) else ():
        text = text.replace(f"%({name})s", str(value)) if name else text[:1].upper() + text[1:]
    return text


def is_translated(facts: Facts, language: str) -> bool:
    """Whether texts of Django, of packages or of the project are others in a language."""
    if not facts.settings.get("USE_I18N", True):
        return False
    known = facts.settings.get("TRANSLATED")
    return not language.startswith("en") if known is None else language in known


def locale_obstacle(facts: Facts) -> str | None:
    """Why answers depend on the language that LocaleMiddleware chooses; None where they do not."""
    settings = facts.settings
    if serves_several(facts):
        return None
    if release(facts.legacy.django) < _SINCE:
        return f"Django {facts.legacy.django} chooses languages in another way"
    if settings.get(_OBSTACLE):
        return str(settings[_OBSTACLE])
    if settings.get("LOCALIZED_PATHS", True):
        return "paths begin with a language"
    if not settings.get("USE_I18N", True):
        return None
    codes = [str(code) for code in settings.get("LANGUAGES") or ()]
    if codes == [settings.get("LANGUAGE_CODE")] and not lacks_catalog(facts):
        return None  # nothing is chosen
    odd = [code for code in codes if code.lower() not in _PLAIN or is_translated(facts, code)]
    if not odd:
        return None
    told = ", ".join(odd[:_TOLD]) + (f" and {len(odd) - _TOLD} more" if len(odd) > _TOLD else "")
    return f"LANGUAGES offers texts in {told}"


def texts_vary(facts: Facts) -> bool:
    """Whether a marked text is shown in more than one language, or in one that is not known."""
    located = any(ref.path == LOCALE for ref in facts.middleware)
    return lacks_catalog(facts) or (located and locale_obstacle(facts) is not None)


def lacks_catalog(facts: Facts) -> bool:
    """Whether texts are translated, and it is not known how."""
    language = str(facts.settings.get("LANGUAGE_CODE") or "en")
    if serves_several(facts):
        return False
    return is_translated(facts, language) and not facts.settings.get("CATALOG")


def shown(facts: Facts, text: str) -> str:
    """A marked text in the project's language, marked still where each request has its own."""
    if serves_several(facts):
        return f"{MARK}{text}"
    return texts_of(facts).get(text, text)


def texts_of(facts: Facts) -> Mapping[str, str]:
    """How marked texts are shown; those that are shown as they are written are left out."""
    spoken = facts.settings.get("CATALOG") or {}
    found: Mapping[str, str] = spoken.get("texts", {})
    return found


def plurals_of(facts: Facts) -> dict[str, tuple[tuple[str, ...], str]]:
    """Forms by the singular; a digit for each of 0 to 199, and for a million, says which."""
    spoken = facts.settings.get("CATALOG") or {}
    known: Mapping[str, tuple[list[str], str]] = spoken.get("plurals", {})
    return {text: (tuple(forms), digits) for text, (forms, digits) in known.items()}
