"""Execute tutorials and store their outputs without noise, as the tests want them.

python tutorials/store_outputs.py            all of them, one after the other
python tutorials/store_outputs.py 04 05      these
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

import nbclient
import nbformat

from neurocompare.files import atomic

FOLDER = Path(__file__).parent
KEPT = ("jupyter", "tags")
"""Of a cell's metadata: what hides a cell that only the tests need."""

PROGRESS = "<progress"
"""In the HTML of a progress bar, which says how long this computer took."""


def store(path: Path) -> None:
    """Execute one notebook in an empty folder and write it back: no timings, no machine's settings."""
    notebook = nbformat.read(path, as_version=4)
    # The package that is here, also where the notebook's folder is elsewhere.
    path_of_package = os.pathsep.join([str(FOLDER.parent), os.environ.get("PYTHONPATH", "")])
    with tempfile.TemporaryDirectory() as elsewhere:
        settings = {"resources": {"metadata": {"path": elsewhere}}, "record_timing": False, "timeout": 900}
        nbclient.NotebookClient(notebook, kernel_name="python3", **settings).execute(
            env=os.environ | {"PYTHONPATH": path_of_package}
        )
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        cell.metadata = {key: value for key, value in cell.metadata.items() if key in KEPT}
        if cell.cell_type == "code":
            cell.outputs = [each for each in cell.outputs if PROGRESS not in each.get("data", {}).get("text/html", "")]
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                output.data.pop("text/plain", None)
    with atomic(path) as temporary:
        nbformat.write(notebook, temporary)


def main() -> None:
    """Store the notebooks whose numbers are named, or all."""
    wanted = tuple(sys.argv[1:]) or ("0",)
    for path in sorted(FOLDER.glob("*.ipynb")):
        if path.name.startswith(wanted):
            start = time.perf_counter()
            store(path)
            print(f"{path.name}: {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
