"""No deadline for single examples: a busy machine is no failure."""

from hypothesis import settings

settings.register_profile("huifang", deadline=None)
settings.load_profile("huifang")
