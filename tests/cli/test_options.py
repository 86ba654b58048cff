"""Options made of records: every setting is one, what is typed becomes the record, and what cannot is one line."""

from __future__ import annotations

import importlib
import typing
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from neurocompare import settings
from neurocompare.cli.errors import OneLineErrors
from neurocompare.cli.main import app
from neurocompare.cli.options import Without, axes, numbers, option_of, with_options
from neurocompare.errors import InputError
from neurocompare.settings import (
    Checked,
    Choices,
    Exploring,
    Family,
    Measuring,
    Networks,
    Planting,
    Scoring,
    Solving,
    Workers,
    declared,
    setting,
)

COMMANDS = {command.name: command for command in typer.main.get_command(app).commands.values()}

TAKEN = {
    "run": (Choices, Family, Networks, Scoring, Exploring, Workers),
    "rank": (Choices, Scoring, Workers),
    "score": (Choices, Scoring, Workers),
    "recover": (Planting, Choices, Scoring, Workers),
    "zoo": (Choices, Family, Networks, Workers),
    "theory": (Choices, Family, Solving, Workers),
    "dynamics": (Measuring, Workers),
    "hypotheses": (Workers,),
    "task": (Choices,),
    "inspect": (Choices,),
}
"""Records of each command."""

LEFT_OUT = {("theory", "n_units")}
"""Settings that a command does not take: the theory is of infinitely many units."""

TYPED = {
    "layout": ("falcon", "falcon"),
    "area": ("M1", "M1"),
    "target": ("emg", "emg"),
    "behavior": ("cursor_pos", "cursor_pos"),
    "condition": ("object", ("object",)),
    "event": ("go_cue_time", ("go_cue_time",)),
    "window": ("-0.1, 0.3", ((-0.1, 0.3),)),
    "valid": ("result == 'R, S'", "result == 'R, S'"),
    "target_onset": ("lights", "lights"),
    "go": ("tone", "tone"),
    "movement_onset": ("lift", "lift"),
    "direction": ("dir", "dir"),
    "target_position": ("place", ("place",)),
    "relative": ("tone", ("tone",)),
    "good_units": ("snr > 4", "snr > 4"),
    "bin_width": ("0.01", 0.01),
    "file_bin": ("0.005", 0.005),
    "smoothing": ("0", 0.0),
    "lag": ("-0.05", -0.05),
    "min_rate": ("2", 2.0),
    "time_step": ("0.02", 0.02),
    "cue": ("until-movement", "until-movement"),
    "trigger": (None, True),
    "stream": (None, True),
    "g": ("1.2", 1.2),
    "tau": ("0.2", 0.2),
    "beta": ("100", 100.0),
    "n_units": ("50", 50),
    "nonlinearity": ("relu", "relu"),
    "input_scale": ("2", 2.0),
    "private_noise": ("0.1", 0.1),
    "gammas": ("0.4, 0,1e-1", (0.0, 0.1, 0.4)),
    "chains": ("3", 3),
    "members": ("4", 4),
    "trajectories": ("60", 60),
    "method": ("gradient-descent", "gradient-descent"),
    "steps": ("100", 100),
    "dtype": ("float64", "float64"),
    "device": ("cuda", "cuda"),
    "metrics": ("cka, rsa", ("cka", "rsa")),
    "resamples": ("30", 30),
    "noise_free": (None, True),
    "exponents": ("3", 3),
    "duration": ("200", 200.0),
    "transient": ("0", 0.0),
    "inputs": ("zero", "zero"),
    "windows": ("2", 2),
    "kick": ("0.2", 0.2),
    "silenced": ("0.1", (0.1,)),
    "noise": ("0.1,0.3", (0.1, 0.3)),
    "repeats": ("4", 4),
    "path_states": ("3", 3),
    "frequencies": ("30", 30),
    "seed": ("5", 5),
    "jobs": ("3", 3),
    "dask": ("tcp://10.0.0.1:8786", "tcp://10.0.0.1:8786"),
    "points": ("512", 512),
    "population": ("512", 512),
    "max_samples": ("90", 90),
    "drawn_units": ("60", 60),
    "runs": ("7", 7),
    "sizes": ("2,0.5", (1.0, 0.5, 2.0)),
    "planted": ("0.4,0.2", (0.2, 0.4)),
    "units": ("20", 20),
    "trials": ("8", 8),
    "reservoirs": ("0.5", 0.5),
    "only": ("input-scale, g", ("g", "input_scale")),
    "gamma": ("0.1,1", (0.1, 1.0)),
}
"""What is typed for a setting, and what the record then holds."""

TYPED_OF = {
    (Choices, "units"): ("processing/ecephys/crossings", "processing/ecephys/crossings"),
    (Choices, "trials"): ("reaches", "reaches"),
    (Exploring, "g"): ("1,1.5", (1.0, 1.5)),
    (Exploring, "tau"): ("0.1,0.2", (0.1, 0.2)),
    (Exploring, "beta"): ("10,100", (10.0, 100.0)),
    (Exploring, "input_scale"): ("1,1.1", (1.0, 1.1)),
    (Exploring, "steps"): ("2", 2),
    (Exploring, "lag"): ("-0.1, 0.1", (-0.1, 0.1)),
}
"""The same, where records have a setting of one name and another kind."""

RECORDS = sorted({record for records in TAKEN.values() for record in records}, key=lambda record: record.__name__)
SETTINGS = [(record, name) for record in RECORDS for name in declared(record)]


def named(cases):
    return [f"{record.__name__}.{name}" for record, name in cases]


def program(record, *without):
    """A program of one command that takes one record, and where it puts what it was called with."""
    seen, program = [], typer.Typer(cls=OneLineErrors)

    def command(given):
        seen.append(given)

    command.__annotations__ = {"given": Annotated[record, Without(*without)], "return": None}
    program.command()(with_options(command))
    program.callback()(lambda: None)
    return program, seen


@pytest.mark.parametrize("command", TAKEN)
def test_every_setting_of_every_record_is_an_option_of_the_commands_that_take_it(command):
    there = {option for one in COMMANDS[command].params for option in one.opts}
    for record in TAKEN[command]:
        for name in declared(record):
            assert (option_of(record, name) in there) == ((command, name) not in LEFT_OUT), name


def test_the_table_of_records_is_that_of_the_commands():
    """No command takes a record that is not checked here, and no record of settings is taken by none."""
    for command in COMMANDS:
        function = vars(importlib.import_module(f"neurocompare.cli.{command}"))[command]
        hints = typing.get_type_hints(getattr(function, "__wrapped__", function))
        taken = {kind for kind in hints.values() if isinstance(kind, type) and kind in RECORDS}
        assert taken == set(TAKEN.get(command, ())), command
    there = [each for each in vars(settings).values() if isinstance(each, type) and issubclass(each, Checked)]
    assert {*RECORDS, Checked} == set(there)


@pytest.mark.parametrize("command", [name for name, records in TAKEN.items() if Choices in records])
def test_every_verb_that_reads_a_recording_takes_every_choice_about_it(command):
    there = {option for one in COMMANDS[command].params for option in one.opts}
    assert {option_of(Choices, name) for name in declared(Choices)} <= there


def test_the_verbs_that_read_a_recording_and_those_that_score_are_these():
    """`dynamics`, `datasets` and `fetch` read none; the theory is scored by all metrics there are."""
    assert set(COMMANDS) - {name for name, records in TAKEN.items() if Choices in records} == {
        "dynamics",
        "hypotheses",
        "datasets",
        "fetch",
    }
    with_metrics = {
        name for name, command in COMMANDS.items() if any("--metrics" in one.opts for one in command.params)
    }
    assert with_metrics == {"run", "rank", "score", "recover"}


@pytest.mark.parametrize(("record", "name"), SETTINGS, ids=named(SETTINGS))
def test_what_is_typed_is_what_the_record_holds(record, name):
    text, expected = TYPED_OF.get((record, name)) or TYPED[name]
    arguments = [option_of(record, name)] + ([] if text is None else [text])
    own, seen = program(record)
    result = CliRunner().invoke(own, ["command", *arguments])
    assert result.exit_code == 0, result.stderr
    assert seen == [record(**{name: expected})]
    assert getattr(seen[0], name) == expected != getattr(record(), name)


@pytest.mark.parametrize("record", RECORDS)
def test_nothing_typed_is_the_record_at_its_defaults(record):
    own, seen = program(record)
    assert CliRunner().invoke(own, ["command"]).exit_code == 0
    assert seen == [record()]


def test_options_that_are_repeated_are_kept_in_their_order():
    own, seen = program(Choices)
    arguments = ["--event", "on", "--window", "0,0.3", "--event", "go", "--window=-0.2,0.3", "--condition", "a,b"]
    assert CliRunner().invoke(own, ["command", *arguments, "--condition", "c"]).exit_code == 0
    assert seen == [Choices(event=("on", "go"), window=((0, 0.3), (-0.2, 0.3)), condition=("a,b", "c"))]


REFUSED = [
    (Exploring, ["--explore-g", "1"], "expected g (--explore-g) to be 2 values, found (1.0,)"),
    (Exploring, ["--explore-g", "2,1"], "expected g to range from a smaller value to a larger one, found 2 to 1"),
    (Choices, ["--window", "0.1"], "expected a window as FROM,TO in s, found '0.1'"),
    (Choices, ["--window", "0,1,2"], "expected a window as FROM,TO in s"),
    (Choices, ["--window", "now,then"], "expected window as numbers separated by commas"),
    (Choices, ["--window", "0.3,0.1"], "expected a window that ends after it starts"),
    (Choices, ["--bin-width", "nan"], "expected bin_width to be a number at least 0.001 and at most 10 s"),
    (Choices, ["--lag", "2"], "found 2"),
    (Choices, ["--target", "foot"], "expected target to be one of hand, cursor, emg, found 'foot'"),
    (Choices, ["--area", " "], "expected something after --area, found an empty text"),
    (Choices, ["--target", "hand", "--behavior", "hand_pos"], "expected a target or a behaviour"),
    (Choices, ["--good-units", "snr >"], "expected a query such as result == 'R', found the end at character 6"),
    (Choices, ["--target-position", "a", "--target-position", "b", "--target-position", "c"], "or two, found 3"),
    (Family, ["--units", "0"], "expected n_units (--units) to be a whole number at least 1"),
    (Family, ["--noise", "-1"], "expected private_noise (--noise)"),
    (Family, ["--g", "inf"], "found inf"),
    (Networks, ["--gammas", "0,,1"], "expected gammas as numbers separated by commas, such as 0,0.1,0.4; found ''"),
    (Networks, ["--gammas", "0,0.4,0.4"], "expected each gamma once, found 0.4 more than once"),
    (Networks, ["--method", "magic"], "found 'magic'"),
    (Scoring, ["--metrics", "cka,cka"], "expected metrics, each once"),
    (Scoring, ["--metrics", "cka,"], "expected metrics to be a sequence of values, each text that is not empty"),
    (Scoring, ["--resamples", "3"], "expected resamples to be a whole number at least 20"),
    (Workers, ["--jobs", "0"], "expected jobs to be a whole number at least 1"),
    (Workers, ["--jobs", "2", "--dask", "tcp://a:1"], "expected --jobs or --dask, found both"),
    (Planting, ["--sizes", "0"], "expected sizes to be a sequence of values, each a number at least 0.05"),
    (Solving, ["--population", "3"], "expected population to be a whole number at least 64"),
]


@pytest.mark.parametrize(("record", "arguments", "said"), REFUSED, ids=[" ".join(each[1]) for each in REFUSED])
def test_a_refusal_is_one_line_and_exit_code_2(record, arguments, said):
    own, seen = program(record)
    result = CliRunner().invoke(own, ["command", *arguments])
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("neurocompare: ")
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
    assert seen == []


@pytest.mark.parametrize("arguments", [["--units", "many"], ["--units", "20.5"], ["--units"], ["--unit", "3"]])
def test_what_is_no_number_or_no_option_points_to_the_help(arguments):
    own, seen = program(Family)
    result = CliRunner().invoke(own, ["command", *arguments])
    assert result.exit_code == 2
    assert "--help" in result.stderr
    assert result.stderr.count("\n") == 1
    assert seen == []


def test_a_setting_that_is_left_out_is_no_option_and_stands_at_its_default():
    own, seen = program(Family, "n_units")
    assert CliRunner().invoke(own, ["command", "--units", "50"]).exit_code == 2
    assert CliRunner().invoke(own, ["command", "--g", "1.2"]).exit_code == 0
    assert seen == [Family(g=1.2)]


@pytest.mark.parametrize("command", TAKEN)
def test_the_help_says_every_setting_its_default_and_its_unit_under_the_title_of_its_record(command):
    shown = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "250"}).stdout
    for record in TAKEN[command]:
        assert record.PANEL in shown
        for name, (_, about) in declared(record).items():
            if (command, name) not in LEFT_OUT:
                assert about.help[:40] in " ".join(shown.split()), name
    if Family in TAKEN[command]:
        assert "Membrane time constant. In s. Default: 0.1." in shown


def test_no_two_records_of_a_command_want_the_same_option():
    for command, records in TAKEN.items():
        options = [option_of(record, name) for record in records for name in declared(record)]
        assert len(options) == len(set(options)), command


def test_a_setting_that_is_declared_is_an_option_without_anything_else_said():
    """What a new setting costs: one line."""

    from dataclasses import dataclass

    @dataclass(frozen=True)
    class Pace(Checked):
        PANEL = "Pace"
        leap_years: tuple[int, ...] = setting((), "Years.", least=1, metavar="Y,Y,...")

    own, seen = program(Pace)
    assert CliRunner().invoke(own, ["command", "--leap-years", "4,8"]).exit_code == 0
    assert seen == [Pace(leap_years=(4, 8))]


@pytest.mark.parametrize("text", ["g", "g=1;2", "=1", "g=", "g=1,,2"])
def test_axes_that_cannot_be_read(text):
    with pytest.raises(InputError):
        axes([text], "--grid")


def test_numbers_are_any_that_python_reads_and_nothing_else():
    assert numbers("1e-3, -2", "gammas") == (0.001, -2.0)
    with pytest.raises(InputError, match="found 'x'"):
        numbers("1,x", "gammas")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["run", "--lead", "0.1"], "expected --lag, as --lead is called now; see neurocompare run --help"),
        (["score", "m:n", "--draws=20"], "expected --resamples, as --draws is called now"),
        (["zoo", "ideal_reach", "--lead", "0.1"], "expected --lag, as --lead is called now"),
        (["zoo", "ideal_reach", "--draws", "20"], "No such option"),
    ],
)
def test_an_option_by_its_former_name_is_refused_with_todays(typed, said):
    ended = CliRunner().invoke(app, typed)
    assert ended.exit_code == 2
    assert said in ended.output


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["run", "--nuisance", "star"], "expected --explore, or --explore --explore-only g,lag"),
        (["run", "--nuisance=g,lag"], "found --nuisance, which is gone; see neurocompare run --help"),
        (["run", "--match", "fit"], "expected --explore --explore-only beta, found --match, which is gone"),
        (["run", "--explore", "--match", "fit"], "expected --explore --explore-only beta, found --match"),
        (["rank", "zoo", "--data", "synthetic", "--nuisance", "star"], "expected --where for one family of a zoo"),
        (["rank", "zoo", "--data", "synthetic", "--match", "fit"], "expected `neurocompare run RECORDING --explore"),
        (["recover", "r", "--nuisance"], "expected `neurocompare run RECORDING --explore`, which records"),
        (["recover", "r", "--plant-nuisance"], "expected `neurocompare run RECORDING --explore`, which records"),
        (["recover", "r", "--no-plant-nuisance"], "expected nothing: networks are planted with the settings of those"),
        (["zoo", "ideal_reach", "--match", "fit"], "RECORDING --explore --explore-only beta`, found --match"),
        (["zoo", "ideal_reach", "--level", "0.1"], "RECORDING --explore --explore-only beta`, found --level"),
        (["score", "m:n", "--match", "fit"], "No such option"),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, list) else "",
)
def test_an_option_that_is_gone_is_refused_with_what_to_type_now(typed, said):
    ended = CliRunner().invoke(app, typed)
    assert ended.exit_code == 2
    assert said in ended.stderr
    assert ended.stderr.count("\n") == 1
