from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("catalog", "0008_location_paths"),
    ]

    operations = [
        migrations.AlterField(
            model_name="asset",
            name="content_hash",
            field=models.CharField(max_length=64, null=True, unique=True),
        ),
        migrations.AlterField(
            model_name="location",
            name="state",
            field=models.CharField(
                choices=[
                    ("online", "Online"),
                    ("missing", "Missing"),
                    ("replaced", "Replaced"),
                    ("growing", "Growing"),
                ],
                default="online",
                max_length=8,
            ),
        ),
        migrations.AddConstraint(
            model_name="location",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "growing")),
                fields=("path",),
                name="location_path_growing",
            ),
        ),
    ]
