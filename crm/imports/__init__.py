"""Imports from ERP files and Excel: one path for the page, REST and the command line. See docs/importing.md."""
