"""The pages, one file each: reads through `desk.read`, shows what it found, acts through `bot.console.acting`."""
