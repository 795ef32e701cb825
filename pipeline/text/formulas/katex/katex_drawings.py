"""What KaTeX draws as SVG instead of setting it in a font, told by its outlines.

Wide accents, braces, arrows and tall brackets are paths, the same ones since version 0.8;
an arrow with two ends is two of them, a brace three. Strokes are lines.
"""

from __future__ import annotations

from selectolax.lexbor import LexborNode

#: Pieces of drawings, by how their outlines begin (without white space).
_PIECES = (
    ("M400000241H110", "←"), ("M0241v40h399891", "→"), ("M262157", "⇐"), ("M399738392", "⇒"),
    ("M0267c.7", "↼"), ("M7241c", "↽"), ("M7435c", "↽"), ("M0241v40h399993", "⇀"),
    ("M399747511", "⇁"), ("M399747705", "⇁"), ("M399859241", "⊃"), ("M400000281H103", "⊂"),
    ("M40281V448", "⊢"), ("M40241c740", "⊢"), ("M0167c68", "↞"), ("M400000167c-68", "↠"),
    ("M0147h400000", "↢"), ("M400000167c-70", "↣"), ("M050h", "="),
    ("M6548l", "⏞"), ("M200428334", "⏞"), ("M400000542l", "⏞"),
    ("M06l6-6h17", "⏟"), ("M199572214", "⏟"), ("M3999940l6", "⏟"),
    ("M40000080H435", "⏜"), ("M080h399565", "⏜"), ("M400000262H435", "⏝"),
    ("M0262h399565", "⏝"), ("M0440h120", "⎴"), ("M399995440h", "⎴"), ("M00h120", "⎵"),
    ("M3999950h", "⎵"),
    ("M40281V428", "―"), ("M399960281", "―"), ("M399960241V94", "―"), ("M40187V40", "―"),
    ("M0187v40", "―"), ("M37720", "→"), ("M20055", "~"), ("M34455", "~"), ("M78659", "~"),
    ("M78658", "~"), ("M5290h5", "^"), ("M11810h2", "^"), ("M529,159", "ˇ"), ("M1181,", "ˇ"),
    ("M400000620", "⇆"), ("M507,435", "⇌"), ("M7,435", "⇋"),
)  # fmt: skip
#: What several pieces, from left to right, are together; else the first is all.
_TOGETHER = {
    "←→": "↔", "⇐⇒": "⇔", "⊢→": "↦", "←⊃": "↩", "⊂→": "↪", "↽⇀": "⇌", "↼⇁": "⇋", "↢↣": "⇄",
}  # fmt: skip
#: Of brackets that version 0.16 draws: how the outline begins, a part of it, the sign.
_BRACKETS = (
    ("M403", "v602h84", "⌈"), ("M403", "", "["), ("M347", "v602h84", "⌉"), ("M347", "", "]"),
    ("M319", "h263", "⌊"), ("M319", "", "⌋"), ("M863", "", "("), ("M76,", "", ")"),
    ("M145", "M367", "‖"), ("M145", "", "|"),
)  # fmt: skip
#: Outlines that are looked at: none of the above takes more.
_MAX_PATHS = 8


def sign(element: LexborNode) -> str:
    """The accent, brace or arrow that is drawn within ``element``, "" for none."""
    pieces = ""
    for outline in _outlines(element):
        for start, piece in _PIECES:
            if outline.startswith(start):
                if piece != pieces[-1:]:
                    pieces += piece
                break
    return _TOGETHER.get(pieces[:2], pieces[:1])


def bracket(element: LexborNode) -> str:
    """The bracket that is drawn within ``element``, "" for none."""
    for outline in _outlines(element):
        for start, part, sign in _BRACKETS:
            if outline.startswith(start) and part in outline:
                return sign
    return ""


def strokes(element: LexborNode) -> str:
    """The lines drawn within ``element`` as the notation of an ``menclose``, "" for none."""
    notations = set()
    for line in element.css("svg > line")[:_MAX_PATHS]:
        up = (line.attributes.get("y1") or "0") != "0"
        notations.add("updiagonalstrike" if up else "downdiagonalstrike")
    return " ".join(sorted(notations))


def _outlines(element: LexborNode) -> list[str]:
    """The paths within ``element``, without white space; their beginnings if they are long."""
    paths = element.css("svg path")[:_MAX_PATHS]
    return ["".join((path.attributes.get("d") or "")[:2_000].split()) for path in paths]
