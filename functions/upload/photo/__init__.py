"""Photo checking: bytes in, verdict out. Only the worker imports `judge` and what lies under it;
`verdict` and `limits` need neither Pillow nor numpy, so the HTTP side may read the codes there."""
