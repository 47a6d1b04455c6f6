"""The command line's callables and the pytest plugin."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.checking.commands import check_command, experiment_command, main

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
    assert "expected package.module:function" in said[0]
    assert "gradcheck_inputs" in said[1]


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
    assert "there is no experiment 'tailor'" in out


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
