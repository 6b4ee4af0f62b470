"""Slugs, names of uploaded files and users against Django's own."""

import io
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import FileSystemStorage
from django.db import models
from django.utils.text import slugify as oracle_slugify
from django.utils.translation import trans_real
from starlette.datastructures import UploadFile

from strangler.compat import settings, texts
from strangler.compat.texts import slugify
from strangler.compat.uploads import Upload, store
from strangler.compat.urls import SuspiciousRequest
from strangler.legacy.probe import _catalog
from tests.compat import oracle

TEXTS = [
    "Hello World", "  a  b  ", "Ünïcode Straße", "日本 語", "--a__b--", "_x-", "a.b,c!", "", "A\tB\nC",
    "1-2 – 3", "İstanbul", "ﬁne", "x" * 70, "---", "Крас",
]  # fmt: skip
NAMES = [
    "a.png", "a b.png", "ünï.JPG", "x.tar.gz", ".hidden", "no extension", "we?ird*.txt", "a\\b.png",
    "..a.png", "é" * 5 + ".x",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("allow_unicode", [False, True])
def test_slugs_are_djangos(text: str, allow_unicode: bool) -> None:
    assert slugify(text, allow_unicode) == oracle_slugify(text, allow_unicode)


def test_an_old_django_keeps_dashes_at_the_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DJANGO", (2, 1))
    assert slugify(" -A b_ ") == "-a-b_"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MEDIA_ROOT", str(tmp_path))
    return tmp_path


def upload(name: str, content: bytes = b"x") -> UploadFile:
    return UploadFile(io.BytesIO(content), filename=name)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_gets_the_name_that_django_gives_it(name: str, root: Path, tmp_path: Path) -> None:
    assert oracle.settings.configured
    field = models.FileField(upload_to="some/%Y", storage=FileSystemStorage(tmp_path / "other"))
    wanted = field.generate_filename(None, name)
    assert Upload("some/%Y", 100)(None, upload(name, b"abc"), True) == wanted
    assert (root / wanted).read_bytes() == b"abc"


def test_a_taken_name_gets_seven_characters_more(root: Path) -> None:
    first = store("d/a.png", io.BytesIO(b"1"), 100)
    second = store("d/a.png", io.BytesIO(b"2"), 100)
    assert first == "d/a.png"
    stem, _, rest = second.partition("_")
    assert (stem, len(rest), rest[7:]) == ("d/a", 11, ".png")
    assert (root / second).read_bytes() == b"2"


def test_a_long_name_is_cut_to_the_columns_length(root: Path) -> None:
    name = store("d/" + "a" * 50 + ".png", io.BytesIO(b"1"), 30)
    assert len(name) <= 30
    assert name.endswith(".png")
    with pytest.raises(SuspiciousRequest):
        store("d/" + "a" * 50 + ".png", io.BytesIO(b"1"), 8)
    with pytest.raises(SuspiciousFileOperation):
        FileSystemStorage(root).get_available_name("d/" + "a" * 50 + ".png", 8)


@pytest.mark.parametrize("name", ["../a.png", "/etc/x"])
def test_a_name_does_not_leave_the_folder(name: str, root: Path) -> None:
    with pytest.raises(SuspiciousRequest):
        Upload(lambda row, given: given)(None, upload(name), True)


def test_what_is_no_upload_stays(root: Path) -> None:
    keep: Any = Upload("d")
    assert keep(None, "d/known.png", False) == "d/known.png"
    assert keep(None, None, False) == ""
    assert os.listdir(root) == []


def test_uploads_need_a_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MEDIA_ROOT", raising=False)
    with pytest.raises(LookupError, match="MEDIA_ROOT"):
        Upload("d")(None, upload("a.png"), True)


@pytest.mark.parametrize("language", ["de", "fr", "ru", "pl", "ar", "ja", "cs", "lt", "pt-br"])
def test_plurals_are_those_of_django(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    catalog = _catalog(SimpleNamespace(USE_I18N=True, LANGUAGE_CODE=language))
    assert catalog is not None
    told = {text: (tuple(forms), digits) for text, (forms, digits) in catalog["plurals"].items()}
    monkeypatch.setattr(settings, "PLURALS", told)
    one = "Ensure this value has at most %(limit_value)d character (it has %(show_value)d)."
    many = "Ensure this value has at most %(limit_value)d characters (it has %(show_value)d)."
    assert one in told
    chosen = trans_real.translation(language)
    for number in [*range(1200), 5000, 9999, 10_001, 1_000_000, 1_000_001, 2_000_000, 7_000_021]:
        assert texts.ngettext(one, many, number) == chosen.ngettext(one, many, number), number
