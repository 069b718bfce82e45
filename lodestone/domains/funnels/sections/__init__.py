"""Sections: the blocks above and below the form, the video and the content of a funnel's pages.

Table: `funnel_page_sections`. Writer: `svc_magnetlab`. A placeholder is a section that a template
put there and nobody has filled yet: visitors never see it.
"""
