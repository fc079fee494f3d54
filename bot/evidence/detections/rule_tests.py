"""Scene, under the name by which other rooms still import it."""

from bot.evidence.detections.scene import Scene

__all__ = ["Scene"]
