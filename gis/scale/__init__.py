"""The check in batches: millions of sites from file to file, in processes or on a Dask cluster."""
