"""What the shop's people do and hear: commands, alerts, clocks, and the conversation in their own group."""
