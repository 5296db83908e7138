"""What measures the product works."""
