"""Ask how much of a brain circuit's connectivity is learned structure, and how much is disorder.

`run` does a whole comparison, `score` compares a model of your own; the rooms hold their parts:
`neurocompare.recordings`, `tasks`, `models`, `theory`, `dynamics`, `metrics`, `ranking` and `report`.
"""

import sys

import lazy_loader

__version__ = "0.2.0"

if sys.platform == "win32":  # no `resource`, no SIGTERM, no links that can be told apart
    message = "expected Linux or macOS, found Windows; install and run neurocompare inside WSL, the Linux of Windows"
    raise ImportError(message)


# Names are imported when first used: a command that only reads files need not load torch.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
