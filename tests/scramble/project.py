"""Scramble a whole project: a folder in, a folder out."""

import json
import random
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

from tests.scramble.renaming import Texts, rename_python, rename_template
from tests.scramble.reshaping import Reshaper
from tests.scramble.vocabulary import Names, identifiers_of, made_up_words, name_all

SKIPPED = {"__pycache__", "media", "staticfiles"}
VERBATIM = {"requirements.txt"}


def scramble(source: Path, target: Path, seed: int) -> Names:
    """Write a scrambled copy of the Django project ``source`` to ``target`` and say what is what.

    The interpreter that runs this must have Django and what the project imports. Raises
    `FileExistsError` if the target is there, `RuntimeError` if the project does not load.
    """
    target.mkdir(parents=True)
    found = survey(source)
    site_packages = Path(sysconfig.get_paths()["purelib"])
    names = name_all(found, identifiers_of(site_packages), seed)
    tops = {path.name.removesuffix(".py") for path in source.iterdir()}
    texts = Texts(names, frozenset(tops))
    rng = random.Random(f"shape {seed}")
    taken = (
        names.foreign | set(names.words.values()) | {v.lower() for v in names.identifiers.values()}
    )
    reshaper = Reshaper(rng, made_up_words(rng, taken))
    for path in files_of(source):
        relative = path.relative_to(source)
        new = target / rename_path(relative, texts)
        new.parent.mkdir(parents=True, exist_ok=True)
        new.write_text(rewrite(path, relative, texts, found["places"], reshaper))
    return names


def files_of(source: Path) -> list[Path]:
    return [
        path
        for path in sorted(source.rglob("*"))
        if path.is_file()
        and not any(p in SKIPPED or p.startswith(".") for p in path.relative_to(source).parts)
        and ".sqlite3" not in path.name
    ]


def rename_path(path: Path, texts: Texts) -> Path:
    def rename(part: str) -> str:
        stem, dot, ending = part.partition(".")
        return texts.token(stem) + dot + ending

    return path if path.name in VERBATIM else Path(*map(rename, path.parts))


def rewrite(path: Path, relative: Path, texts: Texts, places: dict, reshaper: Reshaper) -> str:
    source = path.read_text()
    if path.name in VERBATIM:
        return source
    if path.suffix != ".py":
        return rename_template(source, texts) if "templates" in path.parts else texts(source)
    here = {(line, column) for line, column in places[str(relative)]}
    code = rename_python(source, texts, here)
    fixed = {"tests", "migrations", "management"} & set(relative.parts)
    return code if fixed else reshaper.module(code)


def survey(source: Path) -> dict:
    """Let the project's own Django say what is in it."""
    found = re.search(r"DJANGO_SETTINGS_MODULE\W+([\w.]+)", (source / "manage.py").read_text())
    if found is None:
        raise RuntimeError(f"{source}/manage.py names no settings module")
    environment = {"DJANGO_SETTINGS_MODULE": found[1], "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("survey.py")],
        cwd=source, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{source} does not load:\n{done.stderr}")
    return json.loads(done.stdout)
