"""How a comparison ends: its account and its page, unless those of an earlier call still stand."""

from __future__ import annotations

import os

from neurocompare.account import Account, leave
from neurocompare.report import write_report
from neurocompare.report.up_to_date import is_up_to_date
from neurocompare.run_folder import RunFolder
from neurocompare.stages import Stages


def leave_report(
    folder: RunFolder, account: Account, stages: Stages, *, zoo: str | os.PathLike[str] | None = None
) -> None:
    """Write account and page as the last stage.

    Where a page is there that shows the same, nothing is written: date, command and cost stay those of the call that
    did the work.

    Parameters
    ----------
    folder : RunFolder
        All of it but these two.
    account : Account
    stages : Stages
    zoo : path-like, optional
        Where the networks are, if not in the folder.
    """
    if is_up_to_date(folder.path, account, zoo=zoo):
        with stages.stage("report"):
            return
    leave(account, folder, stages, lambda advance: write_report(folder.path, zoo=zoo, progress=advance))
