"""A recurrent node opened into its steps in time, over the canvas: ``strip.py`` is the widget."""
