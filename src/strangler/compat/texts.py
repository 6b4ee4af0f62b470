"""Texts made of texts as Django makes them."""

import re
import unicodedata

from . import settings

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
