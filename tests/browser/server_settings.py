"""The tests' settings for a second process: the same database and the same files."""

import os

from config.settings_test import *  # noqa: F403

MEDIA_ROOT = os.environ["TEST_MEDIA"]
