"""`python -m tinygrad_edu.checking pkg.mod:fn`."""

import sys

from .commands import main

sys.exit(main())
