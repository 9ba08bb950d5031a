"""Network Playground: build a neural network by dragging layers, and watch every number of its training."""

__version__ = "0.1.0"
