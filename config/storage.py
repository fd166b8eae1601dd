"""Static files with a hash in their name, compressed once when they are collected."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):
    # Third-party style sheets name source maps that their packages do not all contain.
    manifest_strict = False
    support_js_module_import_aggregation = True
