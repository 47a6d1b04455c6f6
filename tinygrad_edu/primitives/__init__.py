"""What can be differentiated: one declaration per op, filed by what it does.

Importing this package fills the table; `find` and `primitives` read it.
"""

from ..engine.primitive import Primitive as Primitive
from ..engine.primitive import Sample as Sample
from ..engine.primitive import built_in
from ..engine.primitive import find as find
from ..engine.primitive import overridable as overridable
from ..engine.primitive import primitive as primitive
from ..engine.primitive import primitives as primitives
from ..engine.primitive import sample as sample
from . import elementwise as elementwise
from . import factorization as factorization
from . import indexing as indexing
from . import linalg as linalg
from . import pooling as pooling
from . import reduction as reduction
from . import shaping as shaping
from . import special as special

built_in()
