"""The command line's callables and the pytest plugin."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.checking.commands import check_command, main
from tinygrad_edu.learn.experiments.command import experiment_command

pytest_plugins = ["pytester"]


def loss(x):
    return (x * x).sum()


loss.gradcheck_inputs = lambda: (np.ones(3),)


def detached():
    return (lambda x: (x * x.detach()).sum()), np.ones(3)


def random():
    rng = np.random.default_rng()
    return (lambda x: x * tg.tensor(rng.random(3))), np.ones(3)


def nothing():
    return (lambda x: tg.tensor(1.0)), np.ones(3)


@pytest.mark.parametrize(
    ("name", "code", "told"),
    [
        ("loss", 0, "PASS"),
        ("detached", 1, "UNTRACKED"),
        ("random", 1, "not repeatable"),
        ("nothing", 2, "depends on none"),
        ("missing", 2, "missing"),
    ],
)
def test_exit_codes(name, code, told, capsys):
    assert main([f"tests.checking.test_commands:{name}"]) == code
    assert told in capsys.readouterr().out


def test_a_target_without_a_colon_and_a_function_with_arguments():
    said = []
    assert check_command("numpy", show=said.append) == 2
    assert check_command("tests.checking.test_commands:check_command", show=said.append) == 2
    assert "write FILE.py:NAME or package.module:NAME" in said[0]
    assert "gradcheck_inputs" in said[1]


FILE = """
import numpy as np
import tinygrad_edu as tg

number = 3

def square():
    return (lambda x: (x * x).sum()), np.ones(3)

def by_hand():
    return (lambda x: (x * x).sum()), (lambda x: x), np.ones(3)

def model():
    return tg.nn.Linear(2, 3), tg.ones(1, 2)

def list_of_nothing():
    return []
"""


@pytest.mark.parametrize(
    ("name", "code", "told"),
    [
        ("square", 0, "PASS"),
        ("by_hand", 1, "a factor 2 is missing"),
        ("model", 0, "weight"),
        ("squre", 2, "net.py has no 'squre' after it has run; is it square?"),
        ("number", 2, "number is int, and nothing that can be called"),
        ("list_of_nothing", 2, "returned list; expected a tuple (fn, *inputs)"),
    ],
)
def test_what_a_file_names_is_checked(name, code, told, tmp_path, monkeypatch):
    (tmp_path / "net.py").write_text(FILE, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    said = []
    assert check_command(f"{tmp_path / 'net.py'}:{name}", show=said.append) == code
    assert told in said[0]


def test_files_that_cannot_be_read_are_told(tmp_path):
    said = []
    (tmp_path / "net.py").write_text("x = (", encoding="utf-8")
    assert check_command(f"{tmp_path / 'nett.py'}:f", show=said.append) == 2
    assert check_command(f"{tmp_path / 'net.py'}:f", show=said.append) == 2
    assert "is it net.py?" in said[0]
    assert "cannot be imported: SyntaxError" in said[1]


def test_the_explanation_can_be_asked_for(capsys):
    assert main(["tests.checking.test_commands:detached", "--explain"]) == 1
    assert "What that means (untracked path)" in capsys.readouterr().out


def test_a_page_that_cannot_be_written_is_told(tmp_path):
    said = []
    page = tmp_path / "none" / "report.html"
    assert check_command("tests.checking.test_commands:loss", html=str(page), show=said.append) == 2
    assert "could not be written" in said[-1]


def test_html_page(tmp_path):
    page = tmp_path / "report.html"
    assert check_command("tests.checking.test_commands:loss", html=str(page)) == 0
    assert "PASS" in page.read_text(encoding="utf-8")


def test_experiments_by_name(capsys):
    assert experiment_command() == 0
    assert experiment_command("taylor") == 0
    assert experiment_command("tailor") == 2
    out = capsys.readouterr().out
    assert "kink_zoom" in out
    assert "S/h is the error" in out
    assert "there is no experiment 'tailor'; is it taylor?" in out


def test_experiments_take_a_seed_and_give_the_answer(tmp_path):
    said = []
    assert experiment_command("find_the_bug", seed=3, answer=True, show=said.append) == 0
    assert said[-1].startswith("\nThe answer: ")
    assert experiment_command("taylor", seed=3, show=said.append) == 2
    assert "draws no random numbers" in said[-1]
    assert experiment_command("taylor", answer=True, show=said.append) == 2
    assert "asks nothing" in said[-1]
    assert experiment_command("taylor", plot=str(tmp_path / "a.nonsense"), show=said.append) == 2
    assert "no plot was made" in said[-1]


def test_plugin(pytester):
    pytester.makeconftest('pytest_plugins = ["tinygrad_edu.checking.pytest_plugin"]')
    pytester.makepyfile(
        """
        import numpy as np
        import pytest

        def test_right(gradcheck):
            assert gradcheck(lambda x: (x * x).sum(), np.ones(3)).seed == 0

        @pytest.mark.gradcheck(seed=4)
        def test_marked(gradcheck):
            assert gradcheck(lambda x: (x * x).sum(), np.ones(3)).seed == 4

        def test_wrong(gradcheck):
            gradcheck(lambda x: (x * x.detach()).sum(), np.ones(3))
        """
    )
    result = pytester.runpytest_inprocess("--gradcheck-html=pages", "--strict-markers")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*UNTRACKED PATH*"])
    assert len(list((pytester.path / "pages").iterdir())) == 3
