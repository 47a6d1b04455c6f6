"""The reports printed in docs/gradcheck.md are those that its code prints, but for the digits."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.test_docs import ROOT, blocks


def without_numbers(text: str) -> str:
    text = re.sub(r"-?\d[\d.]*(e[-+]\d+)?", "0", text)
    return re.sub(r"\s+", " ", text).strip()


def test_reports_on_the_page_are_what_is_printed(tmp_path: Path) -> None:
    page = ROOT / "docs" / "gradcheck.md"
    program = tmp_path / "gradcheck.py"
    program.write_text(blocks(page), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(program)], capture_output=True, text=True, cwd=tmp_path, check=True
    )
    printed = without_numbers(done.stdout)
    shown = re.findall(r"^```\n(GradReport.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)
    assert len(shown) == 2
    for report in shown:
        assert without_numbers(report) in printed
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "gradcheck.py",
        "report.html",
        "wrong.svg",
    ]
