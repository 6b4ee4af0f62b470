from decimal import Decimal

from catalog.models import Category, DigitalProduct, Product, StockMovement, Tag
from django.utils.text import slugify

from . import words


def make_categories():
    leaves = []
    for position, (name, children) in enumerate(words.CATEGORIES.items()):
        root = Category.objects.create(name=name, slug=slugify(name), position=position)
        for number, child in enumerate(children):
            slug = slugify(f"{name} {child}")
            leaves.append(Category(name=child, slug=slug, parent=root, position=number))
    return Category.objects.bulk_create(leaves)


def make_tags():
    return Tag.objects.bulk_create(Tag(name=name.title(), slug=name) for name in words.TAGS)


def describe(rng, clock, number, categories):
    """Return the fields of one product."""
    name = f"{rng.choice(words.ADJECTIVES)} {rng.choice(words.NOUNS)} {number}"
    status = rng.choices(Product.Status.values, weights=[10, 80, 10])[0]
    return {
        "name": name,
        "slug": slugify(name),
        "sku": f"{rng.choice(['KIT', 'GA', 'OFFI', 'SPO'])}-{number:05d}",
        "description": f"{name}, made of {rng.choice(words.MATERIALS)}." * rng.choice([0, 1, 2]),
        "category": rng.choice(categories),
        "price": Decimal(rng.randrange(99, 50_000)) / 100,
        "stock": rng.choice([0, 1, 5, 20, 100, 500]),
        "status": status,
        "attributes": {
            "colour": rng.choice(words.COLOURS),
            "size": {"width": rng.randrange(1, 200), "height": rng.randrange(1, 200)},
        },
        "weight_kg": round(rng.uniform(0.05, 40), 3) if rng.random() < 0.8 else None,
        "released_on": clock.before(days=2000).date() if rng.random() < 0.7 else None,
    }


def make_products(rng, clock, count, categories, tags):
    """Make ``count`` products, one in fifty of them a download and one in fifty deleted."""
    digital_count = count // 50
    products = [
        Product(**describe(rng, clock, number, categories))
        for number in range(1, count - digital_count + 1)
    ]
    for product in products[::50]:
        product.deleted_at = clock.before(days=30)
    Product.all_objects.bulk_create(products)
    for number in range(count - digital_count + 1, count + 1):
        file_format = rng.choice(DigitalProduct.FileFormat.values)
        fields = describe(rng, clock, number, categories)
        products.append(
            DigitalProduct.objects.create(
                **fields,
                file_format=file_format,
                file_size=rng.randrange(10**5, 10**9),
                download_url=f"https://downloads.shop.example/{fields['slug']}.{file_format}",
                license_days=rng.choice([None, 30, 365]),
            )
        )
    clock.date(Product, products, lambda product: clock.before(days=500))
    link = Product.tags.through
    link.objects.bulk_create(
        link(product_id=product.pk, tag=tag)
        for product in products
        for tag in sorted(rng.sample(tags, rng.randrange(4)), key=lambda tag: tag.pk)
    )
    return products


def make_movements(rng, clock, products, staff):
    movements = [
        StockMovement(
            product_id=product.pk,
            quantity=product.stock,
            reason=StockMovement.Reason.RESTOCK,
            created_by=rng.choice(staff),
        )
        for product in products
        if product.stock
    ]
    StockMovement.objects.bulk_create(movements)
    clock.date(StockMovement, movements, lambda movement: clock.before(days=200))
