"""OGC API – Features: layers and control zones for QGIS, GDAL and any other GIS, through pygeoapi."""
