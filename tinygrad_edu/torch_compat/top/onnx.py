"""PyTorch's `torch.onnx`: refused in words, until models can be exported."""

from __future__ import annotations

from typing import Any, NoReturn

__all__ = ["export"]


def export(*args: Any, **kwargs: Any) -> NoReturn:
    """Raise: exporting to ONNX is not built.

    Raises
    ------
    NotImplementedError
        Saying what to use instead.
    """
    raise NotImplementedError(
        "onnx.export is not built: save the parameters with torch.save(model.state_dict(), path), "
        "load them into the same model in PyTorch, and export from there"
    )
