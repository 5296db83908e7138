"""Reading reviews: what they complain of, and the brief for the person who answers (rules 84, 88-91)."""
