"""The pages of docs/reference that are written from the program itself; `make docs` writes them anew."""
