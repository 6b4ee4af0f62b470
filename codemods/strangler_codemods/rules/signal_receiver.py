"""A receiver of a signal becomes one of compat's, which hands it the session.

Before: @receiver(post_save, sender=Item)
After:  @receiver(post_save, Item)
"""

from strangler_codemods.rule import declaration, rewrites


@rewrites(declaration("receiver"))
def carried() -> None:
    """Receivers of signals around writes are carried."""
