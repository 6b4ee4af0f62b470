from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0003_fill_product_slug")]

    operations = [
        migrations.AlterField(
            model_name="product",
            name="slug",
            field=models.SlugField(editable=False, max_length=220, unique=True),
        ),
    ]
