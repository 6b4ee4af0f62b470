"""The legacy project, run in its own interpreter."""

from strangler.legacy.probing import BootError, languages, read_facts, walked
from strangler.legacy.project import environment_of, interpreter_of, root_of, settings_of

__all__ = [
    "BootError",
    "environment_of",
    "interpreter_of",
    "languages",
    "read_facts",
    "root_of",
    "settings_of",
    "walked",
]
