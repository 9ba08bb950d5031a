"""One position of a sliding window, or of a long sum, with all its numbers: ``map_lens.py`` is the widget."""
