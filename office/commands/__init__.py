"""Which commands are there? One file for each thing that people come to a terminal for."""
