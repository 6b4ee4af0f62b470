"""A name means what Python bound to it last, by a statement of its own or by an import with a star."""

import pytest

from strangler_codemods.sources import Sources

FILES = {
    "app/errors.py": "class Wrong(Exception): ...\n_hidden = 1\n",
    "app/other.py": "class Wrong(Exception): ...\n",
    "app/models.py": "from app.errors import Wrong\n",
    "app/narrow.py": "__all__ = ['kept']\nfrom app.errors import Wrong\nkept = 1\n",
    "app/above.py": "from app.models import *\n",
    "app/__init__.py": "",
}


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("from app.other import Wrong\nfrom app.models import *\n", "app.errors.Wrong"),
        ("from app.models import *\nfrom app.other import Wrong\n", "app.other.Wrong"),
        ("from app.models import *\nclass Wrong: ...\n", "app.views.Wrong"),
        (
            "from app.models import *\ntry:\n    import x\n"
            "except ImportError:\n    from app.other import Wrong\n",
            "app.other.Wrong",
        ),
        ("from app.other import Wrong\nfrom app.above import *\n", "app.errors.Wrong"),
        ("from app.other import Wrong\nfrom app.narrow import *\n", "app.other.Wrong"),
        ("from app.other import *\nfrom app.errors import *\n", "app.errors.Wrong"),
        ("from app.other import Wrong\nfrom unknown import *\n", "app.other.Wrong"),
    ],
)
def test_the_last_binding_counts(text: str, path: str) -> None:
    sources = Sources({**FILES, "app/views.py": text})
    module = sources.module("app.views")
    assert module is not None
    assert sources.resolve(module, "Wrong") == path


def test_names_with_an_underscore_do_not_come_with_a_star() -> None:
    sources = Sources({**FILES, "app/views.py": "from app.errors import *\n"})
    module = sources.module("app.views")
    assert module is not None
    assert sources.resolve(module, "_hidden") is None
