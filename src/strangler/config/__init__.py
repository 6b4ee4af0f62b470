"""`strangler.toml` and what overrides it.

`load` reads the file, `resolve` lays `STRANGLER_*` variables and command-line options over it.
"""

from strangler.config.loading import FILE_NAME, discover, load
from strangler.config.models import Config, Convert, Ignore, Legacy, Limits, New, Proxy
from strangler.config.resolving import resolve

__all__ = [
    "FILE_NAME",
    "Config",
    "Convert",
    "Ignore",
    "Legacy",
    "Limits",
    "New",
    "Proxy",
    "discover",
    "load",
    "resolve",
]
