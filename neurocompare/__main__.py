"""``python -m neurocompare``: the command line."""

from neurocompare.cli.main import main

main()
