"""The connectivity study of a workspace: layers → surface and sources → network, paths, current, ensemble."""
