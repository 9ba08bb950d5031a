"""``python -m playground.kernels --all`` compiles every kernel into the cache; see ``compile.main``."""

import sys

from playground.kernels.compile import main

try:
    sys.exit(main())
except KeyboardInterrupt:  # who called says so
    sys.exit(130)
