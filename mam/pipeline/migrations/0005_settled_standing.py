from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("pipeline", "0004_watched_folders"),
    ]

    operations = [
        migrations.AddField(
            model_name="settled",
            name="status",
            field=models.CharField(blank=True, default="", max_length=16),
        ),
        migrations.AddField(
            model_name="settled",
            name="states",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="settled",
            name="online",
            field=models.BooleanField(default=False),
        ),
    ]
