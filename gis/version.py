"""The program's version: it enters every check's identity."""

from __future__ import annotations

__version__ = "0.1.0"
