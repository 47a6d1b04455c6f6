"""PyTorch's `torch.utils.tensorboard`: refused in words."""

raise ModuleNotFoundError(
    "torch.utils.tensorboard is not built: keep the losses in a list, and print them or plot them "
    "with matplotlib; tensorboardX writes TensorBoard's files without PyTorch",
    name="tensorboard",
)
