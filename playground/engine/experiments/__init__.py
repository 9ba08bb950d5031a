"""The lab: questions about a run, answered beside it on copies of its weights. Records in ``engine/experiments/lab.py``."""
