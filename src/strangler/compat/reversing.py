"""Paths by name: where other endpoints are found, converted or still on the legacy application."""

import re
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote

# What Django leaves unquoted when it builds a path.
_SAFE = "!$&'()*+,;=/~:@"
_PART = re.compile(r"{(\w+)}")


def reverser(paths: Mapping[str, Sequence[str]]) -> Callable[..., str | None]:
    """Return `reverse(name, **kwargs)`: the path of `name` that takes exactly these parts, or None.

    paths: templates such as "/api/tags/{slug}/" by name.
    """
    known = {
        (name, frozenset(_PART.findall(template))): template
        for name, templates in paths.items()
        for template in templates
    }

    def reverse(name: str, **kwargs: object) -> str | None:
        template = known.get((name, frozenset(kwargs)))
        if template is None:
            return None
        return _PART.sub(lambda match: quote(str(kwargs[match[1]]), safe=_SAFE), template)

    return reverse
