"""Formulas of a page, whatever notation they are written in, as marked TeX."""
