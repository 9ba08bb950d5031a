"""``main.py bench``: how long a training step takes, against PyTorch and against the core's peak."""
