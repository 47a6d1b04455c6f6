"""The training loop for people who want one: `Trainer`, and what it is made of.

`Trainer` runs the epochs; `History` keeps what they measured; `EarlyStopping` ends them; `accuracy`
counts right answers; `read_checkpoint` and `write_checkpoint` are the file it resumes from.
"""

from .checkpoint import CheckpointError as CheckpointError
from .checkpoint import read_checkpoint as read_checkpoint
from .checkpoint import write_checkpoint as write_checkpoint
from .history import Epoch as Epoch
from .history import History as History
from .interruption import TrainingInterrupted as TrainingInterrupted
from .metrics import accuracy as accuracy
from .progress import PlainProgress as PlainProgress
from .progress import RichProgress as RichProgress
from .stopping import EarlyStopping as EarlyStopping
from .trainer import Trainer as Trainer
from .trainer import TrainingDiverged as TrainingDiverged

__all__ = [
    "CheckpointError",
    "EarlyStopping",
    "Epoch",
    "History",
    "PlainProgress",
    "RichProgress",
    "Trainer",
    "TrainingDiverged",
    "TrainingInterrupted",
    "accuracy",
    "read_checkpoint",
    "write_checkpoint",
]
