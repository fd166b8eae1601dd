"""Visits and opportunities that are there already get their search lines, and all names their dictionary."""

from django.db import migrations


def fill(apps, schema_editor):
    from crm.search.refill import refill

    with schema_editor.connection.cursor() as cursor:
        refill(cursor)


class Migration(migrations.Migration):

    dependencies = [
        ('crm', '0018_search_forms'),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
