"""Experiments: which value of one field of a page makes more visitors do what it is for.

Tables: ab_experiments, ab_experiment_variants. Terms: an *arm* is a value under test, arm 0 the
page as it was; the *horizon* is the number of visitors per arm that was planned before the start,
and the only moment at which an experiment decides by itself.
"""
