"""``python -m playground.kernels --all`` compiles every kernel into the cache; see ``compile.main``."""

import sys

from playground.kernels.compile import main

sys.exit(main())
