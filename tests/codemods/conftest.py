"""Projects that several files of laws look at."""

import pytest

from tests.codemods import library
from tests.codemods.project import Converted, Legacy, legacy_project


@pytest.fixture(scope="session")
def lending(tmp_path_factory: pytest.TempPathFactory) -> Legacy:
    """The library, in which every rule has something to do."""
    return legacy_project(tmp_path_factory.mktemp("library"), library.FILES, library.SETTINGS)


@pytest.fixture(scope="session")
def books(lending: Legacy) -> Converted:
    """The library, converted."""
    return lending.convert()
