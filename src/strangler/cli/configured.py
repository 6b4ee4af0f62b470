"""The configuration that a command works with: the project's, with what was typed over it."""

from pathlib import Path

from strangler.config import Config, discover, resolve


def configured(
    path: Path,
    *,
    settings: str | None = None,
    python: str | None = None,
    out: Path | None = None,
) -> Config:
    """`path` is the folder of manage.py; where none was typed strangler.toml says it."""
    return resolve(
        discover(path),
        legacy_path=str(path) if path != Path() else None,
        legacy_settings=settings,
        legacy_python=python,
        new_path=str(out) if out else None,
    )
