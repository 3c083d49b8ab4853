"""Compiled functions: numba makes them once, later starts load the machine code alone.

`folders` where the code is kept · `notice` what is said while it is made · `compiling` numba, asked when
there is none · `machine_code` objects loaded and called. The decorator is :func:`gis.engine.compiled.kernel`.
"""
