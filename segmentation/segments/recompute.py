"""The segment step: who belongs to which segment, by rule and by behaviour, published with the night's figures."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _

from crm.copying import copy_columns
from crm.parameters import from_values
from crm.scoring.finance import FinanceParameters
from crm.steps import AccountRange, Context, Prepared, Publication, Step
from segmentation.models import Clustering, Segment, StagedMembership
from segmentation.scoring.clusters import ClusterModel
from segmentation.segments import rules
from segmentation.segments.fields import catalogue, known
from segmentation.segments.memberships import publish_memberships
from segmentation.segments.reading import members_of, of_run, read


class SegmentStep(Step):
    """A rule that cannot be used (a further field is gone) is left out: its members stay until it is mended."""

    slug = "segmentation.segments"
    title = _("Segments")
    staged = StagedMembership

    def prepare(self, cursor: Any, context: Context) -> Prepared:
        names = known(catalogue())
        usable = [
            {"segment": segment.pk, "rule": segment.rule}
            for segment in Segment.objects.filter(clustering=None, archived_at=None).order_by("pk")
            if not rules.problems(rules.node_of(segment.rule), names)
        ]
        return Prepared({"rules": usable, **active_groups()})

    def compute(self, cursor: Any, context: Context, accounts: AccountRange) -> int:
        values = context.prepared[self.slug].parameters
        fields = catalogue()
        names = known(fields)
        # A field may have gone since the run began.
        by_rule = [
            (one["segment"], node)
            for one in values["rules"]
            if not rules.problems(node := rules.node_of(one["rule"]), names)
        ]
        model = ClusterModel.from_dict(values["model"]) if values["model"] else None
        by_cluster = {int(cluster): segment for cluster, segment in values["groups"].items()}
        if not by_rule and model is None:
            return 0
        found = read(
            cursor,
            of_run(context.run_id, context.as_of),
            [node for _segment, node in by_rule],
            fields,
            from_values(FinanceParameters, context.prepared["crm.facts"].parameters),
            accounts,
            behaviour=model is not None,
        )
        account_id, segment_id = members_of(found, by_rule, fields, by_cluster, model)
        columns = {
            "run_id": np.full(len(account_id), context.run_id),
            "account_id": account_id,
            "segment_id": segment_id,
        }
        return copy_columns(cursor, self.staged._meta.db_table, list(columns), list(columns.values()))

    def publish(self, cursor: Any, publication: Publication) -> None:
        values = publication.context.prepared[self.slug].parameters
        segments = [one["segment"] for one in values["rules"]] + list(values["groups"].values())
        # Those that were archived or given another rule while the run computed are not this run's to say.
        standing = Segment.objects.filter(pk__in=segments, archived_at=None)
        rules_now = {segment.pk: segment.rule for segment in standing.filter(clustering=None)}
        groups = {segment.pk for segment in standing.exclude(clustering=None)}
        held = [one["segment"] for one in values["rules"] if rules_now.get(one["segment"]) == one["rule"]]
        if active_groups()["model"] == values["model"]:
            held += [segment for segment in values["groups"].values() if segment in groups]
        publish_memberships(
            cursor,
            segments=held,
            members=f"SELECT segment_id, account_id FROM segmentation_stagedmembership"  # noqa: S608
            f" WHERE run_id = {publication.run_id:d}",
            covered=f"SELECT account_id FROM crm_stagedaccountfacts WHERE run_id = {publication.run_id:d}",  # noqa: S608
            as_of=publication.as_of,
            next_as_of=publication.next_as_of,
            run_id=publication.run_id,
        )


def active_groups() -> dict[str, Any]:
    """The model of the clustering in use and its groups' segments, as JSON."""
    clustering = Clustering.objects.filter(active=True).first()
    if clustering is None:
        return {"model": None, "groups": {}}
    groups = clustering.segments.filter(archived_at=None).values_list("cluster", "pk")
    return {"model": clustering.model["model"], "groups": {str(cluster): pk for cluster, pk in groups}}
