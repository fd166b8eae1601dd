"""Key figures of a month by everything one sums by. The table was empty so far: it is made anew."""

from django.conf import settings
from django.db import migrations, models
from django.db.models.deletion import DO_NOTHING, PROTECT

UNCHECKED = {"db_constraint": False, "db_index": False, "related_name": "+"}


class Migration(migrations.Migration):
    dependencies = [
        ("segmentation", "0009_override_decision"),
        ("crm", "0019_search_lines"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.DeleteModel(name="KpiMonth"),
        migrations.CreateModel(
            name="KpiMonth",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month_end", models.DateField(verbose_name="month")),
                ("months", models.SmallIntegerField(verbose_name="months")),
                ("region", models.CharField(blank=True, max_length=80)),
                ("industry", models.CharField(blank=True, max_length=120)),
                ("grade", models.CharField(blank=True, max_length=20)),
                ("active_before", models.IntegerField()),
                ("active", models.IntegerField()),
                ("new", models.IntegerField()),
                ("lost", models.IntegerField()),
                ("reactivated", models.IntegerField()),
                ("graded_at_both_ends", models.IntegerField()),
                ("upgraded", models.IntegerField()),
                ("downgraded", models.IntegerField()),
                ("net_sales", models.DecimalField(decimal_places=2, max_digits=18)),
                ("gross_profit", models.DecimalField(decimal_places=2, default=0, max_digits=18)),
                ("cost_to_serve", models.DecimalField(decimal_places=2, default=0, max_digits=18)),
                ("costed", models.IntegerField(default=0)),
                (
                    "owner",
                    models.ForeignKey(
                        null=True, on_delete=DO_NOTHING, to=settings.AUTH_USER_MODEL, **UNCHECKED
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(null=True, on_delete=DO_NOTHING, to="crm.territory", **UNCHECKED),
                ),
                ("run", models.ForeignKey(on_delete=PROTECT, to="crm.run", **UNCHECKED)),
            ],
            options={
                "verbose_name": "key figures of a month",
                "verbose_name_plural": "key figures of months",
                "indexes": [models.Index(fields=["months", "month_end"], name="kpi_month")],
            },
        ),
    ]
