"""Where the project's tasks, letters and caches go: addresses and passwords, which stay in memory.

Loaded by path into the project's interpreter: Python 3.6 grammar, packages reached by name.
"""
# ruff: noqa: UP006, UP035

import re
import sys
from typing import Any, Dict
from urllib.parse import urlencode

_MAIL = (
    "EMAIL_BACKEND", "EMAIL_HOST", "EMAIL_PORT", "EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD", "EMAIL_USE_TLS", "EMAIL_USE_SSL",
    "EMAIL_TIMEOUT", "EMAIL_FILE_PATH", "DEFAULT_FROM_EMAIL", "SERVER_EMAIL",
)  # fmt: skip


def addresses(settings: Any) -> Dict[str, str]:
    """The environment that the new application reads them from."""
    found = {}
    broker = _broker(settings)
    if broker:
        found["CELERY_BROKER_URL"] = broker
    caches = getattr(settings, "CACHES", None) or {}
    for alias, cache in caches.items():
        name = "CACHE_URL" if alias == "default" else "CACHE_URL_" + alias.upper()
        found[name] = _cache(alias, cache)
    for name in _MAIL:
        value = getattr(settings, name, None)
        if value is not None:
            found[name] = str(value)
    return found


def _cache(alias: str, cache: Any) -> str:
    """Where one of CACHES is; what lies in the memory of a process does so here too."""
    backend = str(cache.get("BACKEND", ""))
    if "redis" not in backend.lower():
        scheme = "dummy://" if backend.endswith("DummyCache") else "local://"
        return scheme + str(cache.get("LOCATION") or alias)
    places = cache.get("LOCATION") or ""
    places = [places] if isinstance(places, str) else list(places)
    options = cache.get("OPTIONS") or {}
    query = {
        name.lower(): str(options[name])
        for name in ("db", "DB", "username", "password", "PASSWORD")
        if options.get(name) is not None
    }
    urls = [each.strip() for place in places for each in re.split("[;,]", str(place))]
    if query:
        urls = [url + ("&" if "?" in url else "?") + urlencode(query) for url in urls]
    return ",".join(urls)


def _broker(settings: Any) -> str:
    """What Celery writes to; empty where the project has no Celery."""
    named = getattr(settings, "CELERY_BROKER_URL", None) or getattr(settings, "BROKER_URL", "")
    state: Any = sys.modules.get("celery._state")
    if state is None:
        return str(named)
    app = state.get_current_app()
    try:
        url = app.conf.broker_write_url or app.conf.broker_url
    except Exception:  # whatever the project's settings raise: sending a task will say so
        url = None
    if url and not isinstance(url, str):
        return ";".join(str(each) for each in url)
    return str(url or named or app.connection_for_write().as_uri(include_password=True))
