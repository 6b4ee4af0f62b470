"""A FilterSet becomes compat's, filter by filter; its methods work on statements.

Before: class ProductFilter(django_filters.FilterSet): min_price = NumberFilter(field_name="price", lookup_expr="gte")
After:  class ProductFilter(FilterSet): min_price = NumberFilter("price", lookup="gte")
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler_codemods.filtersets import write_filterset
from strangler_codemods.rule import declaration, rewrites

if TYPE_CHECKING:
    from strangler.facts import Endpoint, FilterSet
    from strangler_codemods.body import Import
    from strangler_codemods.listing import Listing


@rewrites(declaration("filter set"))
def rewrite(listing: Listing, facts: FilterSet, endpoint: Endpoint, label: str) -> Import:
    return write_filterset(listing.world, listing.tree, facts, endpoint, label)
