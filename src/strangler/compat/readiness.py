"""`GET /readyz`: whether the database has the tables that this application was made for."""

import asyncio
import logging
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, column, inspect, select, table
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from .database import Database

logger = logging.getLogger(__name__)

PATH = "/readyz"
#: Seconds that the database has to answer.
PATIENCE = 5.0

_APPLIED = table("django_migrations", column("app"), column("name"))


class Readiness:
    """Answers `/readyz` before any other middleware sees it, whatever host a probe names.

    `migrations` are those of Django's that the models were made from. While one of them is not
    applied the answer is 503, and names it; so it is while the database does not answer. Those
    that came later are named as `unknown`, and do no harm to readiness.
    """

    def __init__(
        self, app: ASGIApp, database: Database, migrations: Mapping[str, Collection[str]]
    ) -> None:
        self.app = app
        self.database = database
        self.wanted = {f"{label}.{name}" for label, names in migrations.items() for name in names}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on."""
        asked = scope["type"] == "http" and scope["path"] == PATH
        if asked and scope["method"] in ("GET", "HEAD"):
            response = await self._answer()
            await response(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _answer(self) -> Response:
        try:
            async with asyncio.timeout(PATIENCE), self.database.engine.connect() as connection:
                applied = await connection.run_sync(_applied)
        except (SQLAlchemyError, OSError) as error:  # TimeoutError is an OSError
            logger.warning("the database does not answer: %s", error)
            return JSONResponse({"status": "no database"}, 503)
        if applied is None:
            return JSONResponse({"status": "ready", "missing": [], "unknown": []})
        missing, unknown = sorted(self.wanted - applied), sorted(applied - self.wanted)
        found: dict[str, Any] = {"missing": missing, "unknown": unknown}
        if missing:
            return JSONResponse({"status": "migrations missing", **found}, 503)
        return JSONResponse({"status": "ready", **found})


def _applied(connection: Connection) -> set[str] | None:
    """The migrations that the database has; None where Alembic made it and Django never came."""
    there = inspect(connection).has_table
    if there("django_migrations"):
        return {f"{app}.{name}" for app, name in connection.execute(select(_APPLIED))}
    return None if there("alembic_version") else set()
