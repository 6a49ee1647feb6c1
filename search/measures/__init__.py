"""How well and how quickly searching finds: over the library, and over one that never was."""
