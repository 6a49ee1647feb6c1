"""The tables of the message queue, which dramatiq-postgres keeps in a schema of its own."""

import dramatiq_postgres
from django.db import migrations


def make(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        dramatiq_postgres.init(cursor)


def drop(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS dramatiq CASCADE")


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0001_initial")]
    operations = [migrations.RunPython(make, drop, elidable=False)]
