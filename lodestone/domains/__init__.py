"""The rooms of the business; each opens to the others by its `service` alone."""
