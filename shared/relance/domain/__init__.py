"""What is due, for whom, when, and who may act: values and functions, standard library only."""
