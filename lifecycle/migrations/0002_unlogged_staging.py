from django.db import migrations


class Migration(migrations.Migration):
    """Staged figures need no write-ahead log: after a crash the run is redone anyway."""

    dependencies = [("lifecycle", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE lifecycle_stagedlifecycle SET UNLOGGED",
            "ALTER TABLE lifecycle_stagedlifecycle SET LOGGED",
        )
    ]
