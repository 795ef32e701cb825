"""The steps of the loop: what each reads, writes and depends on, and how it is built."""
