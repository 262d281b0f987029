"""The engine: given, decided, checked, explained. Knows no screen, store, file or model."""
