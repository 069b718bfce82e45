"""Webhooks: an account's own addresses are told of each lead, signed and with a log of every try.

A *webhook* is an address; a *delivery* is one notice to it, a row before it is a request. The same
delivery keeps its id at every attempt, by which the receiver knows it again. Headers and signature
follow the Standard Webhooks specification (https://www.standardwebhooks.com).
"""
