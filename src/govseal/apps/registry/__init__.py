"""The institutions of the country, and the trust list that names them."""
