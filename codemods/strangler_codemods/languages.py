"""Which languages a project answers in, and whether their texts are those of its code."""

from __future__ import annotations

from strangler.facts import Facts, release

LOCALE = "django.middleware.locale.LocaleMiddleware"
#: Numbers and dates of these look as those of no language.
_PLAIN = frozenset({"en", "en-us"})
_TOLD = 3
_SINCE = (4, 2)


def is_translated(facts: Facts, language: str) -> bool:
    """Whether texts of Django, of packages or of the project are others in a language."""
    if not facts.settings.get("USE_I18N", True):
        return False
    known = facts.settings.get("TRANSLATED")
    return not language.startswith("en") if known is None else language in known


def locale_obstacle(facts: Facts) -> str | None:
    """Why answers depend on the language that LocaleMiddleware chooses; None where they do not."""
    settings = facts.settings
    if release(facts.legacy.django) < _SINCE:
        return f"Django {facts.legacy.django} chooses languages in another way"
    if settings.get("LOCALIZED_PATHS", True):
        return "paths begin with a language"
    if not settings.get("USE_I18N", True):
        return None
    codes = [str(code) for code in settings.get("LANGUAGES") or ()]
    odd = [code for code in codes if code.lower() not in _PLAIN or is_translated(facts, code)]
    if not odd:
        return None
    told = ", ".join(odd[:_TOLD]) + (f" and {len(odd) - _TOLD} more" if len(odd) > _TOLD else "")
    return f"LANGUAGES offers texts in {told}"


def texts_vary(facts: Facts) -> bool:
    """Whether a marked text may be shown as another one."""
    language = str(facts.settings.get("LANGUAGE_CODE") or "en")
    located = any(ref.path == LOCALE for ref in facts.middleware)
    return is_translated(facts, language) or (located and locale_obstacle(facts) is not None)
