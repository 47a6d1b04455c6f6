"""From recorded nodes to a view: the part of the graph view that knows the engine."""
