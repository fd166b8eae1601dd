from django.db import migrations


class Migration(migrations.Migration):
    """Staged figures need no write-ahead log: after a crash the run is redone anyway."""

    dependencies = [("segmentation", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE segmentation_stagedgrade SET UNLOGGED",
            "ALTER TABLE segmentation_stagedgrade SET LOGGED",
        )
    ]
