"""Rules of the schema, each a query that names what breaks it.

The queries read the catalog of any migrated database; each rule carries an example that breaks it
and one that doesn't.
"""

from tests.architecture.database_rules import access, functions, tables
from tests.architecture.database_rules.rule import Rule

RULES = access.RULES + functions.RULES + tables.RULES

__all__ = ["RULES", "Rule"]
