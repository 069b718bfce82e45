"""Every setting of the product, read from the environment and from `.env`.

Secrets are made in the data directory on first run when the database is the embedded one. With a
database of your own there may be many machines, which have to share them: then they are required.
"""

from lodestone.settings.every import Settings
from lodestone.settings.loading import SettingsError, load
from lodestone.settings.values import variable

__all__ = ["Settings", "SettingsError", "load", "variable"]
