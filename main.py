#!/usr/bin/env python3
"""Network Playground: ``python3 main.py`` opens the window, ``python3 main.py test`` runs the tests; the first run sets up."""

import os
import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this line is what tells the user of an older Python so
    sys.exit("Network Playground needs Python 3.11 or newer; this is " + sys.version.split()[0] + ".")

from playground import bootstrap

if __name__ == "__main__":
    bootstrap.make_ready(sys.argv[1:])
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the engine has kernels of its own; NumPy's threads would wait for its core
    from playground import cli

    sys.exit(cli.main(sys.argv[1:]))
