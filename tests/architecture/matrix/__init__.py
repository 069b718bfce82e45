"""The identity matrix: a real row of every table, everybody who might come, and what they may do.

`tables` reads the shape of the tables, `rows` fills any of them, `world` holds the people and what
is theirs, `expectations` says from the declarations who may do what, `attempts` tries it.
"""
