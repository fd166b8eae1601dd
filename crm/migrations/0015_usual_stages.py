"""A new installation starts with the usual stages of industrial sales; administrators change them."""

from django.db import migrations

from crm.pipeline.usual import USUAL_STAGES


def add_stages(apps, schema_editor):
    stages = apps.get_model("crm", "PipelineStage")
    criteria = apps.get_model("crm", "ExitCriterion")
    if stages.objects.exists():
        return
    for order, usual in enumerate(USUAL_STAGES, start=1):
        stage = stages.objects.create(
            name=usual.name, name_zh=usual.name_zh, order=order, probability=usual.probability
        )
        criteria.objects.bulk_create(
            criteria(stage=stage, text=text, text_zh=text_zh, order=place)
            for place, (text, text_zh) in enumerate(usual.criteria)
        )


class Migration(migrations.Migration):

    dependencies = [
        ('crm', '0014_opportunity_search_and_unmet'),
    ]

    operations = [
        migrations.RunPython(add_stages, migrations.RunPython.noop),
    ]
