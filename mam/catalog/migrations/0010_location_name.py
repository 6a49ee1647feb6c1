import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("catalog", "0009_growing"),
    ]

    operations = [
        migrations.AddField(
            model_name="location",
            name="name",
            field=models.TextField(default=""),
        ),
        migrations.RunSQL(
            "UPDATE catalog_location SET name = regexp_replace(shown_path, '^.*/', '')",
            migrations.RunSQL.noop,
        ),
        migrations.AddIndex(
            model_name="location",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["name"], name="location_name_trigram", opclasses=["gin_trgm_ops"]
            ),
        ),
    ]
