"""Training steps derived by hand, and measurements against the peers."""
