"""The lessons run, reach what they promise, and do what the package's systems do."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tinygrad_edu.systems import SYSTEMS, Settings, Surroundings

FOLDER = Path(__file__).parents[1] / "examples"
LESSONS = {"xor": "01_xor", "patterns": "02_patterns", "letters": "03_letters"}


def lesson(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"lesson_{name}", FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_xor(capsys: pytest.CaptureFixture[str]) -> None:
    result = lesson("01_xor").main(steps=100)
    assert result["right"] == 4
    assert result["loss"] < 0.01
    assert result["apart"] <= 1e-12
    assert "1 xor 1 = 0   the network says 0.0" in capsys.readouterr().out


def test_xor_stuck(capsys: pytest.CaptureFixture[str]) -> None:
    module = lesson("01_xor")
    train, calls = module.train, []

    def unlucky(model: object, epochs: int) -> float:
        calls.append(epochs)
        return 0.125 if len(calls) == 1 else float(train(model, epochs))

    module.train = unlucky
    result = module.main(steps=1)
    assert result["seed"] == 1
    assert result["right"] == 4
    assert "seed 0 is out of luck, trying seed 1" in capsys.readouterr().out


def test_patterns(capsys: pytest.CaptureFixture[str]) -> None:
    result = lesson("02_patterns").main(epochs=600, steps=100)
    assert result["right"] == 8
    assert result["apart"] <= 1e-12
    assert capsys.readouterr().out.count("diagonal") == 2 + 8


def test_letters() -> None:
    result = lesson("03_letters").main(epochs=600, steps=100)
    assert result["right"] == 3
    assert result["loss"] < 1e-3
    assert result["survived"] == 90
    assert result["apart"] <= 1e-12


def test_digits(capsys: pytest.CaptureFixture[str]) -> None:
    result = lesson("04_digits").main(epochs=15, plain_seeds=1, plain_epochs=300, steps=5)
    assert result["accuracy"] > 0.96
    assert result["plain"] > 0.75
    assert result["apart"] <= 1e-12
    assert "it is a 6; the network says 6" in capsys.readouterr().out


def test_mnist(capsys: pytest.CaptureFixture[str]) -> None:
    result = lesson("05_mnist").main(epochs=2, most=3000, steps=3, show=False)
    assert result["accuracy"] > 0.7
    assert result["apart"] <= 1e-12
    assert "bundled subset" in capsys.readouterr().out


def test_by_hand(capsys: pytest.CaptureFixture[str]) -> None:
    found = lesson("12_by_hand").main()
    moved = found.pop("moved")
    assert moved < 1e-15
    for name in ("xor", "letters, right", "digits, right", "mnist, right"):
        assert found.pop(name)
    kinds = {name: report.first_wrong.kind for name, report in found.items()}
    assert kinds == {
        "letters": "extra factor",
        "digits, categorical": "factor",
        "digits, logistic": "extra factor",
        "digits, mse": "extra factor",
        "mnist": "summed over too many axes",
    }
    for name, numbers in (
        ("letters", "4.5 = z2.size/2: the factor 2/9 of a mean square is missing"),
        ("digits, categorical", "the 1/10 of a mean is missing"),
        ("digits, logistic", "the sigma'(z2) of a sigmoid is missing; 10 = z2.shape[1]"),
        ("digits, mse", "5 = z2.shape[1]/2: the factor 2/10 of a mean square is missing"),
    ):
        finding = found[name].first_wrong
        assert finding.input_name == "W1, b1, W2, b2"
        assert numbers in finding.message
        assert finding.location.startswith("12_by_hand.py:")
    mnist = found["mnist"]
    assert [row.status for row in mnist.rows] == ["PASS", "FAIL", "PASS", "FAIL"]
    assert "b2 would never move" in mnist.culprits[1].message
    assert "b1 would never move" not in mnist.culprits[0].message
    assert "z2 = a1 @ W2 + b2" in capsys.readouterr().out


def loss_of_system(name: str, epochs: int) -> tuple[float, float]:
    """Loss and accuracy of the system's own training, without another try."""
    system, settings = SYSTEMS[name], Settings(epochs=epochs)
    recipe = system.choose(settings)
    data = system.load(settings, recipe)
    outcome = system._train(settings, recipe, data, Surroundings())
    return outcome.loss, outcome.accuracy


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_and_its_system_are_the_same_training(name: str) -> None:
    """The loop written out, and the Trainer with the system's recipe: the same loss, to the bit."""
    module = lesson(LESSONS[name])
    model = module.network(2, 0) if name == "xor" else module.network(0)
    loss, _ = loss_of_system(name, 100)
    assert module.train(model, 100) == loss


def test_the_digits_lesson_and_its_system_are_the_same_training() -> None:
    module = lesson("04_digits")
    model = module.train_better(0, epochs=3)
    _, accuracy = loss_of_system("digits", 3)
    assert module.accuracy(model, module.data()[1]) == pytest.approx(accuracy, abs=1e-7)


def test_a_lesson_is_a_program(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(FOLDER / "01_xor.py")],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
        env=None,
    )
    assert done.returncode == 0, done.stderr
    assert "by hand and recorded, over 2,000 steps" in done.stdout
