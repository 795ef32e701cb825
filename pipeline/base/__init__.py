"""The ground: errors, outcomes, signs of life, and the machine underneath."""
