"""What is remembered of training: branches, curves, checkpoints, and the moments that one can go back to."""
