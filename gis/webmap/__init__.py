"""Web maps in folium, self-hosted."""
