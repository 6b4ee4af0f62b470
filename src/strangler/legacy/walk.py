"""Counts endpoints by another way than the probe: Django's own listing of views for its documentation.

One file, Python 3.6 syntax, run inside the legacy interpreter: python walk.py ROOT SETTINGS FD
prints [[method, path], ...] as JSON; the ledger of a conversion must hold the same endpoints.
"""

import json
import os
import re
import sys

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def methods_of(view):
    """The methods that a view's class has handlers for; ANY for views without such a class."""
    cls = getattr(view, "cls", None) or getattr(view, "view_class", None)
    if cls is None or not hasattr(cls, "http_method_names"):
        return ["ANY"]
    actions = getattr(view, "actions", None)
    names = [n for n in cls.http_method_names if (n in actions if actions else hasattr(cls, n))]
    return [m for m in METHODS if m.lower() in names]


def path_of(regex):
    """`/api/items/{pk}/` from what Django's documentation shows."""
    from django.contrib.admindocs.views import simplify_regex

    text = simplify_regex(str(regex)).replace("\\.", ".").replace("\\-", "-").replace("\\/", "/")
    text = re.sub(r"\\([Zz])$", "", text)
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", text)


def main(argv):
    root, settings, fd = argv[1], argv[2], int(argv[3])
    sys.path.insert(0, root)
    os.chdir(root)
    os.environ["DJANGO_SETTINGS_MODULE"] = settings
    import django

    django.setup()
    from django.contrib.admindocs.views import extract_views_from_urlpatterns
    from django.urls import get_resolver

    found = []
    for entry in extract_views_from_urlpatterns(get_resolver().url_patterns):
        for method in methods_of(entry[0]):
            found.append([method, path_of(entry[1])])
    with os.fdopen(fd, "w") as pipe:
        json.dump(found, pipe)


if __name__ == "__main__":
    main(sys.argv)
