"""The command line: one command a file, each of which parses, calls, prints and exits.

Nothing heavy is imported before a command runs, so ``neurocompare --help`` answers at once.
"""
