"""The findings of the paper asked of theory and networks, on one page; `paper_findings.py` runs it."""
