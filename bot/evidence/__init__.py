"""What buyers sent: the folder that keeps it, and packs of proof sealed by their digests."""
