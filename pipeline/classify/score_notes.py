"""What step classify notes of a round's scores."""

from __future__ import annotations

from pipeline.workspace.notes import Notes


class ScoreNotes(Notes):
    """The generation of the pool whose pages were scored."""

    generation: int = 1
