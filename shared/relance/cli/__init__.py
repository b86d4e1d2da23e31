"""The command line: the top layer, which may know every service."""
