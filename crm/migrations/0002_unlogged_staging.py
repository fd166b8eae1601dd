from django.db import migrations


class Migration(migrations.Migration):
    """Staged figures need no write-ahead log: after a crash the run is redone anyway."""

    dependencies = [("crm", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE crm_stagedaccountfacts SET UNLOGGED",
            "ALTER TABLE crm_stagedaccountfacts SET LOGGED",
        )
    ]
