"""What the project says is printed as it is."""

from pathlib import Path

import pytest

import strangler.cli
from strangler.cli.page import page, plain


def test_line_100_is_no_picture(capsys: pytest.CaptureFixture[str]) -> None:
    plain(soft_wrap=True).print("app/models.py:100: of :100: and :key:")
    page().print("app/models.py:100: of :100: and :key:")
    assert capsys.readouterr().out == "app/models.py:100: of :100: and :key:\n" * 2


def test_every_command_prints_on_such_a_console() -> None:
    folder = Path(strangler.cli.__file__).parent
    texts = {path.name: path.read_text() for path in folder.glob("*.py")}
    assert [name for name, text in texts.items() if "Console(" in text] == ["page.py"]
