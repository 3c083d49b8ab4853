"""Map sheets: GB/T 13989 numbers, paper geometry, drawing, furniture, georeferenced PDF."""
