"""The draw of millions, by columns with numpy: the same bytes as the plain modules beside it.

`functions/programme/draw/` says what the draw is, record by record; read that. Each module here
does what the one of the same name there does, in a fraction of the time and memory, and tests
hold every result and every error to the plain one's. Nothing else imports numpy in the draw.
"""
