"""The legacy project, run in its own interpreter."""

from strangler.legacy.project import (
    environment_of,
    interpreter_of,
    probe,
    root_of,
    settings_of,
    walked,
)

__all__ = ["environment_of", "interpreter_of", "probe", "root_of", "settings_of", "walked"]
