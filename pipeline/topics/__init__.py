"""What a page's mathematics is about, and which topics the selection starves."""
