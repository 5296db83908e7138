"""What is to be known of a review before anybody speaks to its buyer (rules 84-97)."""
