"""The whole program on a clock, a channel and a schedule that one seed makes up (docs/seeds.md)."""
