"""The loop: what a step is and how one is run, the steps, and rounds of them."""
