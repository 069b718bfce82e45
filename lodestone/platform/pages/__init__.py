"""Pages: templates, static files, lists, navigation and the browser's safety rules.

A page handler ends with `return render(request, "funnels/list.html", {...})`; a form handler ends
with `return redirect("/app/funnels", toast="Published")`.
"""

from lodestone.platform.pages.flash import Toast, redirect
from lodestone.platform.pages.listing import Column, Filter, Listing, csv_response, csv_stream
from lodestone.platform.pages.navigation import Entry, add_entry, sections
from lodestone.platform.pages.rendering import environment, render, render_text
from lodestone.platform.pages.static import serve_static, static_url

__all__ = [
    "Column",
    "Entry",
    "Filter",
    "Listing",
    "Toast",
    "add_entry",
    "csv_response",
    "csv_stream",
    "environment",
    "redirect",
    "render",
    "render_text",
    "sections",
    "serve_static",
    "static_url",
]
