"""What a run tells people: closing lines, the evaluation page, the corpus's card."""
