"""What reading one row raises is caught by the model's own errors.

Before: except Product.DoesNotExist:
After:  except Product.DoesNotExist:
"""

from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import attribute, rewrites
from strangler_codemods.types import ModelClass, Symbol


@rewrites(attribute(ModelClass, "DoesNotExist"), attribute(ModelClass, "MultipleObjectsReturned"))
def rewrite(operation: Operation) -> Typed:
    text = f"{operation.on.code}.{operation.name}"
    return Typed(parse(text), Symbol(f"django.core.exceptions.{_ABOVE[operation.name]}"))


_ABOVE = {
    "DoesNotExist": "ObjectDoesNotExist",
    "MultipleObjectsReturned": "MultipleObjectsReturned",
}
