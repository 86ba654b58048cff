"""``python -m neurocompare``: the command line."""

import sys

# Python looks for modules in the working folder first, where a file ``random.py`` would be run in the place of its own.
if not sys.flags.safe_path:
    sys.path.pop(0)

from neurocompare.cli.main import main

main()
