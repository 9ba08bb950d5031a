"""The window's end: the worker thread, the commands that it obeys, the snapshots that it publishes."""
