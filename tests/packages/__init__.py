"""Running the packages: `make package`, and no part of `make test`, since it takes minutes."""
