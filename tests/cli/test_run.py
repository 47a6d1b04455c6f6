"""`tinygrad-edu run`, as it is typed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tinygrad_edu import datasets
from tinygrad_edu.cli import main, table
from tinygrad_edu.engine.table import find, with_rule
from tinygrad_edu.systems import SYSTEMS, Settings
from tinygrad_edu.training import read_checkpoint

pytest.importorskip("typer")

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    for system in SYSTEMS.values():
        monkeypatch.setattr(type(system), "derivation_steps", 20)
    monkeypatch.delenv(datasets.mnist_files.DATA_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/nonexistent")


def typed(*arguments: object) -> int:
    """Run a command line here; returns the exit code."""
    with pytest.raises(SystemExit) as ended:
        main([str(a) for a in arguments])
    return int(ended.value.code or 0)


def test_a_run_prints_its_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("run", "letters", "--epochs", 60, "--seed", 3) == 0
    head, row = [line for line in capsys.readouterr().out.splitlines() if line.strip()][:2]
    assert head.split() == list(table.COLUMNS)
    assert row.split()[:4] == ["letters", "30-5-3", "173", "60"]
    assert row.split()[-1] == "3"


def test_out_holds_a_report_and_the_parameters(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "a" / "report"
    assert typed("run", "xor", "--out", out, "--hidden", 3) == 0
    assert sorted(p.name for p in out.iterdir()) == ["report.html", "xor.checkpoint.npz"]
    assert f"report: {out / 'report.html'}" in capsys.readouterr().out
    page = (out / "report.html").read_text(encoding="utf-8")
    assert f"tinygrad-edu run xor --seed 0 --hidden 3 --out {out}" in page
    assert list(read_checkpoint(out / "xor.checkpoint.npz")["model"]) == [
        "0.weight",
        "0.bias",
        "2.weight",
        "2.bias",
    ]
    # The same command again replaces the report.
    assert typed("run", "xor", "--out", out, "--hidden", 3, "--seed", 1) == 0
    assert "--seed 1" in (out / "report.html").read_text(encoding="utf-8")


def test_check_reports_three_times(capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("run", "letters", "--epochs", 5, "--check") == 0
    out = capsys.readouterr().out
    for when in ("before training", "after 3 steps", "at the end"):
        assert f"letters: gradients {when}: PASS" in out


def test_check_is_in_the_report_by_parameter(tmp_path: Path) -> None:
    assert typed("run", "letters", "--epochs", 5, "--check", "--out", tmp_path) == 0
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    for when in ("before training", "after 3 steps", "at the end"):
        assert f'<th scope="col">{when}: PASS</th>' in page
    during = page.partition("Checked during training")[2].partition("</table>")[0]
    for name in ("0.weight", "0.bias", "2.weight", "2.bias"):
        row = during.partition(f"<code>{name}</code>")[2].partition("</tr>")[0]
        assert row.count("pass") == 3


def test_a_wrong_rule_ends_a_checked_run_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exp = find(np.exp)
    assert exp is not None
    with with_rule(exp, "x", lambda g, y: 3 * g * y):
        assert typed("run", "letters", "--epochs", 5, "--check", "--out", tmp_path) == 1
    told = capsys.readouterr()
    assert "letters: gradients before training: FAIL" in told.out
    assert "letters: a gradient is wrong, before training:" in told.err
    assert "analytic = 3 x numeric" in told.err
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "before training: FAIL" in page
    assert "before training: exp in " in page


def test_all_is_all_five(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("run", "all", "--epochs", 1, "--quick", "--out", tmp_path) == 0
    out = capsys.readouterr().out
    for name in SYSTEMS:
        assert f"\n{name} " in out
    assert "(subset)" in out
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.count('<section class="system"') == 5


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nor"], "there is no system 'nor'; expected one of xor, patterns, letters"),
        (["digits", "--layers", "64,x"], "layers were given as '64,x'; expected whole numbers"),
        (["digits", "--layers", "60,10"], "expected 64 at the beginning and 10 at the end"),
        (["digits", "--layers", "64,10", "--hidden", "3"], "both layers (64-10) and hidden (3)"),
        (["all", "--layers", "64,10"], "--layers 64,10 was given for all five systems"),
        (["all", "--hidden", "3"], "--hidden 3 was given for all five systems"),
        (["xor", "--epochs", "0"], "epochs was given as 0; expected at least 1"),
        (["xor", "--lr", "-1"], "the learning rate was given as -1.0"),
        (["xor", "--seed", "-1"], "the seed was given as -1"),
        (["xor", "--recipe", "nice"], "xor was given the recipe 'nice'; expected one of default"),
        (["xor", "--resume"], "--resume was given without --out"),
        (["mnist", "--data", "nowhere"], "mnist was given data='nowhere', which does not exist"),
    ],
)
def test_what_cannot_be_run_is_said_in_words(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed("run", *arguments) == 2
    said = capsys.readouterr()
    assert words in said.err
    assert "Traceback" not in said.err
    assert said.out == ""


def test_a_damaged_idx_file_is_told_before_anything_is_trained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "mnist"
    for source in datasets.mnist_files.BUNDLED_FOLDER.iterdir():
        folder.mkdir(exist_ok=True)
        (folder / source.name).write_bytes(source.read_bytes())
    images = folder / "train-images-idx3-ubyte.gz"
    images.write_bytes(images.read_bytes()[:5000])
    assert typed("run", "all", "--data", folder) == 2
    said = capsys.readouterr()
    assert "the gzip file is truncated" in said.err
    assert "xor" not in said.err


def test_an_unwritable_out_is_refused_before_training(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.write_text("in the way")
    assert typed("run", "xor", "--out", file / "report") == 2
    said = capsys.readouterr()
    assert f"--out {file / 'report'} cannot be written to" in said.err
    assert "Type --out report" in said.err
    assert said.out == ""
    assert file.read_text() == "in the way"


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_diverging_system_does_not_stop_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = typed("run", "all", "--lr", 1e30, "--epochs", 3, "--quick", "--out", tmp_path)
    said = capsys.readouterr()
    assert code == 1
    assert "digits: the loss became" in said.err
    assert "Try a smaller learning rate" in said.err
    assert (tmp_path / "report.html").exists()


def test_a_damaged_checkpoint_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "xor.checkpoint.npz").write_bytes(b"PK\x03\x04 nonsense")
    assert typed("run", "xor", "--out", tmp_path, "--resume") == 2
    assert "the checkpoint is truncated or damaged" in capsys.readouterr().err


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("--version") == 0
    assert capsys.readouterr().out.startswith("tinygrad-edu 0.")
    assert typed("run", "--help") == 0
    assert "--layers" in capsys.readouterr().out


def test_without_typer_it_says_what_to_install(tmp_path: Path) -> None:
    blocked = "import sys; sys.modules['typer'] = None; from tinygrad_edu.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", blocked], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 2
    assert "pip install 'tinygrad-edu[all]'" in done.stderr
    assert "Traceback" not in done.stderr


# The command line, but that step 1000 does not begin before this test says so.
HELD = """
import sys
from tinygrad_edu.cli import main
from tinygrad_edu.training import Trainer

train_on = Trainer._train_on
def held(trainer, *batch):
    if trainer.step == 1000:
        print("under way", file=sys.stderr, flush=True)
        sys.stdin.readline()
    train_on(trainer, *batch)
Trainer._train_on = held
main(sys.argv[1:])
"""


@pytest.mark.skipif(os.name == "nt", reason="sends a POSIX signal")
def test_ctrl_c_keeps_a_checkpoint_and_leaves_a_report(tmp_path: Path) -> None:
    """Interrupted and resumed, a run ends where it would have ended."""
    words = ["run", "letters", "--epochs", "5000", "--quick", "--out", str(tmp_path)]
    command = [sys.executable, "-m", "tinygrad_edu", *words]
    with subprocess.Popen(
        [sys.executable, "-c", HELD, *words],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stderr is not None
        while (line := running.stderr.readline()) != "under way\n":
            assert line, "it ended before step 1000"
        running.send_signal(signal.SIGINT)
        out, err = running.communicate("go on\n")
    assert running.returncode == 130, err
    assert "letters: Interrupted after" in out
    assert "tinygrad-edu: interrupted; to go on, type tinygrad-edu run letters" in err
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.rstrip().endswith("</html>")
    assert "Interrupted after" in page
    done = read_checkpoint(tmp_path / "letters.checkpoint.npz")["progress"]["epoch"]
    assert 0 < done < 5000

    resumed = subprocess.run(
        [*command, "--resume"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert resumed.returncode == 0, resumed.stderr
    finished = read_checkpoint(tmp_path / "letters.checkpoint.npz")
    whole = SYSTEMS["letters"].run(Settings(epochs=5000, quick=True))
    for name, parameter in whole.model.named_parameters():
        np.testing.assert_array_equal(finished["model"][name], parameter.detach().numpy())


def test_the_package_does_not_import_the_command_line() -> None:
    asked = (
        "import sys, tinygrad_edu; "
        "print(any(m in sys.modules for m in ('typer', 'rich', 'tinygrad_edu.cli')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
