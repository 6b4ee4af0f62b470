"""What is told of models where the MariaDB server does not answer, as if one did."""

from pathlib import Path

from strangler.facts import Facts
from tests.codemods.project import legacy_project
from tests.converted import free_ports
from tests.mariadb import Server

MODELS = """
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower


class Item(models.Model):
    code = models.UUIDField(unique=True)
    name = models.CharField(max_length=20, db_index=True)
    kind = models.CharField(max_length=9, db_default='it\\'s "x" \\\\ %')
    count = models.PositiveIntegerField(db_default=3)
    ratio = models.FloatField(db_default=4.5)
    flag = models.BooleanField(db_default=True)
    place = models.GenericIPAddressField(null=True)
    data = models.JSONField(default=dict)
    lower = models.GeneratedField(
        expression=Lower("name"), output_field=models.CharField(max_length=20), db_persist=True
    )
    above = models.ForeignKey("self", models.CASCADE, null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(count__gt=2) & ~Q(name="o'clock\\\\\\n"), name="many"),
            models.CheckConstraint(condition=Q(kind__contains="50%"), name="half"),
            models.UniqueConstraint(F("count"), F("name"), name="one"),
        ]
"""
SETTINGS = """
import pymysql

pymysql.install_as_MySQLdb()
DATABASES = {{
    "default": {{
        "ENGINE": "django.db.backends.mysql",
        "NAME": "nothing_is_asked_of_it",
        "HOST": "127.0.0.1",
        "PORT": "{port}",
        "USER": "strangler",
    }}
}}
"""


def _facts(folder: Path, port: int) -> Facts:
    files = {"stock/models.py": MODELS, "urls.py": "urlpatterns = []"}
    return legacy_project(folder, files, SETTINGS.format(port=port)).facts


def test_the_models_are_the_same(tmp_path: Path, mariadb: Server) -> None:
    mariadb.new_database("nothing_is_asked_of_it")
    asked = _facts(tmp_path / "asked", mariadb.port)
    silent = _facts(tmp_path / "silent", free_ports(1)[0])
    assert silent.models == asked.models
    servers = [facts.databases["default"].server for facts in (asked, silent)]
    assert [server is not None and server.answers for server in servers] == [True, False]


def test_why_it_did_not_answer_is_told(tmp_path: Path) -> None:
    problems = _facts(tmp_path / "silent", free_ports(1)[0]).problems
    assert [each.code for each in problems] == ["database"]
    assert "Can't connect" in problems[0].message
