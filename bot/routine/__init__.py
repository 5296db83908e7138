"""Documents of the day's routine, as files and for the group: handover, digest, register, losses."""
