"""How well and how quickly searching finds: over the library itself, and over one that never was."""
