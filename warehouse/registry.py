"""The single registry of tables: what the restricted zone stores, what the lake publishes.

Here: which tables there are, and for the published ones their columns, Chinese comments, sensitivity and how their
files are cut. Not here: the declarations of restricted tables (`sources.tables`, `transforms.tables`), the SQL that
fills a published table (`warehouse/sql/published/<view>.sql`), storage (`warehouse.lake`), publication
(`warehouse.publish`).
sources.tables + transforms.tables -> RESTRICTED -> lake
"""

from sources.table import Table
from sources.tables import RAW_TABLES
from transforms.tables import CORE_TABLES

RESTRICTED: dict[str, Table] = {table.name: table for table in (*RAW_TABLES, *CORE_TABLES)}
