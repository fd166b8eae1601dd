"""Writes: segments by rule, clusterings that are asked for, run and adopted, members assigned at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from crm.copying import copy_columns
from crm.models import Run, User
from crm.runs import announce
from crm.snapshots import shown_run
from segmentation.models import Clustering, Segment, SegmentPurpose
from segmentation.scoring import clusters
from segmentation.scoring.clusters import ClusterModel, TooFewCustomers
from segmentation.segments import rules
from segmentation.segments.fields import catalogue, known
from segmentation.segments.memberships import publish_memberships
from segmentation.segments.reading import current, finance_of, members_of, read
from segmentation.segments.recompute import active_groups
from segmentation.segments.rules import Node, RuleProblem

CLUSTER_TASK = "segmentation.find_clusters"
QUEUED, DONE, FAILED = "queued", "done", "failed"


class InvalidRule(ValueError):  # noqa: N818 - reads as a sentence where it is raised
    def __init__(self, problems: Sequence[RuleProblem]) -> None:
        super().__init__(", ".join(problem.code for problem in problems))
        self.problems = list(problems)


class AlreadyAdopted(ValueError):  # noqa: N818
    """The clustering is in use already, or has nothing to adopt."""


@transaction.atomic
def save_segment(segment: Segment, *, rule: Node, user: User | None) -> Segment:
    """Keep a segment by rule and its members as of the figures on show. InvalidRule names what is wrong."""
    if found := rules.problems(rule, known(catalogue())):
        raise InvalidRule(found)
    segment.rule = rule.to_dict()
    if segment.author_id is None:
        segment.author = user
    segment.save()
    assign_now([segment])
    return segment


@transaction.atomic
def archive_segment(segment: Segment, *, archived: bool) -> None:
    """Out of use: its members leave it on the date of the figures on show. Back in use: they are found anew."""
    segment.archived_at = timezone.now() if archived else None
    segment.save(update_fields=["archived_at", "updated_at"])
    if archived:
        _empty([segment.pk])
    else:
        assign_now([segment])


def _empty(segments: Sequence[int]) -> None:
    run = shown_run()
    if run is None:
        return
    with connection.cursor() as cursor:
        publish_memberships(
            cursor,
            segments=segments,
            members="SELECT 0::bigint AS segment_id, 0::bigint AS account_id WHERE false",
            covered="SELECT id FROM crm_account",
            as_of=run.as_of,
            next_as_of=None,
            run_id=run.pk,
        )


@transaction.atomic
def assign_now(segments: Sequence[Segment]) -> int:
    """Members by the figures on show, without waiting for the night; nothing happens before the first run."""
    run = shown_run()
    if run is None:
        return 0
    fields = catalogue()
    names = known(fields)
    by_rule = [
        (segment.pk, node)
        for segment in segments
        if segment.clustering_id is None and not rules.problems(node := rules.node_of(segment.rule), names)
    ]
    wanted = {segment.pk for segment in segments if segment.clustering_id is not None}
    active = active_groups() if wanted else {"model": None, "groups": {}}
    by_cluster = {int(cluster): pk for cluster, pk in active["groups"].items() if pk in wanted}
    model = ClusterModel.from_dict(active["model"]) if by_cluster else None
    with connection.cursor() as cursor:
        found = read(
            cursor,
            current(run),
            [node for _pk, node in by_rule],
            fields,
            finance_of(run),
            behaviour=model is not None,
        )
        account_id, segment_id = members_of(found, by_rule, fields, by_cluster, model)
        cursor.execute(
            "CREATE TEMPORARY TABLE _assigned (account_id bigint, segment_id bigint) ON COMMIT DROP"
        )
        copy_columns(cursor, "_assigned", ["account_id", "segment_id"], [account_id, segment_id])
        changed = publish_memberships(
            cursor,
            segments=[*(pk for pk, _node in by_rule), *by_cluster.values()],
            members="SELECT segment_id, account_id FROM _assigned",
            covered="SELECT account_id FROM crm_accountfacts",
            as_of=run.as_of,
            next_as_of=None,
            run_id=run.pk,
        )
        cursor.execute("DROP TABLE _assigned")
    return changed


def request_clustering(*, run: Run, reason: str, purpose: str, user: User) -> Clustering:
    """A search for groups as of a run's date, done by a worker."""
    clustering = Clustering.objects.create(
        as_of=run.as_of, reason=reason, author=user, model={"state": QUEUED, "purpose": purpose}
    )
    transaction.on_commit(lambda: announce(CLUSTER_TASK, clustering.pk))
    return clustering


def waiting_clusterings() -> list[int]:
    waiting = Clustering.objects.filter(model__state=QUEUED).order_by("pk")
    return list(waiting.values_list("pk", flat=True))


def run_clustering(clustering_id: int) -> bool:
    """Find the groups that somebody asked for. Safe to run twice: one that is done is left alone."""
    with transaction.atomic():
        clustering = Clustering.objects.select_for_update().filter(pk=clustering_id).first()
        run = shown_run()
        if clustering is None or clustering.model.get("state") != QUEUED or run is None:
            return False
        clustering.as_of = run.as_of
        try:
            found = find_groups(run)
        except TooFewCustomers as error:
            clustering.model |= {"state": FAILED, "customers": int(error.args[0])}
        else:
            clustering.model |= {"state": DONE, **found}
        clustering.save(update_fields=["model", "as_of"])
    return True


def find_groups(run: Run) -> dict[str, Any]:
    """The model with its proposals and what it was matched with, as JSON."""
    with connection.cursor() as cursor:
        everybody = read(cursor, current(run), [], {}, finance_of(run), behaviour=True)
    behaviour = everybody.behaviour[everybody.customer]
    model = clusters.find(behaviour)
    label = clusters.assign(model, behaviour)
    money = np.nan_to_num(behaviour[:, model.codes.index("monetary")])
    return {
        "model": model.to_dict(),
        "sizes": np.bincount(label, minlength=model.k).tolist(),
        "sales": np.bincount(label, weights=money, minlength=model.k).tolist(),
        "medians": [_medians(behaviour[label == k]) for k in range(model.k)],
        "all_medians": _medians(behaviour),
        "names": [list(name) for name in clusters.proposed_names(model)],
    }


def _medians(values: np.ndarray[Any, Any]) -> list[float | None]:
    """Per variable; None where it is known of nobody."""
    columns = (column[~np.isnan(column)] for column in values.T)
    return [float(np.median(column)) if len(column) else None for column in columns]


def continued(clustering: Clustering) -> dict[int, Segment]:
    """New group -> the segment in use that it continues."""
    active = Clustering.objects.filter(active=True).exclude(pk=clustering.pk).first()
    if active is None or clustering.model.get("state") != DONE:
        return {}
    pairs = clusters.match(
        ClusterModel.from_dict(active.model["model"]), ClusterModel.from_dict(clustering.model["model"])
    )
    old = {segment.cluster: segment for segment in active.segments.filter(archived_at=None)}
    return {new: old[before] for new, before in pairs.items() if before in old}


@transaction.atomic
def adopt(clustering: Clustering, *, names: Mapping[int, tuple[str, str]], user: User) -> list[Segment]:
    """Use these groups: matched ones keep segment and history, others begin; what has no successor is archived."""
    clustering = Clustering.objects.select_for_update().get(pk=clustering.pk)
    if clustering.active or clustering.model.get("state") != DONE:
        raise AlreadyAdopted
    stays = continued(clustering)
    old = Clustering.objects.select_for_update().filter(active=True).first()
    if old is not None:
        kept = {segment.pk for segment in stays.values()}
        gone = [segment.pk for segment in old.segments.filter(archived_at=None) if segment.pk not in kept]
        Segment.objects.filter(pk__in=gone).update(archived_at=timezone.now())
        _empty(gone)
        old.active = False
        old.save(update_fields=["active"])
    clustering.active = True
    clustering.save(update_fields=["active"])
    adopted = []
    for group, (english, chinese) in enumerate(clustering.model["names"]):
        # One that goes on keeps its name unless somebody gives it another.
        segment = stays.get(group) or Segment(
            name=english,
            name_zh=chinese,
            author=user,
            purpose=clustering.model.get("purpose", SegmentPurpose.MARKETING),
        )
        segment.clustering, segment.cluster = clustering, group
        segment.name, segment.name_zh = names.get(group, (segment.name, segment.name_zh))
        segment.save()
        adopted.append(segment)
    assign_now(adopted)
    return adopted
