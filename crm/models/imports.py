"""Imports from ERP files: what came in, what was refused, and how to take it back."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportKind(models.TextChoices):
    TRADE_LINES = "trade_lines", _("Trade lines")
    ACCOUNTS = "accounts", _("Accounts")
    PRODUCTS = "products", _("Products")
    CONTACTS = "contacts", _("Contacts")
    EXCHANGE_RATES = "exchange_rates", _("Exchange rates")


class ImportState(models.TextChoices):
    UPLOADED = "uploaded", _("Uploaded")
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    CHECKED = "checked", _("Checked (dry run)")
    DONE = "done", _("Imported")
    FAILED = "failed", _("Failed")
    UNDONE = "undone", _("Undone")


class ImportMapping(models.Model):
    """Which column of a file means what. Guessed once, corrected by a person, found again by the file's header."""

    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=16, choices=ImportKind)
    # sha256 of the normalised header: the next file of the same shape finds its mapping by itself.
    header_fingerprint = models.CharField(max_length=64, blank=True, db_index=True)
    # {"columns": {"quantity": "OrderQuantity", ...}, "constants": {"currency": "USD"}, "options": {...}}
    definition = models.JSONField(_("definition"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("column mapping")
        verbose_name_plural = _("column mappings")
        constraints = [models.UniqueConstraint(fields=["kind", "name"], name="import_mapping_name_once")]

    def __str__(self) -> str:
        return self.name


class ImportBatch(models.Model):
    """One file (or one request) brought in, as a whole or not at all for each of its rows."""

    kind = models.CharField(_("kind"), max_length=16, choices=ImportKind)
    state = models.CharField(_("state"), max_length=12, choices=ImportState, default=ImportState.UPLOADED)
    source = models.CharField(_("source system"), max_length=40, default="import")
    filename = models.CharField(_("file"), max_length=255)
    file = models.FileField(upload_to="imports/%Y/%m/", blank=True)
    size = models.BigIntegerField(_("size"), default=0)
    encoding = models.CharField(_("encoding"), max_length=20, blank=True)
    mapping = models.JSONField(_("mapping"), default=dict)
    update_existing = models.BooleanField(_("update rows that exist already"), default=True)
    dry_run = models.BooleanField(_("dry run"), default=False)
    progress = models.PositiveSmallIntegerField(_("progress in per cent"), default=0)
    rows_read = models.BigIntegerField(_("rows read"), default=0)
    rows_created = models.BigIntegerField(_("created"), default=0)
    rows_updated = models.BigIntegerField(_("updated"), default=0)
    rows_unchanged = models.BigIntegerField(_("unchanged"), default=0)
    rows_rejected = models.BigIntegerField(_("rejected"), default=0)
    # Further counts and sums shown after a dry run (accounts to be created, net sales, first and last date ...).
    summary = models.JSONField(default=dict)
    error = models.TextField(_("error"), blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")

    def __str__(self) -> str:
        return f"{self.filename} ({self.get_state_display()})"


class ImportRejection(models.Model):
    """A row that was refused: where, what and why. One row may be refused for several columns."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="rejections")
    row_number = models.BigIntegerField(_("row"))
    column = models.CharField(_("column"), max_length=120)
    value = models.TextField(_("value"), blank=True)
    # A stable code with its parameters; the sentence is made in the reader's language.
    cause = models.CharField(_("cause"), max_length=40)
    parameters = models.JSONField(default=dict)
    # The row as it stood in the file, to be handed back.
    original = models.JSONField(default=list)

    class Meta:
        verbose_name = _("rejected row")
        verbose_name_plural = _("rejected rows")
        indexes = [models.Index(fields=["batch", "row_number"], name="import_rejection_row")]

    def __str__(self) -> str:
        return f"{self.row_number}/{self.column}: {self.cause}"


class ImportReplacement(models.Model):
    """A row as it was before a batch changed it, so that the batch can be undone."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="replacements")
    table = models.CharField(max_length=63)
    row_id = models.BigIntegerField()
    before = models.JSONField()

    class Meta:
        verbose_name = _("replaced row")
        verbose_name_plural = _("replaced rows")
        indexes = [models.Index(fields=["batch", "table"], name="import_replacement_table")]

    def __str__(self) -> str:
        return f"{self.table} {self.row_id}"
