"""`strangler.toml` is read whole or refused with one line that names file and line."""

from datetime import date
from pathlib import Path

import pytest

from strangler.config import Config, Ignore, discover, load
from strangler.errors import ConfigError

# The example of the documentation, every key of it.
FULL = """\
[legacy]
path = "."
settings = "shop.settings"
python = ".venv/bin/python"
url = "http://127.0.0.1:8000"
env_file = ".env"

[new]
path = "newapp"
app = "app.main:app"
url = "http://127.0.0.1:8001"
isolated = false

[convert]
rules = []
skip = []
[convert.accept]
"acme.TenantMiddleware" = "runs in the gateway now"
[convert.bodies]

[proxy]
listen = "127.0.0.1:8080"
admin = "127.0.0.1:8081"
routes = "routes.toml"
store = "sqlite:///.strangler/state/diffs.db"
sticky = ["jwt:user_id", "cookie:strangler", "header:authorization", "client-ip"]

[[ignore]]
endpoint = "GET /api/orders/"
pointer = "/results/*/age_seconds"
reason = "computed from now()"
until = 2027-01-31
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "strangler.toml"


def _refusal(file: Path, content: str | bytes) -> str:
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(ConfigError) as raised:
        load(file)
    return str(raised.value).removeprefix(f"{file}:")


def test_every_documented_key_is_read(file: Path) -> None:
    file.write_text(FULL)
    config = load(file)
    assert config.legacy.settings == "shop.settings"
    assert config.convert.accept == {"acme.TenantMiddleware": "runs in the gateway now"}
    assert config.at(config.new.path) == file.parent / "newapp"
    assert config.ignore == (
        Ignore(
            endpoint="GET /api/orders/",
            pointer="/results/*/age_seconds",
            reason="computed from now()",
            until=date(2027, 1, 31),
        ),
    )


def test_the_documented_values_are_the_defaults(file: Path) -> None:
    file.write_text(FULL)
    written, default = load(file), Config()
    assert written.proxy == default.proxy
    assert written.new == default.new


def test_a_file_in_the_project_wins_over_one_in_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "shop"
    project.mkdir()
    monkeypatch.chdir(tmp_path)
    assert discover(project) == Config(folder=project)
    (tmp_path / "strangler.toml").write_text('[legacy]\nsettings = "outer"\n')
    assert discover(project).legacy.settings == "outer"
    (project / "strangler.toml").write_text('[legacy]\nsettings = "inner"\n')
    assert discover(project).legacy.settings == "inner"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", "1: is empty"),
        (b" \n\n", "1: is empty"),
        (b"\xef\xbb\xbf[new]\n", "1: starts with a byte order mark; save it as UTF-8 without one"),
        (b"[new]\npath = '\xff'\n", "2: is not UTF-8"),
        (b"#" * (1024 * 1024 + 1), "1: is larger than 1 MiB"),
    ],
)
def test_what_is_no_text_of_ours_is_refused(file: Path, content: bytes, line: str) -> None:
    assert _refusal(file, content) == line


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        ("[new]\npath = 'a'\npath = 'b'\n", 3, "overwrite"),
        ("[new]\n\n[new]\n", 3, "twice"),
        ("[new\n", 1, "Expected"),
        ("[new]\npath = 'a", 2, "Expected"),
        ("\n[nwe]\npath = 'a'\n", 2, "unknown key 'nwe'"),
        ("[new]\n# a comment\npth = 'a'\n", 3, "unknown key 'new.pth'"),
        ("folder = '/tmp'\n", 1, "unknown key 'folder'"),
        ("[new]\nisolated = 'yes'\n", 2, "new.isolated: "),
        ("[new]\nisolated = 1\n", 2, "new.isolated: "),
        ("[new]\napp = 'app.main'\n", 2, "new.app: "),
        ("[legacy]\nurl = 'file:///etc/passwd'\n", 2, "legacy.url: should be an http"),
        ("[legacy]\nurl = 'http://'\n", 2, "legacy.url: should be an http"),
        ("[legacy]\nurl = 'http://h:99999'\n", 2, "legacy.url: "),
        ("[legacy]\nurl = 'http://h/path'\n", 2, "nothing more"),
        ("[legacy]\nsettings = ''\n", 2, "legacy.settings: "),
        ("[proxy]\nlisten = '8080'\n", 2, "proxy.listen: should be an address"),
        ("[proxy]\nlisten = 'h:70000'\n", 2, "proxy.listen: should be an address"),
        ("[proxy]\nstore = 'mysql://h/d'\n", 2, "proxy.store: "),
        ("[proxy]\nroutes = 'file:///r'\n", 2, "proxy.routes: "),
        ('[proxy]\nsticky = [\n  "client-ip",\n  "moon",\n]\n', 2, "proxy.sticky.1: "),
        ("[convert]\n[convert.accept]\n'a.B' = ''\n", 3, "convert.accept.a.B: "),
        (
            "[convert]\n[convert.bodies]\n'a.B.c' = 'd.py'\n",
            3,
            "convert.bodies.a.B.c: should be a file and a function such as 'overrides/core.py:get",
        ),
        ("[convert]\nskip = []\nrules = [1]\n", 3, "convert.rules.0: "),
        ("[proxy]\nlisten='127.0.0.1:8000'\n", 1, "[legacy] url is the proxy's own address"),
        ("[proxy]\nlisten='0.0.0.0:8001'\n", 1, "[new] url is the proxy's own address"),
        ("a." * 5000 + "b = 1\n", 1, ""),
        ("a = " + "[" * 9000 + "]" * 9000, 1, ""),
    ],
)
def test_each_mistake_is_named_with_its_line(
    file: Path, content: str, line: int, reason: str
) -> None:
    message = _refusal(file, content)
    number, _, text = message.partition(": ")
    assert int(number) == line
    assert reason in text
    assert "\n" not in message


IGNORE = """
[[ignore]]
endpoint = "GET /api/orders/"
pointer = "/age"
reason = "computed"
until = 2027-01-31
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("GET /api", "get /api", 9, "is no endpoint"),
        ("2027-01-31", '"2027-01-31"', 12, "until"),
        ("2027-01-31", "2027-02-31", 12, "Invalid date"),
        ('reason = "computed"\n', "", 8, "'ignore.1.reason' is missing"),
        ('"computed"', '" "', 11, "reason"),
        ("[[ignore]]", "[[ignore]]", 2, "two [[ignore]] for GET /api/orders/ /age"),
    ],
)
def test_a_wrong_exception_is_named_with_its_line(
    file: Path, old: str, new: str, line: int, reason: str
) -> None:
    message = _refusal(file, IGNORE + "\n" + IGNORE.strip().replace(old, new))
    if "two" not in reason:  # a law across entries has no line of its own
        assert message.startswith(f"{line}: ")
    assert reason in message


def test_a_missing_file_is_named(file: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        load(file)
