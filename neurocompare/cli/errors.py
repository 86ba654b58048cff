"""How a command ends: one line and an exit code, never a traceback nobody asked for."""

from __future__ import annotations

import errno
import sys
import traceback
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from neurocompare.errors import InputError
from neurocompare.untrusted.printable import printable

# typer re-exports only this leaf of its usage errors; its base is the parent of all of them.
_UsageError = typer.BadParameter.__base__
_DEBUG = "neurocompare.debug"


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


class OneLineErrors(TyperGroup):
    """A group of commands that ends every failure with one line on stderr and a stated exit code.

    ======================================  ====  ==============================================
    what happened                           code  said
    ======================================  ====  ==============================================
    done                                    0
    something nobody foresaw                1     its type and message, and how to see more
    bad input, or a mistyped command line   2     what was expected, found, and what to do
    Ctrl-C                                  130   that the same command continues
    ======================================  ====  ==============================================
    """

    def main(self, *args: Any, **kwargs: Any) -> None:
        """Run the command line and exit; mistyped command lines end here."""
        kwargs["standalone_mode"] = False
        try:
            code = super().main(*args, **kwargs)
        except _UsageError as error:
            _say(_usage(error))
            sys.exit(2)
        sys.exit(code if isinstance(code, int) else 0)

    def invoke(self, ctx: typer.Context) -> Any:
        """Run the chosen command; its failures end here."""
        try:
            return super().invoke(ctx)
        except (_UsageError, typer.Exit, typer.Abort, BrokenPipeError):
            raise
        except KeyboardInterrupt:
            _say("interrupted; run the same command again to continue")
            raise typer.Exit(130) from None
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
            hint = "" if ctx.meta.get(_DEBUG) else "; --debug for the traceback"
            _say(f"unexpected {type(error).__name__}: {error}{hint}")
            raise typer.Exit(1) from error


def _say(message: str) -> None:
    # One line whatever the message holds: a wrapped library error may carry newlines, or a file's escape sequences.
    typer.echo(f"neurocompare: {printable(' '.join(message.split()), 5000)}", err=True)


def _trace(context: typer.Context) -> None:
    if context.meta.get(_DEBUG):
        traceback.print_exc()


def _usage(error: Any) -> str:
    path = error.ctx.command_path if error.ctx is not None else "neurocompare"
    return f"{error.format_message().rstrip('.')}; see {path} --help"
