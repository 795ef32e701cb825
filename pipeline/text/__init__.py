"""From the bytes of an HTML page to text that keeps its mathematics."""
