"""What goes over the wire: named, versioned messages that carry identifiers and nothing else."""
