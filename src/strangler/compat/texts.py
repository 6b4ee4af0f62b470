"""Texts made of texts as Django makes them."""

import re
import unicodedata

from . import settings
from .translations import spoken


def ngettext(singular: str, plural: str, number: float) -> str:
    """The one or the other by a number, in the request's or the application's language.

    What has no forms there or in `settings.PLURALS` is English.
    """
    known = spoken().get("plurals") or settings.PLURALS
    if singular not in known:
        return singular if number == 1 else plural
    forms, digits = known[singular]
    count = abs(int(number))
    if count >= len(digits) - 1:
        # rules of languages look at the last two digits, or at whole millions
        count = -1 if count % 1_000_000 == 0 else 100 + count % 100
    return forms[int(digits[count])]


_STRIPS_DASHES = (3, 2)


def slugify(value: object, allow_unicode: bool = False) -> str:
    """Make a slug: lower case, words joined by single dashes; ASCII only unless `allow_unicode`."""
    text = str(value)
    if allow_unicode:
        text = unicodedata.normalize("NFKC", text)
    else:
        text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    if settings.DJANGO >= _STRIPS_DASHES:
        text = re.sub(r"[^\w\s-]", "", text.lower())
        return re.sub(r"[-\s]+", "-", text).strip("-_")
    text = re.sub(r"[^\w\s-]", "", text).strip().lower()
    return re.sub(r"[-\s]+", "-", text)
