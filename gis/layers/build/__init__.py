"""The build of the layers from readable sources and installed data sets."""
