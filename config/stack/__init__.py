"""The launcher behind `make`: sets the machine up, starts and stops every process, and says what it does.

`bootstrap.py` is the first step and runs on the system's Python with nothing installed; all else runs in the
virtual environment it makes, as `python -m config.stack COMMAND`.
"""
