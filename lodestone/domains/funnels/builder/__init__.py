"""The builder: one funnel on one screen, in tabs beside its live preview.

Other rooms add a tab with `add_tab` and draw it in `funnels/builder/shell.html`, with the `Shell`
that `get_shell` gives. Table: `funnel_pages`. Writer: `svc_magnetlab`.
"""
