"""A serializer's `to_representation` becomes its read schema's `represent`.

Before: def to_representation(self, instance): data = super().to_representation(instance)
After:  def represent(cls, instance, context): data = super().represent(instance, context)
"""

from strangler_codemods.rule import declaration, rewrites


@rewrites(declaration("representation"))
def carried() -> None:
    """Representations are carried."""
