"""Which gamma is most similar to a recording, and how certain that is.

Networks are seen as the recording would have seen them (`observe`), scored against halves of it (`make_draws`,
`score_draw`), and ranked with intervals, a ceiling, nulls and a verdict (`rank`); a `Ranking` is its ranking.json.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
