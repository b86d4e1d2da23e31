"""What `relance doctor` looks at, a module for each part; none of them changes anything."""
