"""Queries on trials: what they mean, against Python's own logic row by row; and that they can do nothing else."""

import ast
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pytest
from sessions import make_session
from typer.testing import CliRunner

import neurocompare
from neurocompare.cli.main import app
from neurocompare.errors import InputError
from neurocompare.recordings import Choices, open_recording, write_maze_nwb
from neurocompare.recordings.answers import answers
from neurocompare.recordings.flags import FALSE, TRUE, flag
from neurocompare.records import from_plain
from neurocompare.untrusted.query import DEEPEST, LONGEST, parse

TRIALS = pd.DataFrame(
    {
        "result": ["R", "A", "R", "I"],
        "delay": [0.1, 0.5, np.nan, 0.3],
        "count": [1, 0, 1, 2],
        "success": [True, False, True, True],
        "code": ["1", "0", "", "1"],
        "said": ["yes", "No", "n/a", "TRUE"],
        "reaction time": [1.0, 2.0, 3.0, 4.0],
        "missing": [1, 2, 3, 4],
        "start_time": [0.0, 1.0, 2.0, 3.0],
    }
)


def holds(query):
    return "".join("1" if one else "0" for one in answers(TRIALS, query))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("result == 'R'", "1010"),
        ('result != "R"', "0101"),
        ("result in ['R', 'I']", "1011"),
        ("result not in ('R',)", "0101"),
        ("result < 'J'", "0101"),
        ("0.1 < delay <= 0.5", "0101"),
        ("-1 < count and .5e0 > delay", "1001"),
        ("delay is missing", "0010"),
        ("delay is not None", "1101"),
        ("delay != 0.5", "1001"),
        ("not delay == 0.5", "1001"),
        ("not (delay == 0.5 or count == 0)", "1001"),
        ("delay < 1 or count == 1", "1111"),
        ("success", "1011"),
        ("not success", "0100"),
        ("success == False", "0100"),
        ("success > 0", "1011"),
        ("code", "1001"),
        ("not code", "0100"),
        ("code == 1", "1001"),
        ("code == True", "1001"),
        ("count == '1'", "1010"),
        ("said", "1001"),
        ("said == False", "0100"),
        ("`reaction time` >= 3", "0011"),
        ("`missing` == 2", "0100"),
        ("`reaction time` > start_time + 9", None),
        ("count == 1 & success | result == 'I'", "1011"),
        ("~success or count == 2", "0101"),
        ("count < 10000000000000000000000000000", "1111"),
    ],
)
def test_what_a_query_means(query, expected):
    if expected is None:
        with pytest.raises(InputError):
            holds(query)
    else:
        assert holds(query) == expected


def test_large_numbers_are_compared_exactly():
    trials = TRIALS.assign(count=[2**60, 2**60 + 1, 2**60 + 2, 0])
    assert answers(trials, f"count == {2**60 + 1}").tolist() == [False, True, False, False]


def random_query(rng, depth):
    """A random query, and a function of a row that says True, False or None (unknown)."""
    if depth == 0 or rng.random() < 0.2:
        name = str(rng.choice(["a", "b"]))
        sign = str(rng.choice(["==", "!=", "<", "<=", ">", ">="]))
        value = int(rng.integers(-1, 3))
        compare = {
            "==": lambda x: x == value,
            "!=": lambda x: x != value,
            "<": lambda x: x < value,
            "<=": lambda x: x <= value,
            ">": lambda x: x > value,
            ">=": lambda x: x >= value,
        }[sign]
        return f"{name} {sign} {value}", lambda row: None if row[name] is None else compare(row[name])
    left, of_left = random_query(rng, depth - 1)
    kind = rng.integers(3)
    if kind == 0:
        return f"not ({left})", lambda row: None if of_left(row) is None else not of_left(row)
    right, of_right = random_query(rng, depth - 1)
    word, decides = ("and", False) if kind == 1 else ("or", True)

    def joined(row):
        both = (of_left(row), of_right(row))
        return decides if decides in both else None if None in both else not decides

    return f"({left}) {word} ({right})", joined


def test_random_queries_against_logic_row_by_row():
    rng = np.random.default_rng(0)
    for _ in range(300):
        query, of_row = random_query(rng, depth=4)
        rows = [{name: rng.choice([-1, 0, 1, 2, None]) for name in "ab"} for _ in range(12)]
        trials = pd.DataFrame({name: np.array([row[name] for row in rows], dtype=float) for name in "ab"})
        assert answers(trials, query).tolist() == [of_row(row) is True for row in rows], query


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "found an empty one"),
        ("  ", "found an empty one"),
        ("result = 'R'", "at character 8 .* write == to compare"),
        ("result == R", "found 'R'; .* in quotes"),
        ("result == 1", "both numbers or both texts"),
        ("count == 'many'", "both numbers or both texts"),
        ("count", "as a flag .* found 2"),
        ("count == True", "as a flag .* found 2"),
        ("success > True", "True and False after == or !="),
        ("delay == None", "is missing"),
        ("1 == 1", "one side of a comparison is a column"),
        ("True", "begin with a column"),
        ("(count == 1", "close the parenthesis"),
        ("count == 1)", "at character 11"),
        ("result == 'R", "close the quote"),
        ("count in []", "at character 11"),
        ("count in [result]", "numbers and texts"),
        ("count == 1 and", "the end at character 15"),
        ("count == 1 result == 'R'", "put and, or between"),
        ("count == 1e999", "smaller number"),
        ("result == 'R\x1b[2J'", "hidden"),
        ("count == 1\nand success", "hidden"),
        ("(" * (DEEPEST + 1) + "success" + ")" * (DEEPEST + 1), f"at most {DEEPEST}"),
        ("not " * (DEEPEST + 1) + "success", f"at most {DEEPEST}"),
        ("(" * 900 + "a", f"at most {DEEPEST}"),
        ("success or " * LONGEST + "success", f"at most {LONGEST:,} characters"),
        ("count + 1 == 2", "at character 7"),
        ("count == 2 ** 9 ** 9 ** 9", "at character 12"),
        ("count[0] == 1", "nothing can be called or looked up"),
        ("abs(count) == 1", "nothing can be called or looked up"),
        ("success == False; count == 1", "nothing else"),
    ],
)
def test_what_is_no_query_is_refused_in_a_line_that_shows_where(query, said):
    with pytest.raises(InputError, match=said) as caught:
        answers(TRIALS, query)
    assert "\n" not in str(caught.value)
    assert str(caught.value).isprintable()


HOSTILE = [
    "@pd.io.common.os.system('touch {mark}') == 0",
    "@pd.core.computation.ops.np.save('{mark}', [1])",
    "start_time.to_csv('{mark}')",
    "start_time.values.tofile('{mark}')",
    "start_time.to_pickle('{mark}') == 1",
    "__import__('os').system('touch {mark}')",
]


@pytest.mark.parametrize("query", HOSTILE)
def test_choices_of_a_run_folder_run_nothing(query, tmp_path):
    """As ``run.json`` holds them: on the way to the trials nothing is run and nothing written."""
    path = write_maze_nwb(make_session(n_conditions=2, n_repeats=2, n_units=3), tmp_path / "session.nwb")
    mark = tmp_path / "mark"
    for name in ("valid", "good_units"):
        with pytest.raises((InputError, msgspec.ValidationError), match="expected a query"):
            open_recording(path, from_plain(Choices, {name: query.format(mark=mark)}))
    assert not list(tmp_path.glob("mark*"))


@pytest.mark.parametrize(
    "made", [{"valid": 3}, {"area": ["M1"]}, {"good_units": {}}, {"window": [1]}, [1], {"event": [[]]}]
)
def test_choices_of_another_kind_in_a_run_folder(made):
    with pytest.raises(msgspec.ValidationError, match="Expected"):
        from_plain(Choices, made)


def test_an_empty_query_on_the_command_line_is_not_ignored(tmp_path):
    path = write_maze_nwb(make_session(n_conditions=2, n_repeats=2, n_units=3), tmp_path / "session.nwb")
    result = CliRunner().invoke(app, ["inspect", str(path), "--valid", ""])
    assert result.exit_code == 2
    assert "found an empty text" in result.stderr


def test_a_query_and_the_column_success_read_the_same_words_as_flags():
    words = [*sorted(TRUE), *sorted(FALSE)]
    trials = pd.DataFrame({"success": words})
    np.testing.assert_array_equal(answers(trials, "success"), flag(trials, "success"))
    assert answers(trials, "not success").sum() == len(FALSE)


def runs_text(call):
    """Whether a call could run what it is given: through Python, pandas, a pickle or a shell."""
    name = getattr(call.func, "id", None) or getattr(call.func, "attr", "")
    method = isinstance(call.func, ast.Attribute)
    given = {each.arg: getattr(each.value, "value", None) for each in call.keywords}
    if name in ("exec", "compile", "__import__"):
        return not method  # re.compile and the like are methods
    if name in ("eval", "query"):
        return bool(call.args)  # a torch module's eval has none
    if name == "load" and isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", "") == "torch":
        return given.get("weights_only") is not True
    return name in ("read_pickle", "Unpickler") or given.get("allow_pickle") or given.get("shell")


def test_nothing_in_the_package_evaluates_text():
    found = []
    for path in Path(neurocompare.__file__).parent.rglob("*.py"):
        calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
        found += [f"{path.name}:{call.lineno}" for call in calls if runs_text(call)]
    assert found == []


def test_a_query_is_read_before_the_recording():
    with pytest.raises(InputError, match="expected a query"):
        Choices(valid="result = 'R'")
    assert parse("success")
