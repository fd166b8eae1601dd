from django.db import migrations


class Migration(migrations.Migration):
    """Staged figures need no write-ahead log: after a crash the run is redone anyway."""

    dependencies = [("satisfaction", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE satisfaction_stagedsatisfaction SET UNLOGGED",
            "ALTER TABLE satisfaction_stagedsatisfaction SET LOGGED",
        )
    ]
