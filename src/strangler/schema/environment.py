"""The texts of the Alembic environment that a generated application gets."""

import re
from collections.abc import Iterable, Mapping, Sequence

OWNER_KEY = "schema_owner"
VERSIONS = "migrations/versions"

_INI = """# Alembic's settings. The database's URL comes from DATABASE_URL.
[alembic]
script_location = %(here)s/migrations
prepend_sys_path = %(here)s
path_separator = os
file_template = %%(rev)s_%%(slug)s
revision_environment = true
# whose migrations change the tables: "django", or "alembic" after `strangler schema handover`
schema_owner = {owner}
"""

_ENV = '''"""Alembic's environment; who owns the schema stands in alembic.ini."""

from alembic import context
from alembic.util import CommandError
from sqlalchemy import Connection, create_engine, inspect, pool

from app.compat.models import Base
from app.compat.reflection import Reflection
from app.db import database
from app.registry import load

load()

OWNER = context.config.get_main_option("schema_owner")
COMMAND = context.config.cmd_opts.cmd[0].__name__ if context.config.cmd_opts else ""
# Tables between two others: their keys have the size that they had when they were made.
THROUGH = [m.local_table.name for m in Base.registry.mappers if m.class_.__auto_created__]
# Tables and views that are neither made nor changed here, as Django did neither (managed = False).
UNMANAGED = {unmanaged}


def check_owner(connection: Connection) -> None:
    """Refuse what would fight with Django's migrations, and tables that nobody has stamped."""
    if COMMAND in ("stamp", "current"):
        return
    there = inspect(connection)
    if OWNER == "django" and (COMMAND == "revision" or there.has_table("django_migrations")):
        raise CommandError(
            "Django owns this schema: manage.py migrate changes it until `strangler schema handover`"
        )
    if there.has_table("django_migrations") and not there.has_table("alembic_version"):
        raise CommandError("this database was made by Django and is not stamped: alembic stamp")


def run() -> None:
    """Run what was asked for."""
    engine = create_engine(database.sync_engine.url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        check_owner(connection)
        connection.rollback()
        reflection = Reflection(connection, Base.metadata, through=THROUGH, unmanaged=UNMANAGED)
        context.configure(connection=connection, **reflection.options)
        reflection.attach(context.get_context())
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    context.configure(
        url=database.sync_engine.url, target_metadata=Base.metadata, literal_binds=True
    )
    with context.begin_transaction():
        context.run_migrations()
else:
    run()
'''

_MAKO = '''"""${message}"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
'''

_REVISION = '''"""{title}"""

from alembic import op
from alembic.util import CommandError

revision = {revision!r}
down_revision = {down!r}
branch_labels = None
depends_on = None

# The migrations of Django's that this one stands for.
DJANGO = ({django})

{groups}

def upgrade() -> None:
    for statement in {names}:
        op.execute(statement)


def downgrade() -> None:
    raise CommandError("what Django's migrations did has no way back here")
'''


def ini(owner: str) -> str:
    """alembic.ini, with whose migrations change the tables."""
    return _INI.replace("{owner}", owner)


def env(unmanaged: Iterable[str]) -> str:
    """migrations/env.py; `unmanaged` are tables that Django neither makes nor changes."""
    return _ENV.replace("{unmanaged}", f"({_listed(unmanaged)})")


def template() -> str:
    """migrations/script.py.mako, for the revisions of people."""
    return _MAKO


def revision(
    name: str,
    down: str | None,
    title: str,
    django: Iterable[str],
    groups: Mapping[str, Sequence[str]],
) -> str:
    """One revision; `groups` are its statements by the name of the constant that holds them."""
    filled = {key: statements for key, statements in groups.items() if statements}
    constants = "\n\n".join(
        f"{key} = (\n{''.join(f'    {_text(each)},' + chr(10) for each in statements)})"
        for key, statements in filled.items()
    )
    return _REVISION.format(
        title=title,
        revision=name,
        down=down,
        django=_listed(django),
        groups=constants,
        names="".join(filled)
        if len(filled) == 1
        else f"({''.join(f'*{key}, ' for key in filled)})",
    )


def _listed(names: Iterable[str]) -> str:
    return "".join(f"{name!r}, " for name in names)


_BIND = re.compile(r"(?<![:\w\\]):(?=\w)")


def _text(statement: str) -> str:
    """A statement as Python source; what looks like a parameter to SQLAlchemy is none."""
    safe = _BIND.sub(r"\\:", statement)
    if '"""' in safe or safe.endswith(('"', "\\")) or "\r" in safe:
        return repr(safe)
    mark = "r" if "\\" in safe else ""
    return f'{mark}"""{safe}"""' if "\n" in safe or '"' in safe or mark else repr(safe)
