"""Whatever keeps Django from starting becomes one line with the place in the project."""

import time

import pytest

from strangler.errors import EnvironmentProblem, UsageError
from strangler.legacy import BootError, read_facts

from .conftest import SETTINGS, Project


def refusal(project: Project, **options: str) -> BootError:
    """The error that the probe ends with."""
    with pytest.raises(BootError) as caught:
        project.facts(**options)
    assert "\n" not in str(caught.value)
    return caught.value


def test_a_folder_without_manage_py_is_refused(project: Project) -> None:
    """The message names the folder."""
    (project.root / "manage.py").unlink()
    with pytest.raises(UsageError, match=r"no manage\.py"):
        project.facts()


def test_a_missing_interpreter_is_named(project: Project) -> None:
    """A configured interpreter that is not there is not replaced by another."""
    with pytest.raises(EnvironmentProblem, match="there is no interpreter /nowhere/python"):
        project.facts(legacy_python="/nowhere/python")


def test_an_interpreter_without_django_is_named(project: Project) -> None:
    """The hint says how to name the right one."""
    project.write("bare/bin/python", '#!/bin/sh\nexec /usr/bin/env -i python3 -I -S "$@"\n')
    (project.root / "bare/bin/python").chmod(0o755)
    error = refusal(project, legacy_python=str(project.root / "bare/bin/python"))
    assert error.code == "no-django"
    assert "--python" in str(error)


def test_a_program_that_is_no_python_is_named(project: Project) -> None:
    """Its exit code is told."""
    error = refusal(project, legacy_python="/bin/false")
    assert error.code == "crash"
    assert "/bin/false ended with exit code 1" in str(error)


def test_settings_that_do_not_import_are_named_with_their_place(project: Project) -> None:
    """The line is the import in the settings, not in importlib."""
    project.write("site_settings.py", "import os\nimport no_such_package\n")
    error = refusal(project)
    assert (error.code, error.source) == ("import", "site_settings.py:2")
    assert "no_such_package" in str(error)


def test_a_settings_module_that_is_not_there_is_named(project: Project) -> None:
    """`--settings` with a typo."""
    error = refusal(project, legacy_settings="site_setings")
    assert error.code == "import"
    assert "site_setings" in str(error)


@pytest.mark.parametrize(
    "line",
    [
        'import os; KEY = os.environ["ZOO_API_KEY"]',
        "from django.core.exceptions import ImproperlyConfigured as E\n"
        'raise E("Set the ZOO_API_KEY environment variable")',
        'raise Exception("ZOO_API_KEY not found. Declare it as envvar or define a default value.")',
    ],
)
def test_a_missing_environment_variable_is_named(project: Project, line: str) -> None:
    """However the settings read their environment, the message names the variable."""
    project.write("site_settings.py", line)
    error = refusal(project)
    assert error.code == "environment"
    assert "need the environment variable ZOO_API_KEY" in str(error)
    assert "env_file" in str(error)


def test_an_env_file_provides_variables(project: Project) -> None:
    """What settings need may stand in a file; quotes and comments are no part of a value."""
    project.write("site_settings.py", SETTINGS + 'import os\nUSE_TZ = os.environ["ZOO"] == "a b"\n')
    file = project.write(".env", '# comment\nexport ZOO="a b"  # why\n')
    assert project.facts(legacy_env_file=str(file)).settings["USE_TZ"] is True


def test_a_syntax_error_is_named_with_file_and_line(project: Project) -> None:
    """Also where it stands in a module that the URLs import last."""
    project.write("site_urls.py", "from zoo import views\nurlpatterns = []\n")
    project.write("zoo/views.py", "x = 1\ndef broken(:\n")
    error = refusal(project)
    assert (error.code, error.source) == ("syntax", "zoo/views.py:2")


def test_sys_exit_at_import_is_named(project: Project) -> None:
    """A project that ends the interpreter while it is imported."""
    project.write("zoo/models.py", "import sys\n\nsys.exit('go away')\n")
    error = refusal(project)
    assert (error.code, error.source) == ("exit", "zoo/models.py:3")


def test_a_hard_exit_at_import_is_told(project: Project) -> None:
    """Not even `os._exit` leaves us without an answer; its last words are shown."""
    project.write("zoo/models.py", "import os\nprint('bye', flush=True)\nos._exit(3)\n")
    error = refusal(project)
    assert error.code == "crash"
    assert "exit code 3" in str(error)
    assert "bye" in str(error)


def test_an_import_that_never_returns_is_named_with_its_line(project: Project) -> None:
    """The deadline ends it, and the dump of the interpreter says where it hung."""
    project.write("zoo/models.py", "import time\n\n\nwhile True:\n    time.sleep(0.01)\n")
    began = time.monotonic()
    with pytest.raises(BootError) as caught:
        read_facts(project.config(), timeout=2.0)
    assert time.monotonic() - began < 10
    assert (caught.value.code, caught.value.source) == ("timeout", "zoo/models.py:5")


def test_a_project_that_eats_memory_is_stopped(project: Project) -> None:
    """The limit turns it into an error instead of a full machine."""
    project.write("zoo/models.py", "grabbed = bytearray(5 * 1024**3)\n")
    error = refusal(project)
    assert (error.code, error.source) == ("memory", "zoo/models.py:1")


def test_a_query_at_import_is_refused(project: Project) -> None:
    """The database is not read, and the line that wanted it is named."""
    project.write(
        "site_urls.py",
        """
        from django.contrib.contenttypes.models import ContentType
        names = list(ContentType.objects.all())
        urlpatterns = []
        """,
    )
    error = refusal(project)
    assert (error.code, error.source) == ("database", "site_urls.py:2")
    assert not (project.root / "zoo.sqlite3").exists()


def test_prints_of_the_project_do_no_harm(project: Project) -> None:
    """Megabytes on both streams, closed streams and threads leave the facts as they are."""
    project.write(
        "zoo/models.py",
        """
        import os, sys, threading, time
        print("{" * 3_000_000)
        sys.stderr.write("x" * 100_000)
        os.close(1)
        threading.Thread(target=time.sleep, args=(60,)).start()
        """,
    )
    assert project.facts().settings["USE_TZ"] is True


def test_manage_py_is_run_up_to_its_command(project: Project) -> None:
    """Paths that manage.py adds and variables that it sets count."""
    project.write("inner/deep_settings.py", SETTINGS)
    project.write(
        "manage.py",
        """
        import os, sys
        if __name__ == "__main__":
            sys.path.insert(0, os.path.join(os.path.dirname(__file__), "inner"))
            os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deep_settings")
            from django.core.management import execute_from_command_line
            execute_from_command_line(sys.argv)
        """,
    )
    assert project.facts().settings_module == "deep_settings"


def test_secrets_of_the_env_file_are_not_in_errors(project: Project) -> None:
    """A message that quotes a value of the file is shown without it."""
    file = project.write(".env", "DB=postgres://zoo:hunter2secret@db/zoo\n")
    project.write("site_settings.py", 'import os\nraise ValueError("bad " + os.environ["DB"])\n')
    assert "hunter2secret" not in str(refusal(project, legacy_env_file=str(file)))
