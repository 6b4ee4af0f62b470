"""Laws of the repository as a whole, whoever adds a file."""

import re
import subprocess
from pathlib import Path

import pytest

from strangler.config import Config
from strangler.config.models import Section

# Assembled, so that this file does not name what it looks for.
FORBIDDEN = {
    "a path of one machine": r"(^|[^A-Za-z0-9_.])/(work|farm|root|home/\w+|Users/\w+)" + "/",
    "the host of a package registry": r"https?://[^ \"'<>]*/(simple|packages)" + "/",
    "a setting of a package registry": r"--(extra-)?index-" + r"url[ =]|--find-" + r"links[ =]",
    "how it is developed": r"(?i)\b(session|issue|agent) +#?\d+" + r"\b",
}


@pytest.fixture(scope="module")
def tracked(repository: Path) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=repository, capture_output=True, text=True, check=True
    )
    paths = [repository / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_tracked_file_names(what: str, tracked: list[Path], repository: Path) -> None:
    pattern = re.compile(FORBIDDEN[what])
    found = [
        f"{path.relative_to(repository)}:{number}"
        for path in tracked
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


def test_no_tracked_file_is_large(tracked: list[Path]) -> None:
    assert [path for path in tracked if path.stat().st_size > 512 * 1024] == []


@pytest.mark.parametrize("folder", ["src", "codemods", "proxy"])
def test_no_module_is_a_room_with_too_many_purposes(folder: str, repository: Path) -> None:
    # sent to another interpreter as it is, so it has to be one file
    alone = repository / "src/strangler/legacy/probe.py"
    modules = set((repository / folder).rglob("*.py")) - {alone}
    assert [path for path in modules if len(path.read_text().splitlines()) > 500] == []


def _documented(repository: Path) -> dict[str, set[str]]:
    text = (repository / "docs/configuration.md").read_text()
    sections = re.split(r"^## `\[+([\w.]+)\]+`.*$", text, flags=re.MULTILINE)[1:]
    pairs = zip(sections[::2], sections[1::2], strict=True)
    keys = {
        name: re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", body, re.MULTILINE) for name, body in pairs
    }
    return {name: set(re.findall(r"\w+", " ".join(found))) for name, found in keys.items()}


def test_every_setting_is_documented_and_nothing_else(repository: Path) -> None:
    models: dict[str, type[Section]] = {
        name: type(getattr(Config(), name)) for name in ("legacy", "new", "convert", "proxy")
    }
    documented = _documented(repository)
    assert documented.pop("ignore") == {"endpoint", "pointer", "reason", "until"}
    assert documented.pop("proxy.limits") == set(type(Config().proxy.limits).model_fields)
    fields = {name: set(model.model_fields) for name, model in models.items()}
    fields["proxy"].remove("limits")
    assert documented == fields


@pytest.mark.parametrize("page", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_every_link_between_pages_leads_somewhere(page: str, repository: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", (repository / page).read_text())
    assert [link for link in links if not (repository / link).exists()] == []


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_every_make_target_that_a_page_names_exists(page: str, repository: Path) -> None:
    named = re.findall(r"\bmake ([a-z-]+)", (repository / page).read_text())
    makefile = (repository / "Makefile").read_text()
    assert named
    assert [target for target in named if not re.search(rf"^{target}:", makefile, re.M)] == []
