"""Official data in: any supported file → the features of a layer, ready to be looked at."""
