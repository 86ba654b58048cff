"""How a command ends: one line and an exit code, never a traceback nobody asked for."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import signal
import sys
import threading
import traceback
from collections import namedtuple
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from neurocompare.errors import InputError
from neurocompare.files import disk_full
from neurocompare.untrusted.printable import printable

# typer re-exports only this leaf of its usage errors; its base is the parent of all of them.
_UsageError: Any = typer.BadParameter.__mro__[1]
_DEBUG = "neurocompare.debug"

RENAMED = {
    "--lead": "--lag",
    "--draws": "--resamples",
    "--points": "--population",
}
"""What options were called before, and are called now."""

_ALL_TOGETHER = "`neurocompare run RECORDING --explore`, which records networks of all settings together"

_NOT_PLANTED = f"nothing: networks are planted with the settings of those that are ranked; for others {_ALL_TOGETHER}"

_OVER_BETA = "`neurocompare run RECORDING --explore --explore-only beta`"

REPLACED = {
    ("run", "--nuisance"): "--explore, or --explore --explore-only g,lag for some settings",
    ("run", "--match"): "--explore --explore-only beta",
    ("rank", "--nuisance"): "--where for one family of a zoo, or `neurocompare run RECORDING --explore`",
    ("rank", "--match"): _OVER_BETA,
    ("recover", "--nuisance"): _ALL_TOGETHER,
    ("recover", "--no-nuisance"): _NOT_PLANTED,
    ("recover", "--plant-nuisance"): _ALL_TOGETHER,
    ("recover", "--no-plant-nuisance"): _NOT_PLANTED,
    ("zoo", "--match"): f"--grid beta=100,400,1600, or {_OVER_BETA}",
    ("zoo", "--level"): f"--grid beta=100,400,1600, or {_OVER_BETA}",
}
"""What is typed now for options of a command that are gone."""

INTERRUPTED = 130
"""Exit code after Ctrl-C: 128 and the number of its signal."""


def _remember(context: typer.Context, value: bool) -> bool:
    # `meta` is shared by a command and the group above it, so the option works before and after the command's name.
    if value:
        context.meta[_DEBUG] = True
    return value


Debug = Annotated[
    bool,
    typer.Option("--debug", help="Show the whole traceback when something fails.", callback=_remember, is_eager=True),
]
"""The ``--debug`` option, taken by the program and by every command."""


class _Ending:
    """Ends the program at SIGTERM, as a cluster's scheduler sends it, as at Ctrl-C.

    Python throws away what is raised while it throws away an object (in a weak reference's callback, in ``__del__``),
    and says so to `sys.unraisablehook`: an interrupt that is lost there comes again a moment later.
    """

    arrived = False
    """Whether SIGTERM has arrived."""

    @classmethod
    @contextlib.contextmanager
    def at_sigterm(cls) -> Iterator[None]:
        """Do so for a block."""
        if threading.current_thread() is not threading.main_thread():  # where no signal arrives
            yield
            return
        cls.arrived = False
        before, hook = signal.signal(signal.SIGTERM, cls._terminate), sys.unraisablehook
        sys.unraisablehook = cls._again
        try:
            yield
        finally:
            sys.unraisablehook = hook
            if hasattr(signal, "setitimer"):
                signal.setitimer(signal.ITIMER_REAL, 0)  # what was lost on the way out has been heard
            if before is not None:
                signal.signal(signal.SIGTERM, before)

    @classmethod
    def _terminate(cls, number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough: what is under way now is the end
        cls.arrived = True
        raise KeyboardInterrupt

    @staticmethod
    def _again(lost: sys.UnraisableHookArgs) -> None:
        if isinstance(lost.exc_value, KeyboardInterrupt) and hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, signal.default_int_handler)
            signal.setitimer(signal.ITIMER_REAL, 0.05)
        else:
            sys.__unraisablehook__(lost)


def _bare_flags(options: list[Any]) -> list[Any]:
    for option in options:
        if getattr(option, "is_flag", False) and option.metavar is None:
            option.metavar = ""
    return options


class Command(TyperCommand):
    """A command whose flags say no kind of value in its help, as they take none."""

    def get_params(self, ctx: typer.Context) -> Any:
        """Return its options."""
        return _bare_flags(super().get_params(ctx))


class OneLineErrors(TyperGroup):
    """A group of commands that ends every failure with one line on stderr and a stated exit code.

    ======================================  ====  ==============================================
    what happened                           code  said
    ======================================  ====  ==============================================
    done                                    0
    something nobody foresaw                1     its type and message, and how to see more
    bad input, or a mistyped command line   2     what was expected, found, and what to do
    Ctrl-C                                  130   that the same command continues
    SIGTERM                                 143   the same
    ======================================  ====  ==============================================
    """

    def main(self, *args: Any, **kwargs: Any) -> None:
        """Run the command line and exit; mistyped command lines end here."""
        kwargs["standalone_mode"] = False
        try:
            with _Ending.at_sigterm():
                given = args[0] if args else kwargs.get("args")
                _refuse_nothing(sys.argv[1:] if given is None else given)
                code = super().main(*args, **kwargs)
        except InputError as error:
            _say(str(error))
            sys.exit(2)
        except _UsageError as error:
            _say(_usage(error))
            sys.exit(2)
        except OSError as error:
            if not _no_room(error):
                raise
            sys.exit(2)
        except (KeyboardInterrupt, typer.Abort):  # before or after the command itself
            sys.exit(_interrupted())
        finally:
            _let_go_of_full_disks()
        # typer itself makes an interrupt that comes before the command this exit code, and says nothing
        sys.exit(_interrupted() if code == INTERRUPTED else code if isinstance(code, int) else 0)

    def get_params(self, ctx: typer.Context) -> Any:
        """Return the program's own options, flags likewise."""
        return _bare_flags(super().get_params(ctx))

    def invoke(self, ctx: typer.Context) -> Any:
        """Run the chosen command; its failures end here."""
        try:
            return super().invoke(ctx)
        except (_UsageError, typer.Exit, typer.Abort, BrokenPipeError):
            raise
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None
        except InputError as error:
            _trace(ctx)
            _say(str(error))
            raise typer.Exit(2) from error
        except Exception as error:
            _trace(ctx)
            if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
                _say(
                    f"expected names shorter than 256 bytes in a path, found {str(error.filename)[:60]}...; shorten it"
                )
                raise typer.Exit(2) from error
            if _no_room(error):
                raise typer.Exit(2) from error
            hint = "" if ctx.meta.get(_DEBUG) else "; --debug for the traceback"
            _say(f"unexpected {type(error).__name__}: {error}{hint}")
            raise typer.Exit(1) from error


def _interrupted() -> int:
    """Say so, and return the exit code."""
    _say("interrupted; run the same command again to continue")
    # Python remembers an interrupt that passed through text it ran, as modules do while they are imported (named
    # tuples, data classes), until it runs another; it would end with that signal, not with our code.
    namedtuple("Nothing", "")
    return 143 if _Ending.arrived else INTERRUPTED


def _say(message: str) -> None:
    # One line whatever the message holds: a wrapped library error may carry newlines, or a file's escape sequences.
    with contextlib.suppress(OSError):  # nowhere to say it
        typer.echo(f"neurocompare: {printable(' '.join(message.split()), 5000)}", err=True)


def _refuse_nothing(arguments: Sequence[str]) -> None:
    """Refuse an option or argument that is there and empty, as a variable of a script that was not set leaves it."""
    for before, given in itertools.pairwise(("", *arguments)):
        name, equals, value = given.partition("=")
        if not given.strip() or (name.startswith("--") and equals and not value.strip()):
            option = name if equals else before
            where = f"after {option}" if option.startswith("-") else "as an argument"
            raise InputError(f"expected something {where}, found an empty text; give a value, or leave it out")


def _no_room(error: BaseException) -> bool:
    """Whether the disk that standard output or standard error goes to is full; says so."""
    full = disk_full(error)
    if full is not None:
        _say(f"cannot write what there is to say: {os.strerror(full.errno or 0)}; free some space, or write elsewhere")
    return full is not None


def _let_go_of_full_disks() -> None:
    """Throw away what could not be written to standard output: Python would complain of it once more at the end."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            with open(os.devnull, "wb") as nothing:
                os.dup2(nothing.fileno(), stream.fileno())


def _trace(context: typer.Context) -> None:
    if context.meta.get(_DEBUG):
        traceback.print_exc()


def _usage(error: Any) -> str:
    path = error.ctx.command_path if error.ctx is not None else "neurocompare"
    old = getattr(error, "option_name", "")
    params = error.ctx.command.params if error.ctx is not None else ()
    options = [name for each in params for name in (*each.opts, *each.secondary_opts)]
    if RENAMED.get(old) in options:
        return f"expected {RENAMED[old]}, as {old} is called now; see {path} --help"
    instead = REPLACED.get((error.ctx.info_name, old)) if error.ctx is not None else None
    if instead is not None:
        return f"expected {instead}, found {old}, which is gone; see {path} --help"
    return f"{error.format_message().rstrip('.')}; see {path} --help"
