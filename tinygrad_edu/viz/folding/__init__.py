"""Which boxes of a view are drawn open, so that a large graph is an outline."""
