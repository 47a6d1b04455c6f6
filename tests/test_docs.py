"""Every ```python block of the README and the docs runs, top to bottom, as one program a page.

Blocks marked ```py are made by a program that has run them (the gallery's).
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(page: Path) -> str:
    """The page's Python, line numbers kept, so that an error points into the page."""
    lines = page.read_text(encoding="utf-8").split("\n")
    kept, inside = [], False
    for line in lines:
        if line.startswith("```"):
            inside = line.strip() == "```python"
            kept.append("")
        else:
            kept.append(line if inside else "")
    return "\n".join(kept)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_on_the_page_runs(page: Path, tmp_path: Path) -> None:
    code = blocks(page)
    if not code.strip():
        pytest.skip("no Python on this page")
    program = tmp_path / page.with_suffix(".py").name
    program.write_text(code, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", str(program)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    # A comment that looks like output (a tensor, a tuple, a number) is held to be what is printed.
    for said in re.findall(r"^print\(.*\)  # ((?:tensor|[\[(<\d]).*)$", code, flags=re.MULTILINE):
        assert said in done.stdout, f"{page.name} says {said!r}, it printed:\n{done.stdout}"
