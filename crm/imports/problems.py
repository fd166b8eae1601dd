"""What can be wrong with a file or a row: stable codes, and the sentence for each in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

# Longer values are cut where they are shown; the original row is kept whole.
SHOWN_CHARACTERS = 200

ROW_CAUSES: dict[str, str | _StrPromise] = {
    "missing": _("nothing stands here, and this column must be filled"),
    "not_a_number": _("not a number"),
    "not_whole": _("not a whole number"),
    "not_a_date": _("not a date that exists"),
    "not_yes_no": _("neither yes nor no"),
    "not_a_choice": _("must be one of: %(choices)s"),
    "future_date": _("lies after today, %(today)s"),
    "too_long": _("longer than %(limit)s characters"),
    "out_of_range": _("out of range (%(low)s to %(high)s)"),
    "negative_price": _("a price is never negative; returns have a negative quantity"),
    "unknown_account": _("there is no account with this number or name"),
    "ambiguous_account": _("several accounts have this name; use the account number"),
    "unknown_product": _("there is no product with this code"),
    "ambiguous_product": _("several products have this code"),
    "unknown_person": _("there is no user with this name"),
    "unknown_territory": _("there is no territory with this name"),
    "unknown_currency": _("not a currency code"),
    "no_rate": _("there is no exchange rate for %(currency)s on or before %(date)s"),
    "duplicate": _("the same external id stands in row %(first)s already"),
    "wrong_column_count": _("%(found)s columns instead of %(expected)s"),
    "nul_byte": _("holds a NUL byte"),
    "formula_without_value": _(
        "a formula without a calculated value; open and save the file in a spreadsheet program"
    ),
    "spreadsheet_error": _("the spreadsheet shows an error here"),
    "lookup_missing": _("%(file)s has no row for this"),
    "number_taken": _("another account has this number already"),
    "circle": _("the parent group belongs to this account, or would after this file"),
    "itself": _("an account cannot be its own parent or supplier"),
}

FILE_PROBLEMS: dict[str, str | _StrPromise] = {
    "empty_file": _("The file is empty."),
    "no_rows": _("The file has a header but no rows."),
    "too_large": _("The file is larger than %(limit)s MB."),
    "too_many_columns": _("The file has %(found)s columns; %(limit)s is the most."),
    "damaged_file": _("The file is damaged and cannot be read."),
    "password": _("The file is protected by a password."),
    "unknown_format": _("The file is neither CSV nor a spreadsheet (XLSX, XLS)."),
    "unknown_sheet": _("The file has no sheet named %(sheet)s."),
    "not_decodable": _(
        "Byte %(byte)s (row %(row)s) is neither UTF-8 nor GB18030. Save the file as UTF-8, or name its encoding."
    ),
    "not_in_encoding": _("Byte %(byte)s (row %(row)s) is not valid %(encoding)s."),
    "mixed_encodings": _(
        "The file mixes encodings: up to row %(row)s it is %(first)s, from byte %(byte)s on it is not. "
        "Save it again in one encoding."
    ),
    "utf16_without_mark": _("The file looks like UTF-16 without a byte order mark. Save it as UTF-8."),
    "open_quote": _("The quotation mark opened in row %(row)s is never closed."),
    "ambiguous_dates": _(
        "The dates in %(column)s could be day/month or month/day (%(example)s). Say which it is: the date format."
    ),
    "unknown_target": _("The mapping names %(target)s, which is not a field of this kind of import."),
    "unknown_header": _("The file has no column %(header)s (needed for %(target)s)."),
    "unknown_lookup": _("The mapping needs the file %(file)s as well."),
    "target_missing": _("No column is chosen for: %(target)s."),
    "bad_mapping": _("The mapping cannot be read: %(detail)s"),
    "bad_option": _("The option %(option)s cannot be %(value)s."),
    "unknown_kind": _("It is not clear what this file holds. Choose the kind of import."),
    "no_file": _("The uploaded file is no longer there. Upload it again."),
    "interrupted": _("The import was interrupted. Nothing was written; start it again."),
    "disk_full": _("The disk of the database is full. Nothing was written."),
    "database": _("The database refused the import; nothing was written. (%(detail)s)"),
    "undo_later": _("Later imports changed the same rows. Undo them first: %(batches)s."),
    "undo_state": _("Only a finished import can be undone."),
}


class ImportFileError(Exception):
    """The file as a whole cannot be imported: a code with its parameters."""

    def __init__(self, code: str, **parameters: Any) -> None:
        self.code = code
        self.parameters = parameters
        super().__init__(code)

    def __str__(self) -> str:
        return sentence(self.code, self.parameters)


def sentence(code: str, parameters: dict[str, Any]) -> str:
    """The sentence for a code in the active language; an unknown code (of an older version) shows itself."""
    text = ROW_CAUSES.get(code) or FILE_PROBLEMS.get(code)
    if text is None:
        return code
    try:
        return str(text) % parameters
    except KeyError:
        return str(text)


def shown(value: str) -> str:
    return value if len(value) <= SHOWN_CHARACTERS else value[:SHOWN_CHARACTERS] + "…"
