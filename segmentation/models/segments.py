"""Segments: groups of accounts by rule or found from behaviour, and who belonged to them when."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm.models import Account, Run
from crm.models.naming import in_readers_language
from crm.models.runs import UNCHECKED


class SegmentPurpose(models.TextChoices):
    STRATEGIC = "strategic", _("Strategic")
    MARKETING = "marketing", _("Marketing")


class Clustering(models.Model):
    """One search for groups in the behaviour of all customers: what went in, what was tried, what came out."""

    as_of = models.DateField(_("as of"))
    # Features with their scaling, silhouette per number of clusters, centres: everything to assign anew.
    model = models.JSONField(default=dict)
    reason = models.CharField(_("reason"), max_length=255, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    # The one whose groups are the segments in use.
    active = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("clustering")
        verbose_name_plural = _("clusterings")
        constraints = [
            models.UniqueConstraint(fields=["active"], condition=Q(active=True), name="one_active_clustering")
        ]

    def __str__(self) -> str:
        return f"{self.as_of}"


class Segment(models.Model):
    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("Chinese name"), max_length=120, blank=True)
    purpose = models.CharField(
        _("purpose"), max_length=10, choices=SegmentPurpose, default=SegmentPurpose.MARKETING
    )
    # A tree of conditions on indicators and fields; empty for a group of a clustering.
    rule = models.JSONField(_("rule"), default=dict, blank=True)
    clustering = models.ForeignKey(
        Clustering, on_delete=models.CASCADE, null=True, blank=True, related_name="segments"
    )
    cluster = models.SmallIntegerField(null=True, blank=True)
    note = models.TextField(_("note"), blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        constraints = [
            models.UniqueConstraint(fields=["clustering", "cluster"], name="segment_of_cluster_once"),
        ]

    def __str__(self) -> str:
        return in_readers_language(self.name, chinese=self.name_zh)


class SegmentMembership(models.Model):
    """That an account belonged to a segment from one run's date until, and without, another's."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="memberships", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("until"), null=True, blank=True)
    run = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True, related_name="+", **UNCHECKED)

    class Meta:
        verbose_name = _("membership in a segment")
        verbose_name_plural = _("memberships in segments")
        constraints = [
            models.UniqueConstraint(
                fields=["segment", "account", "valid_from"], name="segment_membership_starts_once"
            ),
            models.UniqueConstraint(
                fields=["segment", "account"],
                condition=Q(valid_to__isnull=True),
                name="segment_membership_one_current",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="segment_membership_not_empty",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} in {self.segment_id}"


class StagedMembership(models.Model):
    """Who belongs where by a run that is not published yet (an unlogged table: a crash empties it)."""

    pk = models.CompositePrimaryKey("run_id", "account_id", "segment_id")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="+", **UNCHECKED)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", **UNCHECKED)
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="+", **UNCHECKED)

    class Meta:
        verbose_name = _("staged membership in a segment")
        verbose_name_plural = _("staged memberships in segments")
