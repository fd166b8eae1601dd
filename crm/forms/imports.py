"""Upload a file; say which column means what."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm.forms.base import StyledForm
from crm.imports.encodings import CHOICES as ENCODINGS
from crm.imports.fields import Field, fields_of
from crm.imports.mapping import LINE_CONTENT, Lookup, Mapping, from_toml
from crm.imports.problems import ImportFileError
from crm.imports.tables import FileTable
from crm.models import ImportKind

FIXED = "fixed:"
SOURCE_NAME = r"^[\w.\- ]+$"


class SeveralFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    widget = SeveralFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        single = super().clean
        return [single(item, initial) for item in data or []]


class UploadForm(StyledForm):
    file = forms.FileField(
        label=_("File"), help_text=_("CSV (also packed as .gz), XLSX or XLS; UTF-8 or GB18030.")
    )
    lookups = SeveralFilesField(
        label=_("Files to look up in"),
        required=False,
        help_text=_(
            "If the lines name an order and the order's date and customer stand in another file: that file."
        ),
    )
    kind = forms.ChoiceField(
        label=_("The file holds"), required=False, choices=[("", _("find out")), *ImportKind.choices]
    )
    source = forms.RegexField(
        SOURCE_NAME,
        label=_("Source system"),
        initial="erp",
        max_length=40,
        help_text=_("The system whose ids these are. Rows are found again by source and id."),
    )
    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("key", uuid.uuid4().hex)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        limit = settings.IMPORT_MAX_BYTES
        for upload in [data.get("file"), *data.get("lookups", [])]:
            if upload is not None and upload.size > limit:
                raise ValidationError(str(ImportFileError("too_large", limit=limit >> 20)))
        return data


class MappingForm(StyledForm):
    """One select for each field of the kind. A pasted mapping (TOML) counts before everything else."""

    targets: list[Field]

    update_existing = forms.BooleanField(
        label=_("Update rows that exist already"), required=False, initial=True
    )

    def __init__(
        self,
        *args: Any,
        main: FileTable,
        lookups: dict[str, FileTable],
        file_names: dict[str, str],
        mapping: Mapping,
        **kwargs: Any,
    ) -> None:
        self.main, self.tables, self.file_names, self.mapping = main, lookups, file_names, mapping
        kwargs.setdefault("initial", {})
        super().__init__(*args, **kwargs)


def mapping_form(
    data: Any,
    *,
    main: FileTable,
    lookups: dict[str, FileTable],
    file_names: dict[str, str],
    mapping: Mapping,
    update: bool,
) -> MappingForm:
    """The form for one file: its fields depend on the kind and the headers."""
    fields: dict[str, forms.Field] = {}
    headers = [*main.header, *(f"{name}.{head}" for name, table in lookups.items() for head in table.header)]
    targets = list(fields_of(mapping.kind).values())
    for target in targets:
        fields[f"field_{target.name}"] = _select(target, mapping, headers)
    if "external_id" in mapping.columns or mapping.kind == ImportKind.TRADE_LINES:
        fields["external_id_and"] = forms.ChoiceField(
            label=_("and"), required=False, choices=[("", "–"), *((name, name) for name in main.header)]
        )
    joins = {lookup.name: lookup for lookup in mapping.lookups}
    for place, (name, table) in enumerate(lookups.items()):
        known = joins.get(name)
        fields[f"lookup_{place}_key"] = forms.ChoiceField(
            label=_("Column here"),
            required=False,
            choices=[("", "–"), *((head, head) for head in main.header)],
            initial=known.key if known else "",
        )
        fields[f"lookup_{place}_match"] = forms.ChoiceField(
            label=_("is the same as in %(file)s") % {"file": file_names.get(name, name)},
            required=False,
            choices=[("", "–"), *((head, head) for head in table.header)],
            initial=known.match if known else "",
        )
    fields |= _option_fields(mapping, main)
    fields["toml"] = forms.CharField(
        label=_("Mapping as text (TOML)"),
        required=False,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "font-monospace"}),
        help_text=_("Counts instead of the choices above."),
    )
    form = type("FileMappingForm", (MappingForm,), {**fields, "targets": targets})
    initial = {"update_existing": update}
    made: MappingForm = form(
        data, main=main, lookups=lookups, file_names=file_names, mapping=mapping, initial=initial
    )
    return made


def _select(target: Any, mapping: Mapping, headers: list[str]) -> forms.ChoiceField:
    # Where no column names a currency, the amounts are in the reporting currency.
    nothing = settings.REPORTING_CURRENCY if target.name == "currency" and not target.required else "–"
    choices: list[tuple[str, Any]] = [("", nothing)]
    current = mapping.columns.get(target.name, "")
    if target.name in mapping.constants:
        current = FIXED + mapping.constants[target.name]
        choices.append((current, _("always %(value)s") % {"value": mapping.constants[target.name]}))
    elif current and current not in headers and current != LINE_CONTENT:
        choices.append((current, current))
    if target.name == "external_id" and mapping.kind == ImportKind.TRADE_LINES:
        choices.append((LINE_CONTENT, _("the whole row (no column identifies it)")))
    choices += [(head, head) for head in headers]
    return forms.ChoiceField(label=target.label, required=False, choices=choices, initial=current)


def _option_fields(mapping: Mapping, main: FileTable) -> dict[str, forms.Field]:
    option = mapping.option
    dates = [("", _("find out")), ("ymd", "2024-02-29"), ("dmy", "29/02/2024"), ("mdy", "02/29/2024")]
    if option("date_format") not in dict(dates):
        dates.append((option("date_format"), option("date_format")))
    fields: dict[str, forms.Field] = {
        "option_date_format": forms.ChoiceField(
            label=_("Dates"), required=False, choices=dates, initial=option("date_format")
        ),
        "option_decimals": forms.ChoiceField(
            label=_("Numbers"),
            required=False,
            choices=[("", _("find out")), ("point", "1,234.50"), ("comma", "1.234,50")],
            initial=option("decimals"),
        ),
    }
    sheets = getattr(main.content, "sheets", None)
    if sheets:
        fields["option_sheet"] = forms.ChoiceField(
            label=_("Sheet"),
            required=False,
            choices=[(name, name) for name in sheets],
            initial=main.content.sheet,  # type: ignore[union-attr]
        )
    else:
        fields["option_encoding"] = forms.ChoiceField(
            label=_("Encoding"),
            required=False,
            choices=[("", _("find out")), *((name, name.upper()) for name in ENCODINGS)],
            initial=option("encoding"),
        )
    if mapping.kind == ImportKind.TRADE_LINES:
        fields["option_create_missing_accounts"] = forms.BooleanField(
            label=_("Create accounts that are not known yet"),
            required=False,
            initial=option("create_missing_accounts"),
        )
        fields["option_create_missing_products"] = forms.BooleanField(
            label=_("Create products that are not known yet"),
            required=False,
            initial=option("create_missing_products"),
        )
    return fields


def read_mapping(form: MappingForm) -> Mapping:
    """What a valid form says; ImportFileError where its TOML is wrong."""
    data = form.cleaned_data
    if data["toml"]:
        found = from_toml(data["toml"])
        if len(found) != 1:
            raise ImportFileError("bad_mapping", detail="[[files]]")
        return found[0]
    columns, constants = {}, {}
    for target in form.targets:
        value = data.get(f"field_{target.name}", "")
        if value.startswith(FIXED):
            constants[target.name] = value.removeprefix(FIXED)
        elif value:
            columns[target.name] = value
    second = data.get("external_id_and", "")
    first = columns.get("external_id", "")
    if second and first in form.main.header and first != second:
        columns["external_id"] = f"{{{first}}}-{{{second}}}"
    lookups = []
    for place, name in enumerate(form.tables):
        key, match = data.get(f"lookup_{place}_key"), data.get(f"lookup_{place}_match")
        if key and match:
            lookups.append(Lookup(name=name, file=form.file_names.get(name, name), key=key, match=match))
    options = {
        name.removeprefix("option_"): value
        for name, value in data.items()
        if name.startswith("option_") and value not in ("", False)
    }
    if options.get("sheet") == getattr(form.main.content, "sheets", [""])[0]:
        options.pop("sheet")
    mapping = Mapping(
        kind=form.mapping.kind, columns=columns, constants=constants, options=options, lookups=lookups
    )
    mapping.check_names()
    return mapping
