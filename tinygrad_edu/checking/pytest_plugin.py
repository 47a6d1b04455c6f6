"""For pytest: a fixture `gradcheck` that fails a test with the report, and a marker for options.

    @pytest.mark.gradcheck(points=3)
    def test_my_op(gradcheck):
        gradcheck(my_op, np.ones(3))

Enable it with `pytest_plugins = ["tinygrad_edu.checking.pytest_plugin"]` in conftest.py, or
`-p tinygrad_edu.checking.pytest_plugin`. `--gradcheck-html=DIR` keeps a page of each report.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .function_check import gradcheck as check
from .report import GradReport


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--gradcheck-html`."""
    parser.addoption(
        "--gradcheck-html", metavar="DIR", help="write a page of each gradient check into DIR"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line("markers", "gradcheck(**options): options of the gradcheck fixture")


@pytest.fixture
def gradcheck(request: pytest.FixtureRequest) -> Callable[..., GradReport]:
    """`gradcheck(fn, *inputs, **options)`: fails the test unless every gradient is right."""
    marker = request.node.get_closest_marker("gradcheck")
    defaults = dict(marker.kwargs) if marker is not None else {}
    folder = request.config.getoption("--gradcheck-html")
    count = 0

    def run(fn: Callable[..., Any], *inputs: Any, **options: Any) -> GradReport:
        nonlocal count
        report = check(fn, *inputs, **{**defaults, **options})
        if folder:
            count += 1
            Path(folder).mkdir(parents=True, exist_ok=True)
            name = re.sub(r"[^\w.-]+", "-", f"{request.node.name}-{count}")
            report.to_html(Path(folder) / f"{name}.html")
        if not report:
            pytest.fail(str(report), pytrace=False)
        return report

    return run
