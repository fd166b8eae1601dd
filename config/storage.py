"""Static files with a hash in their name, compressed once when they are collected."""

from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):
    manifest_strict = False
    support_js_module_import_aggregation = True

    def hashed_name(self, name: str, content: Any = None, filename: str | None = None) -> str:
        """A file that a third party's style sheet names and does not bring (a source map) keeps its name."""
        try:
            return str(super().hashed_name(name, content, filename))
        except ValueError:
            return name
