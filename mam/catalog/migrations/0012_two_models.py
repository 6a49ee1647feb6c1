"""What two models make of the same stands side by side, one of them serves; and what shots mean is
told apart from their words. No vector is written anew: its analysis keeps it, under another name."""

import django.db.models.deletion
from django.db import migrations, models

# What was kept under "descriptions" held texts and vectors. The row stays with the vectors, which
# an index stands over; the texts move to a new one.
MOVED = (
    """
    UPDATE catalog_analysis a SET model = made.model
    FROM (SELECT DISTINCT ON (e.analysis_id) e.analysis_id, s.model
          FROM catalog_embedding e JOIN catalog_space s ON s.id = e.space_id
          WHERE s.name IN ('image-text', 'sentence')) made
    WHERE made.analysis_id = a.id
     AND a.step IN ('image_text', 'first_vectors', 'descriptions', 'first_words')
    """,
    # Of no model, as they found nothing: soon found out again.
    "DELETE FROM catalog_analysis WHERE step IN ('image_text', 'first_vectors') AND model = ''",
    """
    UPDATE catalog_analysis
    SET step = CASE step WHEN 'descriptions' THEN 'meanings' ELSE 'first_meanings' END
    WHERE step IN ('descriptions', 'first_words') AND model <> ''
    """,
    """
    INSERT INTO catalog_analysis
     (asset_id, step, model, version, inputs, note, damage, found, created_at)
    SELECT asset_id, CASE step WHEN 'meanings' THEN 'descriptions' ELSE 'first_words' END, '',
     version, inputs, note, damage, found, created_at
    FROM catalog_analysis WHERE step IN ('meanings', 'first_meanings')
    """,
    """
    UPDATE catalog_description d SET analysis_id = words.id
    FROM catalog_analysis meant JOIN catalog_analysis words ON words.asset_id = meant.asset_id
     AND (meant.step, words.step) IN
      (('meanings', 'descriptions'), ('first_meanings', 'first_words'))
    WHERE d.analysis_id = meant.id
    """,
    """
    UPDATE catalog_analysis meant
    SET version = 1, inputs = jsonb_build_object(words.step, words.id), found = NULL
    FROM catalog_analysis words WHERE words.asset_id = meant.asset_id
     AND (meant.step, words.step) IN
      (('meanings', 'descriptions'), ('first_meanings', 'first_words'))
    """,
    """
    INSERT INTO catalog_serving (name, space_id, since)
    SELECT DISTINCT ON (s.name) s.name, s.id, now() FROM catalog_space s
    ORDER BY s.name,
     (SELECT count(*) FROM catalog_embedding e WHERE e.space_id = s.id) DESC, s.id DESC
    """,
)


class Migration(migrations.Migration):

    dependencies = [
        ("catalog", "0011_location_unused_index"),
    ]

    operations = [
        migrations.AddField(
            model_name="analysis",
            name="model",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.RemoveConstraint(model_name="analysis", name="analysis_asset_step"),
        migrations.AddConstraint(
            model_name="analysis",
            constraint=models.UniqueConstraint(
                fields=("asset", "step", "model"), name="analysis_asset_step"
            ),
        ),
        migrations.CreateModel(
            name="Serving",
            fields=[
                ("name", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("since", models.DateTimeField(auto_now=True)),
                (
                    "space",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.space",
                    ),
                ),
            ],
        ),
        migrations.RunSQL(list(MOVED)),
    ]
