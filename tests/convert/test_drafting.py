"""`strangler draft` and the bodies that are worth it."""

import ast
import json
import sys
from pathlib import Path

import pytest

from strangler.cli import main
from strangler.errors import ExitCode
from tests.codemods.project import Legacy
from tests.convert.ported_project import ported_project


@pytest.fixture(scope="module")
def legacy(tmp_path_factory: pytest.TempPathFactory) -> Legacy:
    return ported_project(tmp_path_factory.mktemp("drafted") / "project")


def draft(legacy: Legacy, name: str, *options: str) -> int:
    return main(["draft", name, str(legacy.folder), "--python", sys.executable, *options])


def text_of(legacy: Legacy, name: str, tmp_path: Path) -> str:
    file = tmp_path / "draft.py"
    assert draft(legacy, name, "--to", str(file)) == ExitCode.DONE
    text = file.read_text()
    ast.parse(text)
    return text


def test_what_has_a_rule_is_translated_and_the_rest_is_marked(
    legacy: Legacy, tmp_path: Path
) -> None:
    """Also behind a condition that has none; each open line has its reason above it."""
    text = text_of(legacy, "core.views.visible", tmp_path)
    assert "return queryset.where(Shop.owner_id == user.id)" in text
    lines = text.splitlines()
    place = next(n for n, line in enumerate(lines) if "_meta.get_fields" in line)
    assert lines[place - 1].strip().startswith("# OPEN B104 core/views.py:5: ")


def test_open_lines_are_marked_once_and_have_what_they_name(legacy: Legacy, tmp_path: Path) -> None:
    """A condition does not repeat what is open in its block; names of other packages are imported."""
    text = text_of(legacy, "core.views.visible", tmp_path)
    marks = [line.strip() for line in text.splitlines() if "# OPEN" in line]
    assert len(marks) == len(set(marks)) > 0
    (tmp_path / "draft.py").unlink()
    text = text_of(legacy, "core.views.Weekday.has_permission", tmp_path)
    assert "from keyword import iskeyword" in text


def test_a_body_of_the_same_name_elsewhere_gets_a_file_of_its_own(legacy: Legacy) -> None:
    other = legacy.folder / "overrides" / "owned_mixin_get_queryset.py"
    other.parent.mkdir(exist_ok=True)
    other.write_text('"""Draft of others.views.OwnedMixin.get_queryset (others/views.py:3)."""')
    assert draft(legacy, "core.views.OwnedMixin.get_queryset") == ExitCode.DONE
    text = other.with_name("core_owned_mixin_get_queryset.py").read_text()
    assert "Draft of core.views.OwnedMixin.get_queryset" in text


def test_a_hook_is_drafted_on_a_plain_session(legacy: Legacy, tmp_path: Path) -> None:
    """What endpoints await is called directly, for whatever model the view has."""
    text = text_of(legacy, "core.views.OwnedMixin.perform_create", tmp_path)
    assert (
        "def perform_create(session: Session, model: type[Any], data: Any, user: User) -> Any:"
        in text
    )
    assert "shop = create_object(session, model, data, owner=user)\n    return shop" in text
    assert "await" not in text


def test_a_draft_says_that_it_is_one(legacy: Legacy, tmp_path: Path) -> None:
    """Its source, how much is open, the line for strangler.toml."""
    text = text_of(legacy, "core.views.OwnedMixin.get_queryset", tmp_path)
    assert "Draft of core.views.OwnedMixin.get_queryset (core/views.py:14)" in text
    assert "1 operation in it has no rule." in text
    assert '"core.views.OwnedMixin.get_queryset" = "' in text


def test_a_draft_lies_beside_the_application_and_changes_nothing_else(
    legacy: Legacy, capsys: pytest.CaptureFixture[str]
) -> None:
    """The path is said; a second draft does not replace what a person made of the first."""
    name = "core.views.visible"
    assert draft(legacy, name) == ExitCode.DONE
    file = legacy.folder / "overrides" / "views_visible.py"
    out = capsys.readouterr().out
    assert f"written: {file}" in out
    assert f'"{name}" = "overrides/views_visible.py:visible"' in out
    assert not (legacy.folder / "newapp").exists()
    assert not (legacy.folder / "strangler.toml").exists()
    assert draft(legacy, name) == ExitCode.DONE
    file.write_text("mine\n")
    assert draft(legacy, name) == ExitCode.USAGE
    assert "--to" in capsys.readouterr().err
    assert file.read_text() == "mine\n"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("core.views.Nope.get_queryset", "did you mean core.views."),
        ("shops.views.lonely", "no endpoint passes through shops.views.lonely"),
    ],
)
def test_what_cannot_be_drafted_is_said(
    name: str, says: str, legacy: Legacy, capsys: pytest.CaptureFixture[str]
) -> None:
    """No such body, or none that an endpoint passes through."""
    assert draft(legacy, name) == ExitCode.USAGE
    assert says in capsys.readouterr().err


def test_inspect_names_the_next_body_to_port(
    legacy: Legacy, capsys: pytest.CaptureFixture[str]
) -> None:
    """The one whose refusal alone holds back the most, with the command that begins it."""
    arguments = ["inspect", str(legacy.folder), "--python", sys.executable]
    assert main([*arguments, "--json"]) == ExitCode.DONE
    bodies = json.loads(capsys.readouterr().out)["bodies"]
    assert bodies[0]["name"] == "core.views.visible"
    assert (bodies[0]["unlocks"], bodies[0]["among"]) == (6, 4)
    assert [each["unlocks"] for each in bodies] == sorted(
        (each["unlocks"] for each in bodies), reverse=True
    )
    assert main(arguments) == ExitCode.DONE
    out = capsys.readouterr().out
    assert "next body to port: core.views.visible (core/views.py:4) unlocks 6 endpoints" in out
    assert "strangler draft core.views.visible" in out
