"""The folder of what the proxy keeps: secrets, the audit log, the store. Nobody else reads it."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe

from strangler.config import Config
from strangler.errors import ConfigError, EnvironmentProblem

KEY_VARIABLE = "STRANGLER_PROXY_KEY"
TOKEN_VARIABLE = "STRANGLER_ADMIN_TOKEN"

#: Characters of a secret that somebody chose: 128 bits, if they are hexadecimal digits.
SHORTEST = 32


def file_of(config: Config, setting: str, name: str) -> Path:
    """The path in a `[proxy]` setting that may name a file; ConfigError where it names a server."""
    text = setting.removeprefix("sqlite:///")
    if "://" in text:
        raise ConfigError(f"[proxy] {name} can only be a file", source=str(config.folder))
    return config.at(Path(text))


@dataclass(frozen=True, slots=True)
class StateFolder:
    """`.strangler/state` beside strangler.toml; made when something is kept in it."""

    path: Path

    @classmethod
    def of(cls, config: Config) -> "StateFolder":
        """The folder of a project."""
        return cls(config.at(Path(".strangler") / "state"))

    def ensure(self) -> Path:
        """Make it; raise EnvironmentProblem where that cannot be."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            ignore = self.path / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n", encoding="ascii")
        except OSError as error:
            raise EnvironmentProblem(f"{self.path} cannot be written: {error.strerror}") from error
        return self.path

    def key(self) -> str:
        """What signs shadow marks and forced sides: STRANGLER_PROXY_KEY, else kept here."""
        return self._secret("key", KEY_VARIABLE)

    def token(self) -> str:
        """What opens the admin listener: STRANGLER_ADMIN_TOKEN, else kept here."""
        return self._secret("admin.token", TOKEN_VARIABLE)

    @property
    def audit(self) -> Path:
        """Every change of a route, one JSON object a line."""
        return self.path / "audit.jsonl"

    def _secret(self, name: str, variable: str) -> str:
        given = os.environ.get(variable, "")
        if given:
            if len(given) < SHORTEST:
                raise EnvironmentProblem(f"{variable} is shorter than {SHORTEST} characters")
            return given
        path = self.ensure() / name
        if not path.exists():
            _create(path, token_urlsafe(32))
        return _read(path)


def _create(path: Path, secret: str) -> None:
    """Write a secret so that nobody ever sees half of it, and the first of two writers wins."""
    fresh = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{secret}\n")
        try:
            os.link(fresh, path)
        except FileExistsError:
            return
        finally:
            fresh.unlink()
    except OSError as error:
        raise EnvironmentProblem(f"{path} cannot be written: {error.strerror}") from error


def _read(path: Path) -> str:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(descriptor, encoding="ascii") as file:
            found = os.fstat(file.fileno())
            text = file.read(4096).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise EnvironmentProblem(f"{path} cannot be read", hint="remove it") from error
    if stat.S_IMODE(found.st_mode) & 0o077 or not stat.S_ISREG(found.st_mode):
        raise EnvironmentProblem(f"{path} can be read by others", hint="chmod 600, or remove it")
    if len(text) < SHORTEST:
        raise EnvironmentProblem(f"{path} holds no secret", hint="remove it")
    return text
