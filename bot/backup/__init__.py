"""Backups: one file with everything a shop needs to go on (docs/backup.md)."""
