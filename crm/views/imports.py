"""Imports on the page: upload, say what the columns mean, check, import, look, take back."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from crm.access import requires
from crm.forms.imports import MappingForm, UploadForm, mapping_form, read_mapping
from crm.imports.batches import receive, remember_mapping, saved_mapping, start, tables_of
from crm.imports.delimited import Delimited
from crm.imports.encodings import CHOICES as ENCODINGS
from crm.imports.guessing import guess, guess_kind
from crm.imports.mapping import Mapping, example_of
from crm.imports.problems import ImportFileError, shown
from crm.imports.rejections import cause_of, column_of, rejected_csv
from crm.imports.report import error_of
from crm.imports.tables import FileTable, preview
from crm.imports.undo import undo_batch
from crm.models import ImportBatch, ImportKind, ImportState, User
from crm.paging import page_of

TONES = {
    ImportState.UPLOADED: "secondary",
    ImportState.QUEUED: "secondary",
    ImportState.RUNNING: "blue",
    ImportState.CHECKED: "azure",
    ImportState.DONE: "green",
    ImportState.FAILED: "red",
    ImportState.UNDONE: "yellow",
}
WAITING = (ImportState.QUEUED, ImportState.RUNNING)
MAPPABLE = (ImportState.UPLOADED, ImportState.CHECKED, ImportState.FAILED)
SHOWN_REJECTIONS = 20
# Fields shown unfolded although no column was found for them.
USUAL = {"external_id", "number", "code", "name", "unit_price", "net_amount", "product", "currency", "cost"}


@dataclass(frozen=True)
class ShownBatch:
    batch: ImportBatch

    @property
    def tone(self) -> str:
        return TONES[ImportState(self.batch.state)]

    @property
    def error(self) -> str:
        return error_of(self.batch)

    @property
    def result(self) -> dict[str, Any]:
        """The summary with amounts as numbers again."""
        found = dict(self.batch.summary.get("result", {}))
        for name in ("net_sales", "gross_profit", "discount"):
            if found.get(name) is not None:
                found[name] = Decimal(found[name])
        return found


@require_safe
@requires("import")
def import_list(request: HttpRequest) -> HttpResponse:
    page = page_of(ImportBatch.objects.select_related("created_by").order_by("-pk"), request.GET.get("page"))
    return render(
        request, "crm/imports/list.html", {"page": page, "batches": [ShownBatch(batch) for batch in page]}
    )


@require_http_methods(["GET", "POST"])
@requires("import")
def import_create(request: HttpRequest) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        batch, _new = receive(
            user=_user(request),
            main=(data["file"].name, data["file"]),
            lookups=[(upload.name, upload) for upload in data["lookups"]],
            kind=data["kind"],
            source=data["source"],
            key=data["key"],
        )
        return redirect("crm:import-detail", batch.pk)
    return render(request, "crm/imports/new.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@requires("import")
def import_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The step the batch is at; for htmx only the progress, and a fresh page when it is over."""
    batch = get_object_or_404(ImportBatch.objects.select_related("created_by"), pk=pk)
    if request.headers.get("HX-Request") and "mapping" not in request.GET:
        if batch.state not in WAITING:
            return HttpResponseClientRefresh()
        return render(request, "crm/imports/_progress.html", {"batch": batch, "shown": ShownBatch(batch)})
    if batch.state == ImportState.UPLOADED or (
        batch.state in MAPPABLE and batch.file and "mapping" in request.GET
    ):
        return _mapping_page(request, batch)
    return render(request, "crm/imports/detail.html", _detail_context(batch))


def _detail_context(batch: ImportBatch) -> dict[str, Any]:
    entries = batch.rejections.order_by("row_number", "pk")[:SHOWN_REJECTIONS]
    return {
        "batch": batch,
        "shown": ShownBatch(batch),
        "rejections": [
            {
                "row": entry.row_number,
                "column": column_of(batch, entry),
                "value": shown(entry.value)[:80],
                "cause": cause_of(entry),
            }
            for entry in entries
        ],
        "more_rejections": max(0, batch.rows_rejected - SHOWN_REJECTIONS),
        "running": batch.state in WAITING,
    }


# What the columns mean


def _mapping_page(
    request: HttpRequest, batch: ImportBatch, form: MappingForm | None = None, problem: str = ""
) -> HttpResponse:
    try:
        if form is None:
            main, lookups = tables_of(batch, _reading(request, batch))
            mapping = _mapping_for(batch, main, lookups, request.GET.get("kind", ""))
            if isinstance(main.content, Delimited) and request.GET.get("encoding") == main.encoding:
                mapping.options["encoding"] = main.encoding
            form = _form(None, batch, main, lookups, mapping)
    except ImportFileError as error:
        context = {"batch": batch, "problem": str(error), "encodings": ENCODINGS}
        return render(request, "crm/imports/unreadable.html", context)
    context = {
        "batch": batch,
        "shown": ShownBatch(batch),
        "form": form,
        "problem": problem,
        "mapping": form.mapping,
        "kinds": ImportKind.choices,
        "header": form.main.header,
        "preview": preview(form.main),
        "encoding": form.main.encoding,
        "rows": _rows(form),
        "joins": [
            {
                "file": form.file_names.get(name, name),
                "key": form[f"lookup_{n}_key"],
                "match": form[f"lookup_{n}_match"],
            }
            for n, name in enumerate(form.tables)
        ],
        "options": [form[name] for name in form.fields if name.startswith("option_")]
        + [form["update_existing"]],
        "missing": form.mapping.missing(),
    }
    return render(request, "crm/imports/mapping.html", context, status=422 if problem or form.errors else 200)


def _reading(request: HttpRequest, batch: ImportBatch) -> Mapping | None:
    """How to read the file: as a person says now, as its mapping says, or as is found out."""
    encoding = request.GET.get("encoding", "")
    if encoding in ENCODINGS:
        return Mapping(kind=batch.kind, options={"encoding": encoding})
    return Mapping.kept(batch.mapping) if batch.mapping else None


def _rows(form: MappingForm) -> list[dict[str, Any]]:
    """Field by field: the select and what stands in the chosen column. Rare fields nobody chose stay folded."""
    rows = []
    for target in form.targets:
        chosen = form.mapping.columns.get(target.name, "")
        usual = target.required or target.name in USUAL | form.mapping.mapped
        entry = {
            "field": form[f"field_{target.name}"],
            "required": target.required,
            "usual": usual,
            "example": example_of(chosen, form.main, form.tables)[:60] if chosen else "",
        }
        if target.name == "external_id" and "external_id_and" in form.fields:
            entry["second"] = form["external_id_and"]
        rows.append(entry)
    return rows


def _mapping_for(batch: ImportBatch, main: FileTable, lookups: dict[str, FileTable], kind: str) -> Mapping:
    """The batch's own mapping, the one kept for this header, or a guess."""
    if kind not in ImportKind.values:
        kind = ""
    if batch.mapping and (not kind or batch.mapping["kind"] == kind):
        return Mapping.kept(batch.mapping)
    kept = saved_mapping(main, kind or batch.kind)
    if kept is not None:
        mapping = Mapping.kept(kept.definition)
        try:
            mapping.check(main, lookups)
        except ImportFileError:
            pass  # made with lookup files that are not here this time
        else:
            return mapping
    return guess(kind or batch.kind or guess_kind(main, lookups) or ImportKind.TRADE_LINES, main, lookups)


def _form(
    data: Any, batch: ImportBatch, main: FileTable, lookups: dict[str, FileTable], mapping: Mapping
) -> MappingForm:
    files = {entry["name"]: entry["filename"] for entry in batch.summary.get("lookups", [])}
    return mapping_form(
        data, main=main, lookups=lookups, file_names=files, mapping=mapping, update=batch.update_existing
    )


@require_POST
@requires("import")
def import_start(request: HttpRequest, pk: int) -> HttpResponse:
    """Check or import with the mapping of the form; a batch that runs already is just shown."""
    batch = get_object_or_404(ImportBatch, pk=pk)
    if batch.state not in MAPPABLE or not batch.file:
        return redirect("crm:import-detail", batch.pk)
    dry_run = request.POST.get("action") != "import"
    asked = request.POST.get("kind", "")
    kind = asked if asked in ImportKind.values else ImportKind.TRADE_LINES
    chosen = {name: request.POST.get(f"option_{name}", "") for name in ("encoding", "sheet")}
    try:
        if "kind" not in request.POST:
            # From the result of a check: with the mapping that was checked, all of it.
            checked = Mapping.from_json(batch.mapping)
            start(batch, checked, dry_run=dry_run, update_existing=batch.update_existing)
            return redirect("crm:import-detail", batch.pk)
        main, lookups = tables_of(batch, Mapping(kind=kind, options=chosen))
        # Composed and constant choices are those of the mapping the page offered.
        form = _form(request.POST, batch, main, lookups, _mapping_for(batch, main, lookups, kind))
    except ImportFileError as error:
        messages.error(request, str(error))
        return redirect("crm:import-detail", batch.pk)
    if not form.is_valid():
        return _mapping_page(request, batch, form, _("Some choices do not fit this file."))
    try:
        mapping = read_mapping(form)
        mapping.check(main, lookups)
    except ImportFileError as error:
        return _mapping_page(request, batch, form, str(error))
    remember_mapping(mapping, main, _user(request))
    start(batch, mapping, dry_run=dry_run, update_existing=form.cleaned_data["update_existing"])
    return redirect("crm:import-detail", batch.pk)


# Afterwards


@require_safe
@requires("import")
def import_rejected(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    batch = get_object_or_404(ImportBatch, pk=pk)
    response = StreamingHttpResponse(
        rejected_csv(batch, get_language()), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="rejected-{batch.pk}.csv"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
@requires("import")
def import_undo(request: HttpRequest, pk: int) -> HttpResponse:
    batch = get_object_or_404(ImportBatch, pk=pk)
    try:
        batch = undo_batch(batch)
    except ImportFileError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The import has been undone."))
        kept = batch.summary.get("undo", {}).get("kept", 0)
        if kept:
            text = ngettext(
                "%(count)d record stays because it is in use meanwhile.",
                "%(count)d records stay because they are in use meanwhile.",
                kept,
            )
            messages.info(request, text % {"count": kept})
    return redirect("crm:import-detail", batch.pk)


def _user(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]
