"""Facts: what introspection of the running legacy project found, as frozen models.

`legacy/probe.py` prints the JSON inside the legacy interpreter, `Facts.model_validate_json` reads
it. Secrets are never among them. A source is `file:line` relative to the folder of manage.py, and
None outside the project. Unknown keys are ignored, so a newer probe may say more.
"""

from typing import Literal

from pydantic import Field

from strangler.facts.models import (
    Check,
    Constraint,
    Excluded,
    Exclusion,
    ForeignKey,
    ForeignObject,
    Generated,
    GenericField,
    Index,
    IndexColumn,
    Linked,
    Manager,
    Model,
    ModelField,
    Relation,
    Reverse,
    Schema,
    Unique,
)
from strangler.facts.releases import release
from strangler.facts.serializers import Serializer, SerializerField
from strangler.facts.shapes import (
    ClassFacts,
    Fact,
    Json,
    LoginBackend,
    Queryset,
    Ref,
    Validator,
    Value,
)
from strangler.facts.views import (
    Endpoint,
    Filter,
    FilterSet,
    Paginator,
    Permission,
    Receiver,
    Throttle,
    ThrottleClass,
    Url,
)

__all__ = [
    "App",
    "Celery",
    "Check",
    "ClassFacts",
    "Constraint",
    "Database",
    "Endpoint",
    "Excluded",
    "Exclusion",
    "Fact",
    "Facts",
    "Filter",
    "FilterSet",
    "ForeignKey",
    "ForeignObject",
    "Generated",
    "GenericField",
    "Index",
    "IndexColumn",
    "Json",
    "Legacy",
    "Linked",
    "LoginBackend",
    "Manager",
    "Migrations",
    "Model",
    "ModelField",
    "Paginator",
    "Permission",
    "Problem",
    "Queryset",
    "Receiver",
    "Ref",
    "Relation",
    "Reverse",
    "Schema",
    "Serializer",
    "SerializerField",
    "Server",
    "Task",
    "Throttle",
    "ThrottleClass",
    "Unique",
    "Url",
    "Validator",
    "Value",
    "release",
]


class Legacy(Fact):
    """Versions of what the project runs on; `packages` maps distributions to versions."""

    python: str
    django: str
    drf: str | None = None
    packages: dict[str, str] = Field(default_factory=dict)

    def package(self, name: str) -> str | None:
        """The version of a distribution, however its name is written there."""
        found = (v for k, v in self.packages.items() if k.lower().replace("_", "-") == name)
        return next(found, None)


class Server(Fact):
    """A server of MySQL's kind, as it says itself."""

    product: str  # "mariadb" or "mysql"
    version: str
    storage_engine: str = "InnoDB"
    time_zones: bool = True  # whether its tables of time zones are filled
    answers: bool = True  # False: it could not be asked, all of this is assumed


class Database(Fact):
    """One alias of DATABASES, without anything that leads to the server."""

    vendor: str
    engine: str
    atomic_requests: bool = False
    options: tuple[str, ...] = ()  # the keys of OPTIONS
    option_values: dict[str, Json] = Field(default_factory=dict)  # of those that are no secret
    time_zone: str | None = None  # its own, where it has one
    autocommit: bool = True
    server: Server | None = None  # of the default alias, where its vendor is "mysql"


class App(Fact):
    """An installed Django app; `path` is its folder relative to PATH, None outside the project."""

    label: str
    module: str
    path: str | None = None
    package: str | None = None


class Problem(Fact):
    """Something that the probe could not read."""

    code: str
    message: str
    source: str | None = None


class Migrations(Fact):
    """The migrations on disk as (app label, name)."""

    applied: tuple[tuple[str, str], ...] = ()


class Task(Fact):
    """A task of Celery: its name, the path where it is called, what goes with its messages.

    parameters: name, kind as `inspect` numbers them, whether it may be left out; None unchecked.
    obstacles: why its messages are not those that Celery makes by itself.
    """

    name: str
    path: str = ""
    options: dict[str, Json] = Field(default_factory=dict)
    ignore_result: bool = False
    parameters: tuple[tuple[str, int, bool], ...] | None = None
    on_commit: bool = False  # whether it has `delay_on_commit`
    obstacles: tuple[str, ...] = ()


class Celery(Fact):
    """The project's Celery application: settings that are not Celery's own, without its broker."""

    version: str
    transport: str = "amqp"  # the kind of broker
    conf: dict[str, Json] = Field(default_factory=dict)
    obstacles: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()  # where the project's modules hold it
    tasks: tuple[Task, ...] = ()


class Facts(Fact):
    """Everything that the probe found."""

    version: Literal[1] = 1
    legacy: Legacy
    settings_module: str | None = None
    root_urlconf: str | None = None
    settings: dict[str, Json] = Field(default_factory=dict)
    pages: dict[str, tuple[str, str]] = Field(default_factory=dict)  # type and text, by status
    databases: dict[str, Database] = Field(default_factory=dict)
    database_routers: tuple[Ref, ...] = ()
    apps: tuple[App, ...] = ()
    middleware: tuple[Ref, ...] = ()
    exception_handler: Ref | None = None
    authentication_backends: tuple[LoginBackend, ...] = ()
    models: tuple[Model, ...] = ()
    serializers: tuple[Serializer, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    urls: tuple[Url, ...] = ()
    permissions: tuple[ClassFacts, ...] = ()
    paginators: tuple[Paginator, ...] = ()
    filtersets: tuple[FilterSet, ...] = ()
    throttles: tuple[ThrottleClass, ...] = ()
    authenticators: tuple[ClassFacts, ...] = ()
    classes: tuple[ClassFacts, ...] = ()  # other project classes met: renderers, parsers, backends
    receivers: tuple[Receiver, ...] = ()
    migrations: Migrations = Migrations()
    celery: Celery | None = None
    problems: tuple[Problem, ...] = ()
    #: Sources of installed packages that are read as if the project had written them, by path.
    adopted: dict[str, str] = Field(default_factory=dict)
    #: What objects of theirs with settings hold: JSON, a class as {"path": …}, a mapping as {"items": …}.
    adopted_settings: dict[str, dict[str, Json]] = Field(default_factory=dict)
