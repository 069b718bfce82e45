"""The ten formats of a lead magnet: what each asks its author, and what each must hold to publish.

Tables: none; the contents live in `lead_magnets.generated_content`. Terms: *extraction questions*
draw out what the author knows; the *publish model* is the shape of finished content, with the
least length of every field.
"""
