"""The house around the engine: what people may ask for, and how it is answered."""
