"""What the manuals teach about goods that came late, broken, wrong or not at all (rules 39-83)."""
