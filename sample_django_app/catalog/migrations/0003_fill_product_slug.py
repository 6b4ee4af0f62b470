from django.db import migrations
from django.utils.text import slugify


def fill_slugs(apps, schema_editor):
    """Give every product, deleted ones included, a slug made from its name."""
    products = apps.get_model("catalog", "Product")._base_manager.using(
        schema_editor.connection.alias
    )
    taken = set()
    for product in products.filter(slug=None).order_by("pk").only("pk", "name").iterator():
        base = slugify(product.name)[:200] or "product"
        slug, number = base, 2
        while slug in taken:
            slug, number = f"{base}-{number}", number + 1
        taken.add(slug)
        products.filter(pk=product.pk).update(slug=slug)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_product_slug")]

    operations = [migrations.RunPython(fill_slugs, migrations.RunPython.noop, elidable=True)]
