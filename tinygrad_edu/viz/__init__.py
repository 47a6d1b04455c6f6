"""The graph view: a reader of the recorded graph, drawn from the records of `viz.model` alone."""
