"""What the shop says: words by script, language and segment, and the lint that keeps them decent."""
