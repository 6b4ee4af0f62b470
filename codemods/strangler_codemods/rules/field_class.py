"""A field class of the project is two functions: what it shows, what it takes.

Before: class LabelField(serializers.RelatedField): def to_representation(self, value): return value.label
After:  def show_label_field(value: Tag, context: Context) -> Any: return value.label
"""

from strangler_codemods.rule import declaration, rewrites


@rewrites(declaration("field class"))
def carried() -> None:
    """Field classes are carried."""
