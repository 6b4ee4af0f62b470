"""The modules around the endpoints: settings, database, identity, defaults, the app itself."""

from __future__ import annotations

from dataclasses import dataclass

from . import drf_jwt_views, knox, web_tokens
from .authentication import DRF_JWT, SESSIONS, Authentication, tuple_of
from .authenticator_texts import passwords, sessions, token_rows
from .body import Import
from .cors import cors_options
from .database_options import carried_options
from .drf_jwt import DrfJwt
from .endpoints import Emitted
from .modules import Tree
from .own_settings import MODULE as CONSTANTS
from .project_authenticators import TOKENS
from .routers import Routers
from .surroundings import Surroundings
from .url_table import write_paths
from .world import World

_CONSTANTS = "Settings that are the same wherever the application runs."
#: What the folder of a project's settings is called that says nothing of it.
_SAYS_NOTHING = frozenset(
    [
        "api",
        "app",
        "backend",
        "conf",
        "config",
        "core",
        "django",
        "main",
        "project",
        "server",
        "src",
    ]
)


def _title(root_urlconf: str) -> str:
    """What clients read above the documentation: "Shop API" where `shop.urls` routes."""
    folder, dot, _ = root_urlconf.partition(".")
    words = folder.replace("_", " ").strip()
    says = dot and words.isascii() and words and folder not in _SAYS_NOTHING
    return f"{words[0].upper()}{words[1:]} API" if says else "API"


@dataclass
class Application:
    """Writes what every generated app has."""

    world: World
    tree: Tree
    routers: Routers
    authentication: Authentication
    around: Surroundings

    def write(self, emitted: dict[str, Emitted]) -> None:
        """Write the surroundings of the endpoints that were converted."""
        self._routers(emitted)
        self._settings()
        self._database()
        self._identity()
        self._api()
        self._models()
        self._migrations()
        self._main()

    def _routers(self, emitted: dict[str, Emitted]) -> None:
        self.routers.converted = frozenset(emitted)
        views = {e.view for e in self.world.facts.endpoints if e.id in emitted}
        for view in sorted(views):
            imports: set[Import] = set()
            self.routers.declare(view, imports, self._on_legacy(view, emitted))

    def _on_legacy(self, view: str, emitted: dict[str, Emitted]) -> dict[str, list[str]]:
        """Methods by path that legacy still answers, of paths that are partly converted."""
        paths: dict[str, list[str]] = {}
        mine = [e for e in self.world.facts.endpoints if e.view == view]
        converted = {e.path for e in mine if e.id in emitted}
        for endpoint in mine:
            if endpoint.id not in emitted and endpoint.path in converted:
                paths.setdefault(self.routers.path(endpoint), []).append(endpoint.method)
        return paths

    def _settings(self) -> None:
        module = self.tree.module("app.settings", "Settings; secrets come from the environment.")
        imports = {("pydantic_settings", "BaseSettings"), ("pydantic", "SecretStr")}
        text = (
            "class Settings(BaseSettings):\n"
            '    """Read from the environment."""\n\n'
            "    database_url: SecretStr\n"
            "    secret_key: SecretStr\n"
        )
        module.add("Settings", text, imports, (1, "", 0))
        module.add("settings", "settings = Settings()", (), (2, "", 0))

        for name, value in sorted(self.world.constants.items()):
            self.tree.module(CONSTANTS, _CONSTANTS).add(name, f"{name} = {value!r}", (), (1, "", 0))
        for name, text in sorted(self.world.read_constants.items()):
            module = self.tree.module(CONSTANTS, _CONSTANTS)
            imports = {("os", "")} if "os.environ" in text else set()
            imports |= {("datetime", "timedelta")} if text.startswith("timedelta(") else set()
            module.add(name, f"{name} = {text}", imports, (1, "", 0))

    def _database(self) -> None:
        module = self.tree.module("app.db", "The database and its session.")
        default = self.world.facts.databases.get("default")
        atomic = ", atomic_requests=True" if default and default.atomic_requests else ""
        imports = {("app.compat.database", "Database"), ("app.settings", "settings")}
        options = carried_options(self.world.facts)
        told = f", options={options!r}" if options else ""
        text = f"database = Database(settings.database_url.get_secret_value(){atomic}{told})"
        module.add("database", text, imports, (1, "", 0))
        imports = {
            ("typing", "Annotated"), ("fastapi", "Depends"), ("sqlalchemy.ext.asyncio", "AsyncSession"),
        }  # fmt: skip
        module.add(
            "Session",
            'Session = Annotated[AsyncSession, Depends(database.session, scope="function")]',
            imports,
            (2, "", 0),
        )

    def _identity(self) -> None:
        module = self.tree.module("app.identity", "Who is asking, and how they prove it.")
        if self.world.user_problem is not None:
            imports: set[Import] = {
                ("typing", "Any"), ("app.compat.context", "Context as BaseContext"),
            }  # fmt: skip
            module.add("Context", "Context = BaseContext[Any]", imports, (1, "", 0))
            return
        user = self.world.model_place(self.world.user_label)
        imports = {
            user, ("typing", "Annotated"), ("fastapi", "Depends"),
            ("app.compat.identity", "current_user"), ("app.compat.identity", "optional_user"),
            ("app.compat.context", "Context as BaseContext"),
        }  # fmt: skip
        name = user[1]
        module.add("Context", f"Context = BaseContext[{name}]", imports, (1, "", 0))
        module.add(
            "CurrentUser", f"CurrentUser = Annotated[{name}, Depends(current_user)]", (), (2, "", 0)
        )
        module.add(
            "OptionalUser",
            f"OptionalUser = Annotated[{name} | None, Depends(optional_user)]",
            (),
            (2, "", 1),
        )
        made = sorted(self.authentication.made().items())
        for position, (authenticator, variant) in enumerate(made):
            text, extra = self._authenticator(variant.base or "", variant.options)
            module.add(authenticator, f"{authenticator} = {text}", extra, (3, "", position))

        if self.world.issues_tokens:
            text, extra = web_tokens.token_pairs(self.world)
            module.add(web_tokens.NAME, f"{web_tokens.NAME} = {text}", extra, (4, "", 0))
        if self.world.issues_web_tokens:
            given: set[Import] = set()
            text = drf_jwt_views.TokenViews(self.world, self.tree).text(given)
            module.add(drf_jwt_views.NAME, f"{drf_jwt_views.NAME} = {text}", given, (5, "", 0))

    def _authenticator(self, name: str, options: str) -> tuple[str, set[Import]]:
        if name == "token_authentication":
            return token_rows(self.world, "TokenAuthentication", TOKENS, options)
        if name == SESSIONS and not self.authentication.logs_in:
            return "NoLogins()", {("app.compat.authentication", "NoLogins")}
        if name == SESSIONS:
            return sessions(self.world, "SessionAuthentication", options)
        if name == "basic_authentication":
            return passwords(self.world, "BasicAuthentication")
        place = self.world.model_place(self.world.user_label)
        user = place[1]
        imports: set[Import] = {place, ("app.settings", "settings")}
        if name == knox.TOKENS:
            imports = {place}
            return knox.tokens_text(self.world, user, imports), imports
        if name == DRF_JWT:
            return DrfJwt(self.world, self.tree).text(user, imports), imports
        text, imports = web_tokens.authenticator(self.world, "JWTAuthentication")
        return text, {*imports, ("app.compat.jwt", "JWTAuthentication")}

    def _api(self) -> None:
        module = self.tree.module("app.api", "What all routers of this app share.")
        places = self.authentication.default_places()
        imports: set[Import] = {
            ("app.compat.routing", "Router as BaseRouter"), ("app.db", "database"), *places,
        }  # fmt: skip
        text = (
            "class Router(BaseRouter):\n"
            '    """Routes with the project\'s defaults."""\n\n'
            "    database = database\n"
            f"    authentication = {tuple_of(places)}\n"
        )
        renderers = self.routers.renderers(self.routers.default_renderers, imports)
        if renderers is not None:
            text += f"    renderers = {renderers}\n"
        module.add("Router", text, imports, (1, "", 0))

    def _models(self) -> None:
        """One module that imports all mapped classes and receivers, so that all is known."""
        names = sorted(n for n, m in self.tree.modules.items() if n.endswith(_LOADED) and m.items)
        module = self.tree.module(
            "app.registry", "Every module with tables, so that relationships resolve."
        )
        quoted = ", ".join(f'"{name}"' for name in names)
        module.add("MODULES", f"MODULES = ({quoted}{',' if names else ''})", (), (1, "", 0))
        text = (
            "def load() -> None:\n"
            '    """Import every module with tables."""\n'
            "    for name in MODULES:\n"
            "        import_module(name)\n"
        )
        module.add("load", text, {("importlib", "import_module")}, (2, "", 0))

    def _migrations(self) -> None:
        """What the tables were made from, for `/readyz` and for those who compare later."""
        found: dict[str, list[str]] = {}
        for app, name in self.world.facts.migrations.applied:
            found.setdefault(app, []).append(name)
        lines = [f'    "{app}": {tuple(names)!r},' for app, names in sorted(found.items())]
        text = "MIGRATIONS: dict[str, tuple[str, ...]] = {\n" + "\n".join(lines) + "\n}"
        docstring = "The Django migrations that the tables of this application were made from."
        self.tree.module("app.migrations", docstring).add("MIGRATIONS", text, (), (1, "", 0))

    def _readiness(self, imports: set[Import]) -> list[str]:
        """The layer that answers `/readyz`, unless the project does so itself."""
        if any(e.path.rstrip("/") == "/readyz" for e in self.world.facts.endpoints):
            return []
        imports |= {
            ("starlette.middleware", "Middleware"), ("app.db", "database"),
            ("app.compat.readiness", "Readiness"), ("app.migrations", "MIGRATIONS"),
        }  # fmt: skip
        return ["Middleware(Readiness, database=database, migrations=MIGRATIONS)"]

    def _wanted(self, name: str) -> bool:
        """Sessions and their cookies matter only where somebody may log in by them."""
        is_session = name in ("SessionMiddleware", "CsrfMiddleware")
        return not is_session or SESSIONS in self.authentication.made()

    def _layer(self, name: str, imports: set[Import]) -> str:
        """A middleware as `create_app` takes it; CORS with the project's settings."""
        if name == "SessionMiddleware":
            imports |= {
                ("starlette.middleware", "Middleware"), ("app.db", "database"),
                ("app.identity", "session_authentication"),
            }  # fmt: skip
            options = "logins=session_authentication.logins, sessions=database.sessions"
            return f"Middleware(SessionMiddleware, {options})"
        if name != "CorsMiddleware":
            return name
        imports.add(("starlette.middleware", "Middleware"))
        given = cors_options(self.world.facts)
        chosen = "".join(f", {name}={value!r}" for name, value in given.items())
        return f"Middleware(CorsMiddleware{chosen})"

    def _main(self) -> None:
        module = self.tree.module("app.main", "The application.")
        imports: set[Import] = {
            ("app.compat.application", "create_app"), ("app.registry", "load"),
        }  # fmt: skip
        names: list[str] = []
        declared = [(m, n) for m, n in self.routers.declared() if n in self.tree.module(m).items]
        plain = [n for _, n in declared]
        for router_module, name in declared:
            app = router_module.split(".")[1]
            alias = f"{app}_{name}" if plain.count(name) > 1 else name
            imports.add((router_module, name if alias == name else f"{name} as {alias}"))
            names.append(alias)
        layers = [place for place in self.around.middleware if self._wanted(place[1])]
        imports.update(layers)
        middleware = self._readiness(imports) + [self._layer(name, imports) for _, name in layers]
        parts = [*names, f"middleware=({', '.join(middleware)}{',' if middleware else ''})"]
        if self.around.exception_handler is not None:
            imports.add(self.around.exception_handler)
            parts.append(f"exception_handler={self.around.exception_handler[1]}")
        parts.append(f'title="{_title(self.world.facts.root_urlconf or "")}"')
        module.add("load()", "load()", (), (1, "", 0))
        write_paths(self.world, self.tree)
        module.add("app", f"app = create_app({', '.join(parts)})", imports, (2, "", 0))


_LOADED = (".models", ".receivers")
