"""This project's pages: the site of `make docs`, and the reference made from the firmware."""
