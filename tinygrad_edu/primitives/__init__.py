"""What can be differentiated: one declaration per op, filed by what it does.

Importing this package fills the table; `find` and `primitives` read it.
"""

from ..engine.primitive import Primitive as Primitive
from ..engine.table import built_in
from ..engine.table import find as find
from ..engine.table import primitives as primitives
from ..numerics.overridable import overridable as overridable
from . import elementwise as elementwise
from . import factorization as factorization
from . import indexing as indexing
from . import linalg as linalg
from . import pooling as pooling
from . import reduction as reduction
from . import shaping as shaping
from . import special as special
from .declaring import Sample as Sample
from .declaring import primitive as primitive
from .declaring import sample as sample

built_in()
