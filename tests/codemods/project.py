"""The before/after helper of first-party rules is the public one."""

from strangler.testing import Converted, Legacy, legacy_project

__all__ = ["Converted", "Legacy", "legacy_project"]
