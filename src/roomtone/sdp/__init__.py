"""Floor 1: offer and answer. Pure: text and abilities in, an agreement or a refusal out. Knows no conferences."""
