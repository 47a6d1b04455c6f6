"""Trainer: the loop over epochs and batches, for people who want one.

The loop itself is what PyTorch users write by hand: zero_grad, forward, loss, backward, step.
Around it: measuring, progress, stopping early, and a checkpoint to go on from, to the last bit.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np

from ..datasets.samples import Split
from ..engine.mode import changed_mode
from ..engine.traced import raw, wrap
from ..generator.random_state import draws_undone
from ..nn import BCEWithLogitsLoss, Module
from ..optim import Optimizer
from .batches import batches_of, refuse_non_finite
from .checkpoint import CheckpointError, read_checkpoint, write_checkpoint
from .epoch_so_far import EpochSoFar
from .gradient_checks import GradientCheck, gradient_check
from .history import Epoch, History
from .interruption import InterruptionWatch, TrainingInterrupted
from .metrics import accuracy as fraction_right
from .metrics import is_classification
from .progress import Progress, progress_for
from .stopping import EarlyStopping

__all__ = ["Trainer", "TrainingDiverged"]


class TrainingDiverged(ArithmeticError):
    """The loss became NaN or infinite."""


class Trainer:
    """Trains a model, and remembers how it went.

    Parameters
    ----------
    model : nn.Module
    loss : callable
        `loss(model(x), y)` is a scalar Tensor.
    optimizer : Optimizer
        Over the model's parameters.
    train : pair, Split, Dataset, DataLoader or iterable of pairs
        What to train on. A pair (x, y) without `batch_size` is one batch: gradient descent proper.
        A `Split` gives the test data too.
    test : the same, optional
        What to measure on, never trained on.
    batch_size : int, optional
        Samples a batch.
    shuffle : bool
        Whether batches made here visit the samples in a new random order each epoch.
    accuracy : callable, None or "auto"
        `accuracy(output, target)` in 0 … 1. "auto": `training.accuracy` where targets are classes.
    scheduler : learning-rate scheduler, optional
        Stepped at the end of each epoch.
    early_stopping : EarlyStopping, optional
    stop_when : callable, optional
        Training ends after a measured `Epoch` for which it returns True.
    measure_every : int
        Epochs between two entries of the history.
    checkpoint : path, optional
        Where to save: every `checkpoint_every` epochs, at the end and on Ctrl-C.
    checkpoint_every : int, optional
        None: only at the end and on Ctrl-C.
    check_gradients : bool, "raise" or callable
        Check the gradient of every parameter before the first step, after the third ("after 3
        steps") and at the end, on a few samples, and keep the reports in `gradient_checks`. True:
        warn of a wrong one; "raise": stop there. Or call `check_gradients(trainer, x, y, when)`
        with a batch, and keep what it returns. Training is the same as without.
    progress : bool or Progress
        Whether to show how far it is.
    title : str
        What the progress line begins with.

    Attributes
    ----------
    epoch, step : int
        Epochs and updates done.
    history : History
    gradient_checks : list of (str, object)
        When a check was made, and what it returned.
    notes : dict
        Whatever should be kept in the checkpoint with the rest: numbers, strings, arrays.

    Raises
    ------
    TypeError, ValueError
        For data or settings that cannot be trained with.
    """

    def __init__(
        self,
        model: Module,
        loss: Callable[[Any, Any], Any],
        optimizer: Optimizer,
        train: Any,
        test: Any = None,
        *,
        batch_size: int | None = None,
        shuffle: bool = True,
        accuracy: Callable[[Any, Any], float] | str | None = "auto",
        scheduler: Any = None,
        early_stopping: EarlyStopping | None = None,
        stop_when: Callable[[Epoch], bool] | None = None,
        measure_every: int = 1,
        checkpoint: str | os.PathLike[str] | None = None,
        checkpoint_every: int | None = 1,
        check_gradients: bool | str | GradientCheck | None = None,
        progress: bool | Progress = True,
        title: str = "training",
    ) -> None:
        if isinstance(train, Split):
            if test is not None:
                raise ValueError("Trainer was given a Split and test=… too; leave test out")
            train, test = train.train, train.test
        for name, value in (
            ("measure_every", measure_every),
            ("checkpoint_every", 1 if checkpoint_every is None else checkpoint_every),
        ):
            if value < 1:
                raise ValueError(f"Trainer was given {name}={value}; expected at least 1")
        self.model, self.loss, self.optimizer = model, loss, optimizer
        self.train_batches = batches_of(train, "train", batch_size, shuffle)
        self.test_batches = None if test is None else batches_of(test, "test", None, False)
        self.scheduler = scheduler
        self.early_stopping = early_stopping
        self.stop_when = stop_when
        self.measure_every = measure_every
        self.checkpoint = checkpoint
        self.checkpoint_every = checkpoint_every
        self.check_gradients = gradient_check(check_gradients)
        self.title = title
        self.history = History()
        self.gradient_checks: list[tuple[str, Any]] = []
        self.notes: dict[str, Any] = {}
        self.epoch = 0
        self.step = 0
        self._accuracy = accuracy
        self._progress: Progress | None = None
        if not isinstance(progress, bool):
            self._progress = progress
        elif progress:
            self._progress = progress_for()
        self._seconds = 0.0
        self._stopped = False
        self._best: dict[str, Any] | None = None
        self._so_far = EpochSoFar(self.train_batches)

    @property
    def seconds(self) -> float:
        """Time spent in `fit` so far, interruptions left out."""
        return self._seconds

    # ------------------------------------------------------------------------------ training

    def fit(self, epochs: int | None = None, *, steps: int | None = None) -> History:
        """Train until so many epochs, or steps, are done in all.

        A resumed Trainer goes on to the same end, so the line that started a training also
        finishes it after an interruption.

        Parameters
        ----------
        epochs, steps : int
            One of them or both: whichever is reached first. Steps may end within an epoch.

        Returns
        -------
        History

        Raises
        ------
        TrainingInterrupted
            After Ctrl-C, once the step at hand is finished and the checkpoint, if any, is saved.
        TrainingDiverged
            If the loss is NaN or infinite; the parameters are as before that step.
        ValueError
            If neither end is given, or it is behind us.
        """
        self._check_ends(epochs, steps)
        last_epoch = math.inf if epochs is None else epochs
        last_step = math.inf if steps is None else steps
        started = time.perf_counter() - self._seconds
        self._begin_progress(last_epoch, last_step)
        status = "failed"
        try:
            with InterruptionWatch() as watch:
                if self.step == 0:
                    self._check("before training")
                while self.epoch < last_epoch and self.step < last_step and not self._stopped:
                    self._run_epoch(last_epoch, last_step, started, watch)
                    self._seconds = time.perf_counter() - started
                    if watch.requested:
                        break
                self._seconds = time.perf_counter() - started
                if watch.requested:
                    status = f"interrupted after {self.step:,} steps"
                    if self.checkpoint is not None:
                        self.save(self.checkpoint)
                        status += f", saved in {self.checkpoint}"
                    raise TrainingInterrupted(status)
                self._finish()
            status = self._status(final=True)
        finally:
            if self._progress is not None:
                self._progress.finish(status)
        return self.history

    def _check_ends(self, epochs: int | None, steps: int | None) -> None:
        if epochs is None and steps is None:
            raise ValueError("fit() was given no end; type fit(epochs=10), or fit(steps=1000)")
        for name, value, done in (("epochs", epochs, self.epoch), ("steps", steps, self.step)):
            if value is not None and value <= done:
                raise ValueError(
                    f"fit() was given {name}={value}, and {done} are done already; expected more, "
                    f"counted from the start: type fit({name}={done + max(value, 1)}) for "
                    f"{max(value, 1)} further {name}"
                )
        self._stopped = False

    def _run_epoch(
        self, last_epoch: float, last_step: float, started: float, watch: InterruptionWatch
    ) -> None:
        self.model.train()
        # Its end is measured, or it is the only one that can be.
        measured = (self.epoch + 1) % self.measure_every == 0 or self.epoch + 1 == last_epoch
        so_far = self._so_far
        for x, y in so_far.rest():
            self._train_on(x, y, measured)
            if self._progress is not None:
                self._progress.update(self.step, self._status)
            if self.step == 3:
                self._check("after 3 steps")
            if (watch.requested or self.step >= last_step) and so_far.batch != so_far.known_length:
                return  # within the epoch
        self._end_epoch(measured, started)

    def _train_on(self, x: Any, y: Any, measured: bool) -> None:
        optimizer = self.optimizer
        optimizer.zero_grad()
        output = self.model(x)
        loss = self.loss(output, y)
        value = float(loss.item())
        if not math.isfinite(value):
            self._explain_divergence(value, x, y)
        loss.backward()
        optimizer.step()
        self.step += 1
        self._so_far.add(len(x), value, self._measure(output, y) if measured else None)

    def _end_epoch(self, measured: bool, started: float) -> None:
        so_far = self._so_far
        so_far.batch = 0
        self.epoch += 1
        test_loss = test_accuracy = None
        if measured or self.scheduler is not None:
            lr = float(raw(self.optimizer.param_groups[0]["lr"]))
        if measured:
            if self.test_batches is not None:
                test_loss, test_accuracy = self.evaluate(self.test_batches)
            epoch = Epoch(
                epoch=self.epoch,
                step=self.step,
                train_loss=so_far.loss,
                train_accuracy=so_far.accuracy,
                test_loss=test_loss,
                test_accuracy=test_accuracy,
                lr=lr,
                seconds=time.perf_counter() - started,
            )
            self.history.epochs.append(epoch)
            self._stopped = self.stop_when is not None and self.stop_when(epoch)
            if self.early_stopping is not None:
                if self.early_stopping.saw(epoch) and self.early_stopping.restore_best:
                    self._best = self._copied_parameters()
                self._stopped = self._stopped or self.early_stopping.is_over
        if self.scheduler is not None:
            self._step_scheduler(test_loss)
        if (
            self.checkpoint is not None
            and self.checkpoint_every is not None
            and self.epoch % self.checkpoint_every == 0
        ):
            self._seconds = time.perf_counter() - started
            self.save(self.checkpoint)

    def _step_scheduler(self, test_loss: float | None) -> None:
        if type(self.scheduler).__name__ == "ReduceLROnPlateau":
            self.scheduler.step(self._so_far.loss if test_loss is None else test_loss)
        else:
            self.scheduler.step()

    def _finish(self) -> None:
        self._check("at the end")
        if self._best is not None and self.early_stopping is not None:
            if self.early_stopping.best_epoch != self.epoch:
                self.model.load_state_dict(self._best)
        if self.checkpoint is not None:
            self.save(self.checkpoint)

    def _explain_divergence(self, value: float, x: Any, y: Any) -> None:
        refuse_non_finite(x, f"x of step {self.step + 1}")
        refuse_non_finite(y, f"y of step {self.step + 1}")
        lr = float(raw(self.optimizer.param_groups[0]["lr"]))
        raise TrainingDiverged(
            f"the loss became {value} at step {self.step + 1} (epoch {self.epoch + 1}), with "
            f"learning rate {lr:g}; expected a finite number. Try a smaller learning rate, such as "
            f"{lr / 10:g}, or find the op it began in with autograd.detect_anomaly()."
        )

    # ------------------------------------------------------------------------------ measuring

    def evaluate(self, data: Any) -> tuple[float, float | None]:
        """Loss and accuracy over data, outside the graph and in eval mode.

        Parameters
        ----------
        data : pair, Samples, DataLoader or iterable of pairs

        Returns
        -------
        (float, float or None)
            Means over all samples.
        """
        batches = data if hasattr(data, "__iter__") and not isinstance(data, tuple | list) else None
        if batches is None:
            batches = batches_of(data, "evaluated", None, False)
        was_training = self.model.training
        self.model.eval()
        losses, rights, samples = 0.0, 0.0, 0
        try:
            with changed_mode(recording=False):
                for x, y in batches:
                    output = self.model(x)
                    n = len(x)
                    losses += float(self.loss(output, y).item()) * n
                    right = self._measure(output, y)
                    rights += math.nan if right is None else right * n
                    samples += n
        finally:
            self.model.train(was_training)
        if not samples:
            raise ValueError("evaluate() was given no samples; expected at least one")
        return losses / samples, None if math.isnan(rights) else rights / samples

    def predict(self, x: Any) -> Any:
        """What the model answers to `x`, in eval mode and outside the graph. Returns a Tensor."""
        was_training = self.model.training
        self.model.eval()
        try:
            with changed_mode(recording=False):
                return self.model(x if hasattr(x, "_data") else wrap(np.asarray(x)))
        finally:
            self.model.train(was_training)

    def _measure(self, output: Any, target: Any) -> float | None:
        if self._accuracy == "auto":
            self._accuracy = None
            if is_classification(output, target):
                threshold = 0.0 if isinstance(self.loss, BCEWithLogitsLoss) else 0.5
                self._accuracy = lambda y, t: fraction_right(y, t, threshold)
        if callable(self._accuracy):
            return float(self._accuracy(output, target))
        return None

    def _check(self, when: str) -> None:
        if self.check_gradients is None:
            return
        before = self._so_far.generator_states()
        # The check looks on: the streams that training draws from are as before.
        with draws_undone():
            x, y = next(iter(self.train_batches))
            self._so_far.set_generators(before)
            try:
                self.gradient_checks.append((when, self.check_gradients(self, x, y, when)))
            finally:
                self._so_far.set_generators(before)

    # ------------------------------------------------------------------------------ checkpoints

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write everything that the rest of the training depends on to a file, whole or not at all.

        Parameters and buffers, the optimiser's state, the scheduler's, the generators', the place
        within the epoch, the history.
        """
        tree: dict[str, Any] = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scheduler": None if self.scheduler is None else self.scheduler.state_dict(),
            "early_stopping": self.early_stopping and self.early_stopping.state_dict(),
            "best": self._best,
            "generators": self._so_far.generator_states(),
            "epoch_start": self._so_far.start,
            "progress": {
                "epoch": self.epoch,
                "step": self.step,
                "seconds": self._seconds,
                **{name: getattr(self._so_far, name) for name in EpochSoFar.SUMS},
            },
            "history": [asdict(epoch) for epoch in self.history],
            "notes": self.notes,
        }
        write_checkpoint(path, tree)

    def resume(self, path: str | os.PathLike[str]) -> Trainer:
        """Go on from where `save` was called, to the last bit. Returns the Trainer itself.

        The Trainer must have been made alike: same model, optimiser, data and settings.

        Raises
        ------
        CheckpointError
            The file is damaged, or of another model or optimiser. Nothing is changed then.
        OSError
            The file cannot be opened.
        """
        tree = read_checkpoint(path)
        before = (self.model.state_dict(), self.optimizer.state_dict())
        before = ({k: v.clone() for k, v in before[0].items()}, before[1])
        try:
            history = [Epoch(**epoch) for epoch in tree["history"]]
            progress, notes = tree["progress"], tree["notes"]
            best, epoch_start = tree["best"], tree["epoch_start"]
            if (tree["scheduler"] is None) != (self.scheduler is None):
                raise ValueError(
                    "it was saved "
                    + ("without" if tree["scheduler"] is None else "with")
                    + " a scheduler"
                )
            self.model.load_state_dict(tree["model"])
            self.optimizer.load_state_dict(tree["optimizer"])
            if self.scheduler is not None:
                self.scheduler.load_state_dict(tree["scheduler"])
            if self.early_stopping is not None and tree["early_stopping"]:
                self.early_stopping.load_state_dict(tree["early_stopping"])
            self._so_far.set_generators(tree["generators"])
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            self.model.load_state_dict(before[0])
            self.optimizer.load_state_dict(before[1])
            raise CheckpointError(
                f"{path} does not fit this Trainer: {error}. Make the model, the optimiser and the "
                f"Trainer as they were when it was saved, or train again without it."
            ) from error
        self.history = History(history)
        self._best, self._so_far.start, self.notes = best, epoch_start, notes
        self.epoch, self.step = progress["epoch"], progress["step"]
        self._seconds = progress["seconds"]
        for name in EpochSoFar.SUMS:
            setattr(self._so_far, name, progress[name])
        return self

    def _copied_parameters(self) -> dict[str, Any]:
        return {name: value.clone() for name, value in self.model.state_dict().items()}

    # ------------------------------------------------------------------------------ progress

    def _begin_progress(self, last_epoch: float, last_step: float) -> None:
        if self._progress is None:
            return
        total = min(last_step, last_epoch * max(self._so_far.known_length, 1))
        early = self.early_stopping is not None or self.stop_when is not None
        self._progress.start(self.title, int(total), self.step, early)

    def _status(self, final: bool = False) -> str:
        parts = [f"epoch {self.epoch if final else self.epoch + 1:,}"]
        if len(self.history):
            last = self.history[-1]
            parts.append(f"loss {last.train_loss:.4g}")
            shown = last.test_accuracy if last.test_accuracy is not None else last.train_accuracy
            if shown is not None:
                parts.append(f"{100 * shown:.2f} % right")
        elif self._so_far.samples:
            parts.append(f"loss {self._so_far.loss:.4g}")
        return " · ".join(parts)
