"""Where a record happened: division codes to the village, and the parts of the address below it.

Here: the two entry points. `gazetteer` holds the names, `place` decides on the division, `parts` reads street and
house. Not here: coordinates.
columns, code, address, text -> county_code, town_code, village_code, place_basis, road … landmark
"""

from transforms.address.parts import parse as parse_parts
from transforms.address.place import locate

__all__ = ["locate", "parse_parts"]
