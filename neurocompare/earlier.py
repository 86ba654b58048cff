"""An earlier result in a folder: of another recording it is refused, of another command it is kept aside."""

from __future__ import annotations

import datetime
import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from neurocompare.account import Account, Comparison, PooledAccount, Recorded, account_in
from neurocompare.errors import InputError
from neurocompare.files import PARTIAL, cannot_write, partial_prefix, sha256_of, sweep
from neurocompare.recordings import Recording
from neurocompare.run_folder import RunFolder
from neurocompare.stages import LOG


def check_recording(folder: RunFolder, recording: Recording) -> None:
    """Refuse a folder that holds the result of another recording, or of several.

    Parameters
    ----------
    folder : RunFolder
    recording : Recording
        That is asked about now.

    Raises
    ------
    InputError

    Examples
    --------
    >>> from neurocompare.recordings import open_recording
    >>> check_recording(RunFolder(Path("not-there-yet")), open_recording("synthetic"))
    """
    account = account_in(folder)
    if isinstance(account, PooledAccount):
        raise _refused("that of several recordings", folder)
    if account is not None and _is_another(account.recording, recording):
        former = account.recording
        named = former.name if former.name != recording.name else f"another {former.name}, {former.provenance.path}"
        raise _refused(f"that of {named}", folder)


def make_way(folder: RunFolder, settings: Comparison) -> None:
    """Keep aside the result in a folder that was made with other settings; see `keep_aside`.

    Parameters
    ----------
    folder : RunFolder
        See `check_recording`.
    settings : Comparison
        Of the result that is to lie there.
    """
    account = account_in(folder)
    if isinstance(account, Account) and replace(account.settings, recording=settings.recording) != settings:
        keep_aside(folder)


def make_way_for_pool(folder: RunFolder, account: PooledAccount) -> None:
    """Keep aside what was pooled of other results, and refuse a folder that holds the result of one recording.

    Parameters
    ----------
    folder : RunFolder
    account : PooledAccount
        Of what is to lie there.

    Raises
    ------
    InputError
    """
    former = account_in(folder)
    if isinstance(former, Account):
        raise _refused(f"that of {former.recording.name} alone", folder)
    if former is not None and replace(account, stages=former.stages, made=former.made) != former:
        keep_aside(folder)


def keep_aside(folder: RunFolder) -> None:
    """Copy the result in a folder into a folder of its own in ``earlier``, and say where: another takes its place.

    It is named for the day on which it was made, and its content; what is there already is not copied again.

    Parameters
    ----------
    folder : RunFolder

    Raises
    ------
    InputError
        If it cannot be written to.
    """
    result = next((path for path in folder.results if path.is_file()), None)
    if result is None:
        return
    day = datetime.date.fromtimestamp(result.stat().st_mtime)
    aside = folder.earlier / f"{day}-{sha256_of(result)[:8]}"
    try:
        if not aside.exists():
            _copy_whole(folder, aside)
    except OSError as error:
        raise cannot_write(aside, error) from error
    LOG.warning("The result that another command left in %s is kept in %s.", folder.path, aside)


def _copy_whole(folder: RunFolder, aside: Path) -> None:
    """Copy a result so that it is whole or not there."""
    folder.earlier.mkdir(exist_ok=True)
    sweep(folder.earlier)
    unfinished = Path(tempfile.mkdtemp(prefix=partial_prefix(aside.name), suffix=PARTIAL, dir=folder.earlier))
    try:
        folder.copy_result(unfinished)
        os.rename(unfinished, aside)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _is_another(former: Recorded, recording: Recording) -> bool:
    """Whether two recordings differ in name, or in file and content; a file may have been changed, or moved."""
    before, now = former.provenance, recording.provenance
    changed = bool(before.sha256 and now.sha256) and before.sha256 != now.sha256
    return former.name != recording.name or (changed and before.path != now.path)


def _refused(whose: str, folder: RunFolder) -> InputError:
    return InputError(
        f"expected a folder without another recording's result, found {whose} in {folder.path}; choose another with "
        "--out"
    )
