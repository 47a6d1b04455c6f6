"""System: one of the five networks, from its settings to its outcome."""

from __future__ import annotations

import abc
import dataclasses
import os
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..datasets.samples import Samples
from ..generator import manual_seed
from ..nn import Module
from ..ops.activation import softmax
from ..training import Trainer, TrainingInterrupted, read_checkpoint
from ..training.gradient_checks import GradientCheck
from ..training.progress import Progress
from .by_hand import derivation_of
from .network import build, loss_of, optimizer_of
from .outcome import Outcome, Prediction, Section
from .settings import Recipe, Settings, SettingsError

__all__ = ["Data", "Surroundings", "System"]

Array = NDArray[Any]


@dataclasses.dataclass(frozen=True)
class Data:
    """What a system trains on and is measured with; no `test` where the data are all there is."""

    train: Samples
    test: Samples | None = None
    development: Samples | None = None


@dataclasses.dataclass(frozen=True)
class Surroundings:
    """How a run shows its progress, where it is saved, and whether gradients are checked.

    Attributes
    ----------
    progress : Progress or bool
    checkpoint : path, optional
        Where to save the training.
    resume : bool
        Whether to go on from there, if there is such a file.
    check_gradients : bool, str or callable, optional
        As `Trainer` takes it.
    """

    progress: Progress | bool = False
    checkpoint: str | os.PathLike[str] | None = None
    resume: bool = False
    check_gradients: bool | str | GradientCheck | None = None


class System(abc.ABC):
    """One of the five.

    Subclasses say what it is (`name`, `title`, `summary`, `recipes`), where its data come from
    (`load`) and what there is to see at the end (`look`).
    """

    name: ClassVar[str]
    title: ClassVar[str]
    summary: ClassVar[str]
    recipes: ClassVar[dict[str, Recipe]]  # the first is the default
    attempts: ClassVar[int] = 1
    derivation_steps: ClassVar[int] = 2000
    drawn_samples: ClassVar[int] = 4

    @abc.abstractmethod
    def load(self, settings: Settings, recipe: Recipe) -> Data:
        """The data."""

    @abc.abstractmethod
    def look(self, outcome: Outcome, data: Data) -> Iterator[Section]:
        """What there is to see, section by section."""

    @abc.abstractmethod
    def goals(self, outcome: Outcome, data: Data) -> list[tuple[str, bool]]:
        """What it should reach with the recipe that was run, and whether it did."""

    def is_stuck(self, outcome: Outcome) -> str:
        """Why another seed should be tried, in words; empty where that is not so."""
        return ""

    def choose(self, settings: Settings) -> Recipe:
        """The recipe that settings ask for.

        Raises
        ------
        SettingsError
            If there is no such recipe, or it cannot be run so.
        """
        name = settings.recipe or self.default_recipe(settings)
        if name not in self.recipes:
            raise SettingsError(
                f"{self.name} was given the recipe {name!r}; expected one of "
                f"{', '.join(self.recipes)}. Type --recipe {next(iter(self.recipes))}"
            )
        return self.recipes[name].with_settings(settings, self.name)

    def default_recipe(self, settings: Settings) -> str:
        """The name of the recipe for settings that name none."""
        return next(iter(self.recipes))

    def targets(self, samples: Samples, recipe: Recipe) -> Array:
        """What the loss compares with: class indices, or rows of zeros and ones."""
        if recipe.loss == "cross-entropy":
            return samples.y
        return samples.one_hot() if recipe.layers[-1] > 1 else samples.y[:, None].astype(np.float32)

    def derivation_recipe(self, recipe: Recipe) -> Recipe:
        """The recipe of the float64 run in which hand-derived and recorded gradients meet."""
        return recipe

    # ------------------------------------------------------------------------------- running

    def run(
        self, settings: Settings, around: Surroundings | None = None, data: Data | None = None
    ) -> Outcome:
        """Train, and look at what came out.

        Parameters
        ----------
        settings : Settings
        around : Surroundings, optional
        data : Data, optional
            What `load` returned for the same settings, if that is at hand.

        Returns
        -------
        Outcome
            Also after Ctrl-C: then `interrupted` says so, and the figures are of what was done.

        Raises
        ------
        SettingsError
            For settings that it cannot run with.
        TrainingDiverged
            If the loss becomes NaN or infinite.
        """
        around = around or Surroundings()
        recipe = self.choose(settings)
        if data is None:
            data = self.load(settings, recipe)
        outcome = self._train(settings, recipe, data, around)
        if outcome.interrupted:
            return self._finished(outcome, data)
        tried: list[str] = []
        while (why := self.is_stuck(outcome)) and len(tried) + 1 < self.attempts:
            tried.append(f"Seed {outcome.seed} got stuck: {why}")
            again = dataclasses.replace(settings, seed=outcome.seed + 1)
            seconds = outcome.seconds
            outcome = self._train(again, recipe, data, dataclasses.replace(around, resume=False))
            outcome.seconds += seconds
            outcome.settings = settings
            if outcome.interrupted:
                break
        if tried:
            outcome.notes += [*tried, f"The figures are those of seed {outcome.seed}."]
        return self._finished(outcome, data)

    def _train(
        self, settings: Settings, recipe: Recipe, data: Data, around: Surroundings
    ) -> Outcome:
        seed, saved = settings.seed, None
        if around.resume and around.checkpoint is not None and os.path.exists(around.checkpoint):
            saved = read_checkpoint(around.checkpoint).get("notes", {})
            self._check_same(saved, recipe, settings, around.checkpoint)
            seed = saved["seed"]
        manual_seed(seed)
        model = build(recipe)
        optimizer, schedule = optimizer_of(recipe, model)
        pair = (data.train.x, self.targets(data.train, recipe))
        test = None if data.test is None else (data.test.x, self.targets(data.test, recipe))
        enough = recipe.enough
        trainer = Trainer(
            model,
            loss_of(recipe),
            optimizer,
            pair,
            test,
            batch_size=recipe.batch_size,
            scheduler=schedule,
            measure_every=recipe.measure_every,
            stop_when=None if enough is None else lambda epoch: epoch.train_loss < enough,
            checkpoint=around.checkpoint,
            checkpoint_every=None,
            check_gradients=around.check_gradients,
            progress=around.progress,
            title=self.name,
        )
        trainer.notes = {**self._identity(recipe, settings), "seed": seed}
        if saved is not None and around.checkpoint is not None:
            trainer.resume(around.checkpoint)
        interrupted = False
        if trainer.epoch < recipe.epochs:
            try:
                trainer.fit(recipe.epochs)
            except TrainingInterrupted:
                interrupted = True
        on = pair if test is None else test
        loss, accuracy = trainer.evaluate(on)
        outcome = Outcome(
            name=self.name,
            title=self.title,
            summary=self.summary,
            settings=settings,
            recipe=recipe,
            seed=seed,
            provenance=data.train.provenance,
            is_subset=data.train.is_subset,
            model=model,
            history=trainer.history,
            parameters=sum(parameter.numel() for parameter in model.parameters()),
            epochs=trainer.epoch,
            loss=loss,
            accuracy=float("nan") if accuracy is None else accuracy,
            measured_on="train" if test is None else "test",
            seconds=trainer.seconds,
            checks=trainer.gradient_checks,
            interrupted=interrupted,
            checkpoint="" if around.checkpoint is None else str(around.checkpoint),
        )
        return outcome

    def _identity(self, recipe: Recipe, settings: Settings) -> dict[str, Any]:
        return {
            "system": self.name,
            "layers": list(recipe.layers),
            "optimizer": recipe.optimizer,
            "lr": recipe.lr,
            "epochs": recipe.epochs,
            "asked_seed": settings.seed,
        }

    def _check_same(
        self, saved: dict[str, Any], recipe: Recipe, asked: Settings, path: Any
    ) -> None:
        here = self._identity(recipe, asked)
        differing = [
            f"{name} {saved.get(name)} there and {value} here"
            for name, value in here.items()
            if saved.get(name) != value
        ]
        if differing:
            raise SettingsError(
                f"{path} is the checkpoint of another run: {'; '.join(differing)}. Expected the "
                f"same settings: repeat the command that was interrupted, with --resume, or leave "
                f"--resume out to start anew"
            )

    def _finished(self, outcome: Outcome, data: Data) -> Outcome:
        if outcome.interrupted:
            outcome.notes.append(
                f"Interrupted after {outcome.epochs:,} of {outcome.recipe.epochs:,} epochs; the "
                f"figures are of what was done."
            )
        else:
            outcome.reached = self.goals(outcome, data)
        if outcome.is_subset:
            outcome.notes.append(f"Trained and measured on {outcome.provenance}.")
        outcome.sections = list(self.look(outcome, data))
        few = slice(0, self.drawn_samples)
        targets = self.targets(data.train, outcome.recipe)
        outcome.step = (data.train.x[few], targets[few])
        if not outcome.interrupted:
            rows = slice(0, 200)  # formulas do not depend on how many samples there are
            steps = self.derivation_steps
            # At the recipe's own rate: an asked one may be so large that numbers overflow.
            calm = self.choose(dataclasses.replace(outcome.settings, lr=None))
            outcome.derivation = derivation_of(
                self.derivation_recipe(calm),
                data.train.x[rows],
                targets[rows],
                seed=outcome.seed,
                steps=max(2, steps // 10) if outcome.settings.quick else steps,
            )
        return outcome

    # ------------------------------------------------------------------------------- looking

    def scores(self, model: Module, x: Array, recipe: Recipe) -> Array:
        """The model's scores, 0 … 1, in shape (samples, outputs)."""
        from ..autograd import no_grad
        from ..tensors.tensor import tensor

        with no_grad():
            out = model(tensor(x.astype(np.float32)))
            if recipe.output_activation == "softmax":
                out = softmax(out, dim=-1)
        return np.asarray(out.numpy())

    def predictions(
        self, outcome: Outcome, samples: Samples, indices: Any, with_vectors: bool = False
    ) -> list[Prediction]:
        """What the model makes of some samples."""
        scores = self.scores(outcome.model, samples.x[indices], outcome.recipe)
        rows, columns = samples.image_shape or (1, samples.x.shape[1])
        return [
            Prediction.of(
                samples.x[i].reshape(rows, columns),
                int(samples.y[i]),
                s,
                samples.class_names,
                samples.raw[i].reshape(rows, columns) if with_vectors else None,
            )
            for i, s in zip(indices, scores)
        ]
