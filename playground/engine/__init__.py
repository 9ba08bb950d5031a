"""How it learns: plan, network, trainer, and the session that runs them in a thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playground.engine.network import Network
    from playground.engine.trainer import Trainer

__all__ = ["Network", "Trainer"]


def __getattr__(name: str) -> Any:
    """``Network`` and ``Trainer`` are imported when first asked for, so that the window's start does not wait for them."""
    if name == "Network":
        from playground.engine.network import Network

        return Network
    if name == "Trainer":
        from playground.engine.trainer import Trainer

        return Trainer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
