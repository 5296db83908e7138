"""The people of the shop: who they are, what they may do, when they are there, and by when they have to act."""
