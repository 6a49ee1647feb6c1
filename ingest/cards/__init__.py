"""Camera cards: which files are clips, which belong to one, and what the camera noted of them."""
