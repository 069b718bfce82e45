"""Brand kits: how a business speaks and looks, the ground of all that is written for it.

Table: brand_kits, one for each person and one for each team. Writer: svc_magnetlab. Terms: the
*context* says what the business does, for whom, and with what proof; the *look* is logos, font and
colours of its pages; *reading* takes a context out of a text or a web site that exists already.
"""
