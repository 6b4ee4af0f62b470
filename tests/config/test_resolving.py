"""A setting is looked up as option, variable, file, default, in this order."""

from pathlib import Path

import pytest

from strangler.config import Config, resolve
from strangler.config.models import Legacy
from strangler.errors import ConfigError, UsageError

WRITTEN = Config(folder=Path("/project"), legacy=Legacy(settings="from.file"))


def test_option_wins_over_variable_over_file_over_default() -> None:
    variable = {"STRANGLER_LEGACY_SETTINGS": "from.variable"}
    assert resolve(Config(), environ={}).legacy.settings is None
    assert resolve(WRITTEN, environ={}).legacy.settings == "from.file"
    assert resolve(WRITTEN, environ=variable).legacy.settings == "from.variable"
    option = resolve(WRITTEN, environ=variable, legacy_settings="from.option")
    assert option.legacy.settings == "from.option"
    assert resolve(WRITTEN, environ={}, legacy_settings=None).legacy.settings == "from.file"


def test_relative_paths_start_where_they_were_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config = resolve(WRITTEN, environ={"STRANGLER_LEGACY_ENV_FILE": ".env"}, new_path=Path("out"))
    assert config.at(config.new.path) == tmp_path / "out"
    assert config.legacy.env_file == tmp_path / ".env"
    assert config.at(config.legacy.path) == Path("/project")


def test_an_interpreter_is_a_path_or_a_command_and_its_symlink_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "python").symlink_to("/bin/true")
    for given, found in [("./python", f"{tmp_path}/python"), ("python3.8", "python3.8")]:
        assert resolve(WRITTEN, environ={}, legacy_python=given).legacy.python == found


def test_lists_and_switches_are_read_from_variables() -> None:
    environ = {"STRANGLER_PROXY_STICKY": "jwt:sub, client-ip", "STRANGLER_NEW_ISOLATED": "true"}
    config = resolve(Config(), environ=environ)
    assert config.proxy.sticky == ("jwt:sub", "client-ip")
    assert config.new.isolated is True


def test_a_bad_variable_and_a_bad_option_are_named() -> None:
    with pytest.raises(ConfigError, match=r"^STRANGLER_NEW_URL: should be an http"):
        resolve(Config(), environ={"STRANGLER_NEW_URL": "file:///x"})
    with pytest.raises(ConfigError, match="STRANGLER_NEW_ISOLATED: "):
        resolve(Config(), environ={"STRANGLER_NEW_ISOLATED": "perhaps"})
    with pytest.raises(UsageError, match=r"new\.url cannot be 'ftp://x': should be an http"):
        resolve(Config(), environ={}, new_url="ftp://x")


def test_an_option_that_no_setting_has_is_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError, match="no setting is called legacy_setings"):
        resolve(Config(), environ={}, legacy_setings="x")
