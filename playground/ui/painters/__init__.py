"""Painters: each draws one kind of trace, found by a layer type's ``trace_kind`` in ``registry``."""
