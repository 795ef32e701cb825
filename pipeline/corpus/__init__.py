"""Selection by token budget, and the shards that come out."""
