"""Unicode characters of mathematics as LaTeX commands."""

from __future__ import annotations

import unicodedata
from functools import lru_cache


def _pairs(text: str) -> dict[str, str]:
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


#: Letters; the Greek capitals that look Latin have no command and are the Latin ones.
_LETTERS = _pairs("""
    α alpha β beta γ gamma δ delta ϵ epsilon ε varepsilon ζ zeta η eta θ theta ϑ vartheta
    ι iota κ kappa ϰ varkappa λ lambda μ mu µ mu ν nu ξ xi π pi ϖ varpi ρ rho ϱ varrho σ sigma
    ς varsigma τ tau υ upsilon ϕ phi φ varphi χ chi ψ psi ω omega ϝ digamma Ϝ digamma
    Γ Gamma Δ Delta ∆ Delta Θ Theta ϴ Theta Λ Lambda Ξ Xi Π Pi Σ Sigma Υ Upsilon ϒ Upsilon
    Φ Phi Ψ Psi Ω Omega Ω Omega
    ℏ hbar ℓ ell ℜ Re ℑ Im ℘ wp ℵ aleph ℶ beth ℷ gimel ℸ daleth ð eth ı imath ȷ jmath
    𝚤 imath 𝚥 jmath ℧ mho Ⅎ Finv ⅁ Game ∂ partial ∇ nabla ∞ infty ∅ emptyset ⌀ varnothing
    ∀ forall ∃ exists ∄ nexists ∁ complement ∠ angle ∡ measuredangle ∢ sphericalangle
    ⊤ top ⟙ top ‵ backprime ♭ flat ♮ natural ♯ sharp ♠ spadesuit ♡ heartsuit ♢ diamondsuit
    ♣ clubsuit ♥ heartsuit ♦ diamondsuit ✓ checkmark ✠ maltese Ⓢ circledS ® circledR § S ¶ P
    £ pounds ¥ yen © copyright å aa Å AA ß ss æ ae œ oe ø o Æ AE Œ OE Ø O
    """)
_OPERATORS = _pairs("""
    × times ÷ div ± pm ∓ mp · cdot ⋅ cdot ∘ circ ∙ bullet • bullet ∔ dotplus
    ⊕ oplus ⊖ ominus ⊗ otimes ⊘ oslash ⊙ odot ⊚ circledcirc ⊛ circledast ⊝ circleddash ⊞ boxplus
    ⊟ boxminus ⊠ boxtimes ⊡ boxdot ∧ wedge ∨ vee ⊻ veebar ⊼ barwedge ⌅ barwedge ⩞ doublebarwedge
    ⌆ doublebarwedge ⋏ curlywedge ⋎ curlyvee ∩ cap ∪ cup ⋒ Cap ⋓ Cup ⊎ uplus ⊔ sqcup ⊓ sqcap
    ⋆ star ★ bigstar † dagger ‡ ddagger ∖ setminus ⧵ setminus ≀ wr ⨿ amalg ⋄ diamond ⋇ divideontimes
    ⋉ ltimes ⋊ rtimes ⋋ leftthreetimes ⋌ rightthreetimes ⊺ intercal ⊲ vartriangleleft
    ⊳ vartriangleright ⊴ trianglelefteq ⊵ trianglerighteq ◃ triangleleft ▹ triangleright
    ◂ blacktriangleleft ▸ blacktriangleright ◀ blacktriangleleft ▶ blacktriangleright
    ◯ bigcirc △ triangle ▵ triangle ▽ bigtriangledown ▿ triangledown ▴ blacktriangle ▲ blacktriangle
    ▾ blacktriangledown ▼ blacktriangledown □ square ◻ square ▢ square ■ blacksquare ◼ blacksquare
    ▪ blacksquare ∎ blacksquare ◊ lozenge ⧫ blacklozenge ◆ blacklozenge ◇ diamond
    ¬ neg √ surd ∴ therefore ∵ because … ldots ⋯ cdots ⋮ vdots ⋱ ddots ╱ diagup ╲ diagdown
    ∑ sum ∏ prod ∐ coprod ∫ int ∬ iint ∭ iiint ⨌ iiiint ∮ oint ∯ oiint ∰ oiiint
    ⋃ bigcup ⋂ bigcap ⨆ bigsqcup ⨄ biguplus ⨁ bigoplus ⨂ bigotimes ⨀ bigodot ⋁ bigvee ⋀ bigwedge
    """)
_RELATIONS = _pairs("""
    ≤ leq ≥ geq ⩽ leqslant ⩾ geqslant ≦ leqq ≧ geqq ≠ neq ≈ approx ≊ approxeq ≡ equiv ≅ cong
    ≃ simeq ∼ sim ∽ backsim ⋍ backsimeq ∝ propto ≪ ll ≫ gg ⋘ lll ⋙ ggg ≲ lesssim ≳ gtrsim
    ⪅ lessapprox ⪆ gtrapprox ≶ lessgtr ≷ gtrless ⋚ lesseqgtr ⋛ gtreqless ⪋ lesseqqgtr
    ⪌ gtreqqless ⋖ lessdot ⋗ gtrdot ⪕ eqslantless ⪖ eqslantgtr ≺ prec ≻ succ ⪯ preceq ⪰ succeq
    ≼ preccurlyeq ≽ succcurlyeq ⋞ curlyeqprec ⋟ curlyeqsucc ≾ precsim ≿ succsim ⪷ precapprox
    ⪸ succapprox ∈ in ∊ in ∉ notin ∋ ni ∍ ni ⊂ subset ⊃ supset ⊆ subseteq ⊇ supseteq ⫅ subseteqq
    ⫆ supseteqq ⊊ subsetneq ⊋ supsetneq ⫋ subsetneqq ⫌ supsetneqq ⋐ Subset ⋑ Supset ⊏ sqsubset
    ⊐ sqsupset ⊑ sqsubseteq ⊒ sqsupseteq ∣ mid ∤ nmid ∥ parallel ∦ nparallel ⟂ perp ⊥ perp
    ⊢ vdash ⊣ dashv ⊨ models ⊩ Vdash ⊪ Vvdash ⊬ nvdash ⊭ nvDash ⊮ nVdash ⊯ nVDash ⋈ bowtie ⨝ bowtie
    ≍ asymp ≎ Bumpeq ≏ bumpeq ≐ doteq ≑ Doteq ≒ fallingdotseq ≓ risingdotseq ≖ eqcirc ≗ circeq
    ≜ triangleq ⌣ smile ⌢ frown ≬ between ⋔ pitchfork ϶ backepsilon ≕ eqqcolon ⩴ Coloneqq
    ≮ nless ≯ ngtr ≰ nleq ≱ ngeq ⪇ lneq ⪈ gneq ≨ lneqq ≩ gneqq ⋦ lnsim ⋧ gnsim ⪉ lnapprox
    ⪊ gnapprox ⊀ nprec ⊁ nsucc ⋠ npreceq ⋡ nsucceq ⋨ precnsim ⋩ succnsim ⪵ precneqq ⪶ succneqq
    ⪹ precnapprox ⪺ succnapprox ≁ nsim ≇ ncong ⊈ nsubseteq ⊉ nsupseteq ⋪ ntriangleleft
    ⋫ ntriangleright ⋬ ntrianglelefteq ⋭ ntrianglerighteq
    """)
_ARROWS = _pairs("""
    ← leftarrow → to ↑ uparrow ↓ downarrow ↔ leftrightarrow ↕ updownarrow ⇐ Leftarrow ⇒ Rightarrow
    ⇑ Uparrow ⇓ Downarrow ⇔ Leftrightarrow ⇕ Updownarrow ⟵ longleftarrow ⟶ longrightarrow
    ⟷ longleftrightarrow ⟸ Longleftarrow ⟹ implies ⟺ iff ↦ mapsto ⟼ longmapsto ↩ hookleftarrow
    ↪ hookrightarrow ↼ leftharpoonup ↽ leftharpoondown ⇀ rightharpoonup ⇁ rightharpoondown
    ↿ upharpoonleft ↾ upharpoonright ⇃ downharpoonleft ⇂ downharpoonright ⇌ rightleftharpoons
    ⇋ leftrightharpoons ↗ nearrow ↘ searrow ↙ swarrow ↖ nwarrow ⇝ rightsquigarrow ⇜ leftsquigarrow
    ↭ leftrightsquigarrow ⇇ leftleftarrows ⇉ rightrightarrows ⇈ upuparrows ⇊ downdownarrows
    ⇆ leftrightarrows ⇄ rightleftarrows ⇚ Lleftarrow ⇛ Rrightarrow ↞ twoheadleftarrow
    ↠ twoheadrightarrow ↢ leftarrowtail ↣ rightarrowtail ↫ looparrowleft ↬ looparrowright
    ↶ curvearrowleft ↷ curvearrowright ↺ circlearrowleft ↻ circlearrowright ↰ Lsh ↱ Rsh
    ⤎ dashleftarrow ⤏ dashrightarrow ⇠ dashleftarrow ⇢ dashrightarrow ⊸ multimap ↚ nleftarrow
    ↛ nrightarrow ↮ nleftrightarrow ⇍ nLeftarrow ⇏ nRightarrow ⇎ nLeftrightarrow ⇾ rightarrow
    ⌊ lfloor ⌋ rfloor ⌈ lceil ⌉ rceil ⟨ langle ⟩ rangle 〈 langle 〉 rangle 〈 langle 〉 rangle
    ⌜ ulcorner ⌝ urcorner ⌞ llcorner ⌟ lrcorner ⟮ lgroup ⟯ rgroup ⎰ lmoustache ⎱ rmoustache
    ⟦ llbracket ⟧ rrbracket
    """)
#: Character to command, without the backslash.
COMMANDS = _LETTERS | _OPERATORS | _RELATIONS | _ARROWS

_PLAIN = {
    "−": "-", "–": "-", "‐": "-", "‑": "-", "﹣": "-", "∶": ":", "⁄": "/", "∕": "/", "∗": "*",
    "＊": "*", "⟋": "/", "’": "'", "‘": "'", "“": "``", "”": "''", "{": "\\{", "}": "\\}",
    "≔": ":=", "⩵": "==", "∷": "::", "ǀ": "|", "❘": "|", "│": "|",
    "%": "\\%", "#": "\\#", "&": "\\&", "$": "\\$", "_": "\\_", "\\": "\\backslash ",
    "⊄": "\\not\\subset ", "⊅": "\\not\\supset ", "∌": "\\not\\ni ", "≢": "\\not\\equiv ",
    "≉": "\\not\\approx ", "≄": "\\not\\simeq ", "⋢": "\\not\\sqsubseteq ",
    "⋣": "\\not\\sqsupseteq ", "⧸": "\\not ", "^": "\\wedge ", "~": "\\sim ",
    "°": "^\\circ ", "˚": "^\\circ ", "º": "^\\circ ", "‖": "\\|", "€": "€",
    "′": "'", "″": "''", "‴": "'''", "⁗": "''''", "½": "\\frac{1}{2}", "¼": "\\frac{1}{4}",
    "¾": "\\frac{3}{4}", "⅓": "\\frac{1}{3}", "⅔": "\\frac{2}{3}", "²": "^2", "³": "^3", "¹": "^1",
    "ﬁ": "fi", "ﬂ": "fl", "≝": "\\overset{\\text{def}}{=}", "≟": "\\overset{?}{=}",
    # Ticks of a mathematician's dots, and signs that fonts split.
    "‥": "..", "․": ".", "∻": "\\sim ", "⎯": "-", "─": "-", "―": "-", "—": "-",
    # The Greek capitals that are Latin letters too.
    "Α": "A", "Β": "B", "Ε": "E", "Ζ": "Z", "Η": "H", "Ι": "I", "Κ": "K", "Μ": "M", "Ν": "N",
    "Ο": "O", "Ρ": "P", "Τ": "T", "Χ": "X", "ο": "o",
}  # fmt: skip
#: Spaces of any width, and what takes none: zero-width spaces, function application,
#: invisible times, separator and plus, directions, joiners, variation selectors.
_INVISIBLE = (
    "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f"
    "\u3000",
    "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufe00\ufe0e\ufe0f\ufeff",
)
_NOT = "\u0338"
_TABLE = str.maketrans(
    {character: f"\\{name} " for character, name in COMMANDS.items()}
    | _PLAIN
    | dict.fromkeys(_INVISIBLE[0], " ")
    | dict.fromkeys(_INVISIBLE[1], "")
)

#: Mathematical alphabets of Unicode, by the start of the character's name.
_ALPHABETS = (
    ("BOLD SCRIPT ", "mathcal"),
    ("SCRIPT ", "mathcal"),
    ("BOLD FRAKTUR ", "mathfrak"),
    ("FRAKTUR ", "mathfrak"),
    ("BLACK-LETTER ", "mathfrak"),
    ("DOUBLE-STRUCK ITALIC ", ""),
    ("DOUBLE-STRUCK ", "mathbb"),
    ("BOLD ITALIC ", "boldsymbol"),
    ("BOLD ", "mathbf"),
    ("SANS-SERIF ", "mathsf"),
    ("MONOSPACE ", "mathtt"),
)
#: Letters with two forms, which Unicode's normal form makes one of, by the ends of names.
_SECOND_FORMS = {
    "EPSILON SYMBOL": "ϵ", "PHI SYMBOL": "ϕ", "THETA SYMBOL": "ϑ", "KAPPA SYMBOL": "ϰ",
    "RHO SYMBOL": "ϱ", "PI SYMBOL": "ϖ",
}  # fmt: skip


def to_latex(text: str) -> str:
    """``text`` with symbols as commands; a command is closed by a space.

    Invisible operators are dropped, spaces of any width become one kind.
    """
    if text.isascii() and text.isalnum():
        return text
    if _NOT in text:
        text = _negated(text)
    tex = []
    for character in text:
        command, plain = letter(character)
        tex.append(f"\\{command}{{{plain.strip()}}}" if command else plain)
    return "".join(tex)


@lru_cache(maxsize=4096)
def letter(character: str) -> tuple[str, str]:
    """The alphabet's command ("mathbb", "" for none) and the TeX of ``character`` itself."""
    if character.isascii() or not ("ℂ" <= character <= "ⅉ" or character >= "\U0001d400"):
        return "", character.translate(_TABLE)
    if character in COMMANDS:
        return "", f"\\{COMMANDS[character]} "
    plain = unicodedata.normalize("NFKC", character)
    if plain == character or len(plain) != 1:
        return "", character
    name = unicodedata.name(character, "").removeprefix("MATHEMATICAL ")
    plain = _SECOND_FORMS.get(" ".join(name.split()[-2:]), plain).translate(_TABLE)
    for start, command in _ALPHABETS:
        if name.startswith(start):
            # \mathbf and \mathsf know Latin letters only.
            if plain.startswith("\\") and command in ("mathbf", "mathsf"):
                command = "boldsymbol" if "BOLD" in name else ""
            return command, plain
    return "", plain


def _negated(text: str) -> str:
    """``text`` where a stroke through a character is a character, or ``\\not``, of its own."""
    tex: list[str] = []
    for character in unicodedata.normalize("NFC", text):
        if character == _NOT and tex:
            tex.append(f"\\not{to_latex(tex.pop()) or ' '}")
        elif character != _NOT:
            tex.append(character)
    return "".join(tex)
