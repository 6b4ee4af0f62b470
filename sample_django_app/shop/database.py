"""Database settings from a URL, so that deployments configure one variable."""

from urllib.parse import parse_qsl, unquote, urlsplit

# Writers queue up instead of failing when two of them upgrade a read transaction.
SQLITE_OPTIONS = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}
ENGINES = {
    "postgres": "django.db.backends.postgresql",
    "postgresql": "django.db.backends.postgresql",
    "mysql": "django.db.backends.mysql",
}


def sqlite(path):
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": path, "OPTIONS": SQLITE_OPTIONS}


def from_url(url):
    """Return Django's settings for ``sqlite:///path`` or ``postgresql://user:pass@host/name``.

    ``mysql://user:pass@host/name`` is a MariaDB server, and uses PyMySQL as its driver.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return sqlite(unquote(parts.path.removeprefix("/")))
    if parts.scheme in ENGINES:
        if parts.scheme == "mysql":
            import pymysql

            pymysql.install_as_MySQLdb()
        return {
            "ENGINE": ENGINES[parts.scheme],
            "NAME": unquote(parts.path.removeprefix("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            "OPTIONS": dict(parse_qsl(parts.query)),
        }
    raise ValueError(f"DATABASE_URL has an unsupported scheme: {parts.scheme!r}")
