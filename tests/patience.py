"""How long a test waits for what must come."""

TIMES, MOST = 4.0, 120.0


def patient(seconds: float) -> float:
    """More than the ``seconds`` that are plenty on a quiet machine: other programs may have the cores. What waits here proves that
    something comes; how soon it comes is proved where the machine's other work is taken off (``ui.uimap.Heartbeat``)."""
    return max(seconds, min(TIMES * seconds, MOST))
