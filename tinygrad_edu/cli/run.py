"""`tinygrad-edu run`: train one of the five systems, or all, and report."""

from __future__ import annotations

import contextlib
import os
import shlex
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from ..datasets import DownloadError, IdxError
from ..systems import SYSTEMS, Data, Outcome, Settings, SettingsError, Surroundings, System
from ..training import CheckpointError, Trainer, TrainingDiverged
from ..training.gradient_checks import SAMPLES, check_step
from .report import write_report
from .table import print_outcomes

__all__ = ["reproducing_command", "run"]

NAMES = (*SYSTEMS, "all")
INTERRUPTED = 130  # what shells expect after Ctrl-C


def run(
    name: Annotated[str, typer.Argument(metavar="NAME", help=f"One of {', '.join(NAMES)}.")],
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for report.html and the trained parameters.", show_default=False),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the weights and the order of samples.")] = 0,
    epochs: Annotated[int | None, typer.Option(help="Instead of the recipe's.")] = None,
    lr: Annotated[float | None, typer.Option(help="Learning rate instead of the recipe's.")] = None,
    layers: Annotated[
        str | None, typer.Option(help="Layer sizes instead of the recipe's, such as 64,32,10.")
    ] = None,
    hidden: Annotated[
        int | None, typer.Option(help="Units of one hidden layer, in place of the recipe's.")
    ] = None,
    recipe: Annotated[
        str | None, typer.Option(help="Another way to train it: digits has plain, xor published.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder with MNIST's four IDX files.", show_default=False)
    ] = None,
    download: Annotated[bool, typer.Option("--download", help="Fetch MNIST if need be.")] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Less of everything, to see that it works.")
    ] = False,
    check: Annotated[
        bool,
        typer.Option("--check", help="Check gradients before, during and after training."),
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the checkpoint in --out, if there is one.")
    ] = False,
) -> None:
    """Train NAME, print a table, and write a report to --out.

    xor, patterns, letters, digits and mnist are the five systems; all is all of them.
    """
    try:
        systems = _systems(name, layers, hidden, recipe)
        if resume and out is None:
            raise SettingsError(
                "--resume was given without --out; expected the folder that holds the checkpoint. "
                "Type --resume --out report"
            )
        settings = Settings(
            seed=seed,
            epochs=epochs,
            lr=lr,
            layers=_sizes(layers),
            hidden=hidden,
            recipe=recipe,
            data=data,
            download=download,
            quick=quick,
        )
        # Whatever can be refused is refused before anything is trained.
        loaded = [(s, s.load(settings, s.choose(settings))) for s in systems]
        if out is not None:
            _refuse_unwritable(out)
    except (SettingsError, IdxError, DownloadError, OSError) as error:
        _fail(str(error), 2)

    with _one_thread():
        _run_all(
            loaded, settings, out, check, resume, reproducing_command(name, settings, out, check)
        )


def _run_all(
    loaded: list[tuple[System, Data]],
    settings: Settings,
    out: Path | None,
    check: bool,
    resume: bool,
    command: str,
) -> None:
    outcomes: list[Outcome] = []
    failures: list[str] = []
    for system, its_data in loaded:
        around = Surroundings(
            progress=True,
            checkpoint=None if out is None else out / f"{system.name}.checkpoint.npz",
            resume=resume,
            check_gradients=_check if check else None,
        )
        try:
            outcomes.append(system.run(settings, around, its_data))
        except TrainingDiverged as error:
            failures.append(f"{system.name}: {error}")
            continue
        except (SettingsError, CheckpointError) as error:
            _fail(str(error), 2)
        except KeyboardInterrupt:  # a second Ctrl-C, or one outside of training
            _conclude(outcomes, out, command)
            _fail("interrupted", INTERRUPTED)
        if outcomes[-1].interrupted:
            break
    _conclude(outcomes, out, command)
    failures += [
        f"{outcome.name}: a gradient is wrong, {when}:\n{report}"
        for outcome in outcomes
        for when, report in outcome.checks
        if report.verdict == "FAIL"
    ][:1]
    if outcomes and outcomes[-1].interrupted:
        words = "interrupted"
        if out is not None:
            words += f"; to go on, type {command} --resume"
        _fail(words, INTERRUPTED)
    if failures:
        _fail("\n".join(failures), 1)


def _one_thread() -> contextlib.AbstractContextManager[Any]:
    """Matrix products by one thread, where threadpoolctl can see to that.

    These networks are too small to share between threads, and sums that are cut into as many
    pieces as a machine has cores differ from machine to machine.
    """
    try:
        from threadpoolctl import threadpool_limits
    except ModuleNotFoundError:
        return contextlib.nullcontext()
    return threadpool_limits(1)  # type: ignore[no-any-return]


def _conclude(outcomes: list[Outcome], out: Path | None, command: str) -> None:
    """Print the table, and write the report of what was done."""
    if not outcomes:
        return
    print_outcomes(outcomes)
    if out is None:
        return
    try:
        page = write_report(out, outcomes, command)
    except OSError as error:
        _fail(f"the report could not be written to {out}: {error.strerror or error}", 1)
    typer.echo(f"\nreport: {page}")


def _systems(name: str, layers: str | None, hidden: int | None, recipe: str | None) -> list[System]:
    if name == "all":
        for option, value in (("--layers", layers), ("--hidden", hidden), ("--recipe", recipe)):
            if value is not None:
                raise SettingsError(
                    f"{option} {value} was given for all five systems; expected it for one, since "
                    f"their layers and recipes differ. Type tinygrad-edu run digits {option} "
                    f"{value}"
                )
        return list(SYSTEMS.values())
    if name not in SYSTEMS:
        raise SettingsError(
            f"there is no system {name!r}; expected one of {', '.join(NAMES)}. "
            f"Type tinygrad-edu run xor"
        )
    return [SYSTEMS[name]]


def _sizes(layers: str | None) -> tuple[int, ...] | None:
    if layers is None:
        return None
    try:
        return tuple(int(part) for part in layers.replace("-", ",").split(","))
    except ValueError:
        raise SettingsError(
            f"layers were given as {layers!r}; expected whole numbers with commas between them. "
            f"Type --layers 64,64,10"
        ) from None


def _refuse_unwritable(out: Path) -> None:
    """Make the folder, and write and remove a file in it: the only test that does not lie."""
    if find_spec("matplotlib") is None:
        raise SettingsError(
            "the report of --out has curves, which need Matplotlib, and it is not installed. Type "
            "pip install 'tinygrad-edu[all]', or leave --out out"
        )
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe = out / f".writable-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise SettingsError(
            f"--out {out} cannot be written to ({error.strerror or error}); expected a folder that "
            f"exists or can be made. Type --out report"
        ) from error


def _check(trainer: Trainer, x: Any, y: Any, when: str) -> Any:
    return check_step(trainer.model, trainer.loss, x[:SAMPLES], y[:SAMPLES])


def reproducing_command(name: str, settings: Settings, out: Path | None, check: bool) -> str:
    """The command line that runs the same again."""
    parts = ["tinygrad-edu run", name]
    options: list[tuple[str, Any]] = [
        ("--seed", settings.seed),
        ("--epochs", settings.epochs),
        ("--lr", settings.lr),
        ("--layers", settings.layers and ",".join(map(str, settings.layers))),
        ("--hidden", settings.hidden),
        ("--recipe", settings.recipe),
        ("--data", settings.data),
    ]
    parts += [f"{option} {_quoted(value)}" for option, value in options if value is not None]
    flags = (("--download", settings.download), ("--quick", settings.quick), ("--check", check))
    parts += [flag for flag, is_set in flags if is_set]
    if out is not None:
        parts.append(f"--out {_quoted(out)}")
    return " ".join(parts)


def _quoted(value: Any) -> str:
    return shlex.quote(str(value))


def _fail(message: str, code: int) -> NoReturn:
    print(f"tinygrad-edu: {message}", file=sys.stderr)
    raise typer.Exit(code)
