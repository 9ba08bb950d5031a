"""Two moments beside one another."""
