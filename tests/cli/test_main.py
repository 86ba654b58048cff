"""The program as a whole: where to start, the version, exit codes, what is imported."""

import os
import re
import subprocess
import sys
import types

import pytest
import typer
from typer.testing import CliRunner

from neurocompare import __version__
from neurocompare.cli.main import EXAMPLES, app
from neurocompare.errors import InputError

HEAVY = ("torch", "pynwb", "h5py", "matplotlib", "sklearn", "scipy.stats", "jinja2")


def pipeline_that(monkeypatch, behave):
    """Put a pipeline in place whose run() does what `behave` does."""
    fake = types.ModuleType("neurocompare.workflows.run")
    fake.run = behave
    monkeypatch.setitem(sys.modules, "neurocompare.workflows.run", fake)


def raising(error):
    def behave(*_, **__):
        raise error

    return behave


def one_line(result):
    """The single line on stderr of a failed command."""
    assert result.stdout == ""
    assert re.fullmatch(r"neurocompare: [^\n]+\n", result.stderr), result.stderr
    return result.stderr


def test_bare_command_says_where_to_start():
    result = CliRunner().invoke(app, [])
    assert result.exit_code == 0
    assert "neurocompare run" in result.stdout
    assert "neurocompare inspect" in result.stdout


def test_version():
    result = CliRunner().invoke(app, ["--version"])
    assert (result.exit_code, result.stdout) == (0, f"neurocompare {__version__}\n")


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (InputError("expected a file,\nfound none"), 2, "expected a file, found none"),
        (KeyboardInterrupt(), 130, "interrupted; run the same command again to continue"),
        (RuntimeError("disc full"), 1, "unexpected RuntimeError: disc full; --debug for the traceback"),
    ],
)
def test_a_failure_is_one_line_and_an_exit_code(monkeypatch, error, code, said):
    pipeline_that(monkeypatch, raising(error))
    result = CliRunner().invoke(app, ["run"])
    assert result.exit_code == code
    assert one_line(result) == f"neurocompare: {said}\n"


@pytest.mark.parametrize("arguments", [["run", "--debug"], ["--debug", "run"]])
@pytest.mark.parametrize(("error", "code"), [(RuntimeError("disc full"), 1), (InputError("no file"), 2)])
def test_debug_shows_the_traceback_and_keeps_the_code(monkeypatch, arguments, error, code):
    pipeline_that(monkeypatch, raising(error))
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == code
    assert "Traceback" in result.stderr
    assert "raising" not in result.stdout
    assert result.stderr.splitlines()[-1].startswith("neurocompare: ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rnu"], "Did you mean 'run'"),
        (["run", "--gama", "0"], "--gama"),
        (["run", "--units", "many"], "'--units'"),
        (["run", "--units"], "--units"),
        (["run", "one.nwb", "two.nwb"], "two.nwb"),
        (["inspect"], "FILE"),
    ],
)
def test_a_mistyped_command_line_is_one_line_and_exit_code_2(arguments, said):
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    line = one_line(result)
    assert said in line
    assert "--help" in line


def test_an_interrupt_in_a_process_of_its_own_exits_130(tmp_path):
    """The same, without the test runner between: the entry point's own exit code."""
    script = (
        "import sys, types\n"
        "fake = types.ModuleType('neurocompare.workflows.run')\n"
        "def run(*_, **__): raise KeyboardInterrupt\n"
        "fake.run = run\n"
        "sys.modules['neurocompare.workflows.run'] = fake\n"
        "sys.argv = ['neurocompare', 'run']\n"
        "from neurocompare.cli.main import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 130
    assert "Traceback" not in done.stderr
    assert done.stderr.strip() == "neurocompare: interrupted; run the same command again to continue"


def test_help_imports_nothing_heavy(tmp_path):
    script = (
        "import sys\n"
        "from neurocompare.cli.main import app\n"
        "try:\n"
        "    app(['run', '--help'])\n"
        "except SystemExit as end:\n"
        "    assert not end.code\n"
        f"print('HEAVY', [name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("HEAVY []\n")


@pytest.mark.parametrize("command", [command.name for command in app.registered_commands])
def test_every_command_has_an_example_in_its_help(command):
    result = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200"})
    assert result.exit_code == 0
    assert f"Example: neurocompare {command} " in result.stdout


def test_the_examples_parse():
    """Every option in them exists: with --help at the end nothing runs, but a wrong option before it is an error."""
    for command, example in EXAMPLES.items():
        arguments = example.split()[1:]
        assert arguments[0] == command.__name__
        known = {name for one in typer.main.get_command(app).commands[arguments[0]].params for name in one.opts}
        assert {word for word in arguments if word.startswith("--")} <= known


def test_bare_command_names_every_command():
    stdout = CliRunner().invoke(app, []).stdout
    assert all(f"neurocompare {command.name} " in stdout for command in app.registered_commands)


def test_the_shell_completes_commands_and_options(tmp_path):
    """As bash asks for it: through the environment, in a process of its own."""
    for words, count, expected in (("neurocompare sc", 1, {"score"}), ("neurocompare score --js", 2, {"--json"})):
        asked = {"_NEUROCOMPARE_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(count)}
        script = "import sys; sys.argv = ['neurocompare']; from neurocompare.cli.main import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path, env=os.environ | asked
        )
        assert done.returncode == 0, done.stderr
        assert set(done.stdout.split()) == expected


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no disk that is always full")
@pytest.mark.parametrize("arguments", [[], ["--version"], ["--help"], ["datasets"]])
def test_a_full_disk_behind_standard_output_is_a_line(arguments):
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "neurocompare", *arguments]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "neurocompare: cannot write what there is to say: No space left on device; free some space, or write elsewhere"
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "--out", ""], "after --out"),
        (["run", "--out="], "after --out"),
        (["run", "--area", ""], "after --area"),
        (["run", "--valid", " "], "after --valid"),
        (["score", ""], "as an argument"),
        (["run", "--gammas", "1e300,0"], "at most 1000"),
        (["run", "--g", "1e308"], "expected g"),
        (["zoo", "ideal_reach", "--time-step", "1e-9"], "expected time_step to be a number at least 0.0001"),
        (["run", "--quick", "--trajectories", "0"], "found 0"),
        (["zoo", "oscillation", "--gammas", "0,1e-300"], "from 1e-30"),
        (["zoo", "oscillation", "--beta", "1e300"], "expected beta"),
    ],
)
def test_what_is_empty_or_beyond_all_digits_is_a_line(tmp_path, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert re.search(said, result.stderr.splitlines()[-1])
    assert not list(tmp_path.iterdir())


LOST = """
import os, signal, sys, time, weakref
import neurocompare.cli.main as main

class Thing:
    pass

def inspect():
    thing = Thing()
    kept = weakref.ref(thing, lambda _: os.kill(os.getpid(), signal.{signal}) or time.sleep(0.1))
    del thing  # the interrupt arrives in the callback, where Python throws away what is raised
    time.sleep(60)
    print("it went on")

main.app.command("lost")(inspect)
sys.argv = ["neurocompare", "lost"]
main.main()
"""


@pytest.mark.parametrize(("number", "code"), [("SIGTERM", 143), ("SIGINT", 130)])
def test_an_interrupt_that_python_throws_away_comes_again(number, code):
    program = LOST.format(signal=number)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr == "neurocompare: interrupted; run the same command again to continue\n"


TWICE = """
import os, signal, sys, time
from neurocompare.cli import main

class Last:
    def __del__(self):
        raise KeyboardInterrupt

def lost_and_heard():
    last = Last()
    del last
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(60)

main.app.command("twice")(lost_and_heard)
sys.argv = ["neurocompare", "twice"]
try:
    main.main()
finally:
    time.sleep(0.3)
"""


def test_an_interrupt_that_was_heard_does_not_come_again():
    """It would end the program once more while it ends, with another exit code."""
    done = subprocess.run([sys.executable, "-c", TWICE], capture_output=True, text=True, check=False)
    assert done.returncode == 143, done.stderr
    assert done.stderr == "neurocompare: interrupted; run the same command again to continue\n"


IMPORTING = """
import os, signal, sys, time
from neurocompare.cli import main

def importing():
    exec("import os, signal, time; os.kill(os.getpid(), signal.{signal}); time.sleep(60)")

main.app.command("importing")(importing)
sys.argv = ["neurocompare", "importing"]
main.main()
"""


@pytest.mark.parametrize(("number", "code"), [("SIGTERM", 143), ("SIGINT", 130)])
def test_an_interrupt_while_text_is_run_ends_with_our_code(tmp_path, number, code):
    """Importing runs text; a module's Python would kill itself by SIGINT for an interrupt that passed through it."""
    (tmp_path / "importing.py").write_text(IMPORTING.format(signal=number))
    command = [sys.executable, "-m", "importing"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr == "neurocompare: interrupted; run the same command again to continue\n"


EARLY = """
import os, signal, sys, time
import neurocompare.cli.errors as errors
import neurocompare.cli.main as main

errors.OneLineErrors.make_context = lambda *_, **__: os.kill(os.getpid(), signal.{signal}) or time.sleep(60)
sys.argv = ["neurocompare", "datasets"]
main.main()
"""


@pytest.mark.parametrize(("number", "code"), [("SIGTERM", 143), ("SIGINT", 130)])
def test_an_interrupt_before_the_command_is_said_too(number, code):
    done = subprocess.run(
        [sys.executable, "-c", EARLY.format(signal=number)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.strip() == "neurocompare: interrupted; run the same command again to continue"


@pytest.mark.parametrize("command", [None, *(command.__name__ for command in EXAMPLES)])
def test_flags_name_no_kind_of_value(command):
    arguments = ["--help"] if command is None else [command, "--help"]
    said = CliRunner().invoke(app, arguments, env={"COLUMNS": "200"}).stdout
    assert "--help" in said
    assert "bool" not in said.lower()
