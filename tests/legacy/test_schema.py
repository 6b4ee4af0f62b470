"""Names and SQL are those of a database that Django itself has made."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from urllib.parse import urlsplit

import psycopg
import pytest

from strangler.facts import Facts, Schema
from strangler.legacy.probe import parse_index

from .conftest import SETTINGS, Project

MODELS = """
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now, Upper


class Kind(models.Model):
    code = models.CharField(max_length=10, primary_key=True)
    label = models.CharField(max_length=50, db_index=True, db_column="the label")


class Thing(models.Model):
    slug = models.SlugField(unique=True)
    kind = models.ForeignKey(Kind, models.CASCADE)
    other = models.OneToOneField("self", models.CASCADE, null=True, db_constraint=False)
    kinds = models.ManyToManyField(Kind, related_name="things")
    name = models.CharField(max_length=60)
    year = models.PositiveSmallIntegerField(db_index=True)
    tags = models.JSONField(default=dict)
    made = models.DateTimeField(db_default=Now())
    level = models.IntegerField(db_default=3)
    loud = models.GeneratedField(
        expression=Upper("name"), output_field=models.CharField(max_length=60), db_persist=True
    )

    class Meta:
        unique_together = [("kind", "year")]
        indexes = [
            models.Index(fields=["-year", "name"], name="thing_newest"),
            models.Index(Lower("name"), F("year").desc(), name="thing_lower"),
            models.Index(fields=["name"], name="thing_recent", condition=Q(year__gt=2000)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["name", "year"], name="thing_once"),
            models.UniqueConstraint(
                fields=["name"], name="thing_live", condition=Q(level__gte=1, name__contains="50%")
            ),
            models.UniqueConstraint(Lower("slug"), name="thing_lower_slug"),
            models.CheckConstraint(condition=Q(year__gte=1900) | Q(level=0), name="thing_years"),
        ]
"""

EXTRA = """
            models.UniqueConstraint(
                fields=["kind", "level"], name="thing_late", deferrable=models.Deferrable.DEFERRED
            ),
            models.UniqueConstraint(fields=["level"], name="thing_nulls", nulls_distinct=False),
            models.UniqueConstraint(fields=["year"], name="thing_wide", include=["name"]),
            models.UniqueConstraint(
                fields=["name"], name="thing_ops", opclasses=["varchar_pattern_ops"]
            ),
        ]
"""


@pytest.fixture(scope="module")
def sqlite(new_project: Callable[[], Project]) -> tuple[Facts, sqlite3.Connection]:
    """The facts, gathered before there is a database, and the migrated database."""
    project = new_project()
    project.write("zoo/models.py", MODELS)
    facts = project.facts()
    project.run("manage.py", "makemigrations", "zoo")
    project.run("manage.py", "migrate")
    return facts, sqlite3.connect(project.root / "zoo.sqlite3")


def schemas(facts: Facts) -> dict[str, Schema]:
    return {model.db_table: model.table_schema for model in facts.models}


def test_nothing_of_the_schema_is_left_out(sqlite: tuple[Facts, sqlite3.Connection]) -> None:
    """No problem for any model."""
    assert sqlite[0].problems == ()


def test_indexes_of_sqlite_are_django_s_to_the_letter(
    sqlite: tuple[Facts, sqlite3.Connection],
) -> None:
    """Name and statement of every index of every table, contrib's included."""
    facts, connection = sqlite
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    there = dict(connection.execute(query).fetchall())
    found = {index.name: index.sql for each in schemas(facts).values() for index in each.indexes}
    assert found == there


def test_constraints_of_sqlite_stand_in_the_tables(
    sqlite: tuple[Facts, sqlite3.Connection],
) -> None:
    """Checks, uniqueness and references are text of Django's CREATE TABLE."""
    facts, connection = sqlite
    query = "SELECT sql FROM sqlite_master WHERE name = 'zoo_thing'"
    (sql,) = connection.execute(query).fetchone()
    schema = schemas(facts)["zoo_thing"]
    assert {check.name for check in schema.checks} == {None, "thing_years"}
    assert all(f"CHECK ({check.sql})" in sql for check in schema.checks)
    assert [u.name for u in schema.uniques if not u.inline] == ["thing_once"]
    assert {u.columns for u in schema.uniques if u.inline} == {("slug",), ("other_id",)}
    assert [(key.column, key.name, key.to_table) for key in schema.foreign_keys] == [
        ("kind_id", None, "zoo_kind")
    ]
    assert all(key.deferrable for key in schema.foreign_keys)
    thing = next(model for model in facts.models if model.db_table == "zoo_thing")
    for field in thing.fields:
        assert f'"{field.column}" {field.db_type}' in sql
    defaults = {field.name: field.db_default for field in thing.fields if field.db_default}
    assert all(f"DEFAULT {text}" in sql or f"DEFAULT ({text})" in sql for text in defaults.values())
    assert set(defaults) == {"made", "level"}
    loud = next(field.generated for field in thing.fields if field.generated)
    assert loud.stored
    assert f"GENERATED ALWAYS AS ({loud.sql}) STORED" in sql


@pytest.fixture(scope="module")
def postgres_project(new_project: Callable[[], Project]) -> Project:
    project = new_project()
    head, _, tail = MODELS.rpartition("        ]\n")
    assert not tail
    project.write("zoo/models.py", head + EXTRA.lstrip("\n"))
    return project


def database(url: str) -> dict[str, str]:
    parts = urlsplit(url)
    names = ("NAME", "USER", "HOST", "PORT")
    values = (parts.path[1:], parts.username, parts.hostname, str(parts.port))
    return {
        "ENGINE": "django.db.backends.postgresql",
        **{name: value or "" for name, value in zip(names, values, strict=True)},
    }


def test_names_of_postgresql_are_django_s(
    postgres_project: Project, new_database: Callable[[str], str]
) -> None:
    """Indexes and named constraints equal the catalogue; the facts came without a connection."""
    url = new_database("zoo")
    nowhere = {**database(url), "HOST": "127.0.0.1", "PORT": "1"}
    postgres_project.write("site_settings.py", SETTINGS + f"DATABASES = dict(default={nowhere})\n")
    facts = postgres_project.facts()
    assert facts.problems == ()
    postgres_project.write(
        "site_settings.py", SETTINGS + f"DATABASES = dict(default={database(url)})\n"
    )
    postgres_project.run("manage.py", "makemigrations", "zoo")
    postgres_project.run("manage.py", "migrate")
    indexes, constraints = catalogue(url)
    ours = schemas(facts)
    assert {i.name for s in ours.values() for i in s.indexes} == indexes
    named = {u.name for s in ours.values() for u in s.uniques if u.name}
    named |= {c.name for s in ours.values() for c in s.checks if c.name}
    named |= {k.name for s in ours.values() for k in s.foreign_keys if k.name}
    inline = {
        f"{table}_{u.columns[0]}_key" for table, s in ours.items() for u in s.uniques if u.inline
    }
    inline |= {
        name for name in constraints if name.endswith("_check") and name.startswith("zoo_thing_")
    } | {name for name in constraints if name == "django_admin_log_action_flag_check"}
    assert named | inline == constraints


def catalogue(url: str) -> tuple[set[str], set[str]]:
    """Names of indexes that are no constraints, and of constraints that are no primary keys."""
    with psycopg.connect(url) as connection:
        constraints = connection.execute(
            "SELECT conname, contype FROM pg_constraint c JOIN pg_namespace n"
            " ON n.oid = c.connamespace WHERE n.nspname = 'public' AND contype <> 'n'"
        ).fetchall()
        indexes = connection.execute(
            "SELECT indexname FROM pg_indexes WHERE schemaname = 'public'"
        ).fetchall()
    names = {name for name, _ in constraints}
    keys = {name for name, kind in constraints if kind in {"p", b"p"}}
    migrations = {"django_migrations_pkey"}
    return {name for (name,) in indexes} - names, names - keys - migrations


def test_details_of_postgresql_are_read(
    postgres_project: Project, new_database: Callable[[str], str]
) -> None:
    """Deferred, nulls, included columns and operator classes."""
    url = database(new_database("zoo"))
    postgres_project.write("site_settings.py", SETTINGS + f"DATABASES = dict(default={url})\n")
    schema = schemas(postgres_project.facts())["zoo_thing"]
    uniques = {unique.name: unique for unique in schema.uniques}
    assert uniques["thing_late"].deferrable == "deferred"
    assert uniques["thing_late"].columns == ("kind_id", "level")
    assert uniques["thing_nulls"].nulls_distinct is False
    indexes = {index.name: index for index in schema.indexes}
    assert indexes["thing_wide"].include == ("name",)
    assert indexes["thing_ops"].columns[0].opclass == "varchar_pattern_ops"
    assert indexes["thing_live"].condition is not None
    assert indexes["thing_live"].condition.startswith('("level" >= 1 AND "name"::text LIKE')
    like = [index for index in schema.indexes if index.name.endswith("_like")]
    assert {index.columns[0].name for index in like} == {"slug", "kind_id"}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (
            'CREATE INDEX "a" ON "t" USING gin ("x", (LOWER("y, z")) DESC) WHERE "x" > 1',
            {"name": "a", "method": "gin", "expressions": '"x", (LOWER("y, z")) DESC'},
        ),
        (
            'CREATE UNIQUE INDEX "q""q" ON "t" ("a b" text_pattern_ops DESC) INCLUDE ("c", "d")',
            {
                "name": 'q"q',
                "unique": True,
                "include": ["c", "d"],
                "columns": [{"name": "a b", "descending": True, "opclass": "text_pattern_ops"}],
            },
        ),
        (
            "CREATE INDEX `m` ON `t` (`a`)",
            {"name": "m", "columns": [{"name": "a", "descending": False, "opclass": None}]},
        ),
    ],
)
def test_index_statements_are_taken_apart(sql: str, expected: dict[str, object]) -> None:
    """Quotes, commas in them, expressions, operator classes."""
    found = parse_index(sql)
    assert {key: found[key] for key in expected} == expected, json.dumps(found)


ADDED = """
from django.db import models
from django.db.models.signals import class_prepared


def add(sender, **kwargs):
    if sender.__module__ == __name__:
        index = models.Index(fields=["name"], name="added_to_" + sender.__name__.lower())
        sender._meta.indexes.append(index)
        check = models.CheckConstraint(condition=models.Q(name__gt="a"), name="also_" + index.name)
        sender._meta.constraints.append(check)


class_prepared.connect(add)


class Plain(models.Model):
    name = models.CharField(max_length=9)


class Named(models.Model):
    name = models.CharField(max_length=9)
    year = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["year"], name="of_meta")]
        constraints = [models.CheckConstraint(condition=models.Q(year__gt=1), name="years")]
"""


@pytest.mark.parametrize("migrated", [False, True])
def test_what_a_class_adds_to_its_meta_is_told_where_django_makes_it(
    migrated: bool, project: Project
) -> None:
    project.write("zoo/models.py", ADDED)
    if migrated:
        project.write("zoo/migrations/__init__.py", "")
        project.run("manage.py", "makemigrations", "zoo")
    project.run("manage.py", "migrate", "--run-syncdb")
    with closing(sqlite3.connect(project.root / "zoo.sqlite3")) as database:
        query = "SELECT tbl_name, sql FROM sqlite_master WHERE tbl_name LIKE 'zoo_%'"
        made = "".join(f"{sql}\n" for _, sql in database.execute(query))
    models = [model for model in project.facts().models if model.name.startswith("zoo.")]
    told = {each.name for model in models for each in model.table_schema.indexes}
    told |= {each.name or "" for model in models for each in model.table_schema.checks}
    names = {"added_to_plain", "added_to_named", "of_meta", "years"}
    names |= {"also_added_to_plain", "also_added_to_named"}
    assert told == {name for name in names if f'"{name}"' in made}
    assert ("added_to_plain" in told) is not migrated
