"""What can be differentiated: one declaration per op, filed by what it does.

Importing this package fills the table; `find` and `primitives` read it.
"""

from . import elementwise as elementwise
from . import factorization as factorization
from . import indexing as indexing
from . import linalg as linalg
from . import pooling as pooling
from . import reduction as reduction
from . import shaping as shaping
from . import special as special
from .registry import Primitive as Primitive
from .registry import Sample as Sample
from .registry import built_in
from .registry import find as find
from .registry import overridable as overridable
from .registry import primitive as primitive
from .registry import primitives as primitives
from .registry import sample as sample

built_in()
