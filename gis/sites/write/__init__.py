"""Project sites written as files others can use: every format that is read, in any system that is read."""
