"""The guided way to a lead magnet."""
