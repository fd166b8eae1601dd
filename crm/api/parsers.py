"""JSON bodies, bounded: size, depth, and the letters that PostgreSQL cannot keep."""

from __future__ import annotations

import json
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


class BoundedJSONParser(BaseParser):
    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:
        limit: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise RequestDataTooBig
        try:
            text = raw.decode("utf-8-sig")
            data = json.loads(text, parse_constant=_refuse)
        except UnicodeDecodeError as error:
            raise ParseError(_("The body is not UTF-8: byte %(at)d.") % {"at": error.start}) from None
        except RecursionError:
            raise ParseError(_("The body is nested too deeply.")) from None
        except ValueError as error:
            raise ParseError(_("The body is not JSON: %(cause)s.") % {"cause": error}) from None
        if "\\u" in text and not _storable(data):
            raise ParseError(_("The body holds a NUL or half a character (\\u0000, \\ud800 …)."))
        return data


def _storable(data: Any) -> bool:
    written = json.dumps(data, ensure_ascii=False)
    try:
        written.encode()
    except UnicodeEncodeError:
        return False
    return "\\u0000" not in written
