"""PyTorch's `torch.hub`: models from the internet, which is refused in words."""

from __future__ import annotations

from typing import Any, NoReturn

__all__ = ["download_url_to_file", "help", "list", "load", "load_state_dict_from_url", "load_url"]


def refuse(what: str) -> NoReturn:
    """Raise: published models are programs for PyTorch."""
    raise NotImplementedError(
        f"torch.hub.{what} is not built: what is published there runs in PyTorch. Write the model "
        f"here, save its weights there with torch.save(model.state_dict(), path), and load them "
        f"with tinygrad_edu.load(path)"
    )


def load(repo_or_dir: Any, model: Any, *args: Any, **kwargs: Any) -> NoReturn:
    """Raises NotImplementedError, saying what to do instead."""
    refuse("load()")


def load_state_dict_from_url(url: str, *args: Any, **kwargs: Any) -> NoReturn:
    """Raises NotImplementedError, saying what to do instead."""
    refuse("load_state_dict_from_url()")


# Its name in `torch.utils.model_zoo`.
load_url = load_state_dict_from_url


def download_url_to_file(url: str, dst: str, *args: Any, **kwargs: Any) -> NoReturn:
    """Raises NotImplementedError, saying what to do instead."""
    refuse("download_url_to_file()")


def list(github: Any, *args: Any, **kwargs: Any) -> NoReturn:
    """Raises NotImplementedError, saying what to do instead."""
    refuse("list()")


def help(github: Any, model: Any, *args: Any, **kwargs: Any) -> NoReturn:
    """Raises NotImplementedError, saying what to do instead."""
    refuse("help()")
