"""`slugify` is compat's, which keeps the habits of the legacy project's Django.

Before: self.slug = slugify(self.title)
After:  self.slug = slugify(self.title)
"""

from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.plain_values import plain
from strangler_codemods.rule import call, rewrites
from strangler_codemods.types import Plain


@rewrites(call("django.utils.text.slugify"))
def rewrite(operation: Operation) -> Typed:
    arguments = operation.take("value", "allow_unicode")
    texts = [code_of(plain(operation.body, arguments["value"]))]
    if "allow_unicode" in arguments:
        flag = code_of(plain(operation.body, arguments["allow_unicode"]))
        texts.append(f"allow_unicode={flag}")
    function = operation.body.compat("texts", "slugify")
    return Typed(parse(f"{function}({', '.join(texts)})"), Plain("str"))
