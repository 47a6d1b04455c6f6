"""For learning: experiments with gradients, and mistakes planted for a check to find."""
