"""The engine: how calls are recorded and how gradients flow back."""
