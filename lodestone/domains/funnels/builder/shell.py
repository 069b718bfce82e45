"""What every tab of the builder stands in: the page, the tabs, and which page the preview shows."""

from dataclasses import dataclass
from uuid import UUID

from lodestone.domains.funnels.models import FunnelPage, PageType
from lodestone.domains.funnels.queries import funnel_pages
from lodestone.platform import runtime
from lodestone.platform.database import Tx


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab; `path` holds `{id}` where the funnel's id goes, `order` sorts from left to right.

    `previews` is the page that the preview shows at first.
    """

    key: str
    label: str
    path: str
    order: int
    previews: PageType = PageType.OPTIN


@dataclass(frozen=True, slots=True)
class Shell:
    """What `funnels/builder/shell.html` needs as `shell`."""

    page: FunnelPage
    tab: Tab
    tabs: tuple[Tab, ...]
    url: str | None
    previews: PageType = PageType.OPTIN

    def href(self, tab: Tab) -> str:
        """Return the address of a tab of this funnel."""
        return tab.path.format(id=self.page.id)

    @property
    def path(self) -> str:
        """Return the address of the builder, below which its own actions lie."""
        return f"/app/funnels/{self.page.id}"


_tabs: dict[str, Tab] = {}


def add_tab(tab: Tab) -> None:
    """Show a tab in the builder, when the module that owns it is imported.

    Raises: ValueError when another tab has its key.
    """
    if _tabs.setdefault(tab.key, tab) != tab:
        raise ValueError(f"The builder has a tab {tab.key} already.")


def list_tabs() -> tuple[Tab, ...]:
    """Return the tabs from left to right."""
    return tuple(sorted(_tabs.values(), key=lambda tab: (tab.order, tab.label)))


async def get_shell(
    tx: Tx, *, funnel_page_id: UUID, tab: str, previews: str | None = None
) -> Shell:
    """Return what stands around a tab; `previews` is another page to show than the tab's own.

    Raises NotFound when the funnel is missing or invisible.
    """
    row = await funnel_pages.get_funnel_page(tx, funnel_page_id=funnel_page_id)
    page = FunnelPage.model_validate(dict(row))
    url = f"{runtime.current().base_url}{page.path}" if page.path else None
    shown = PageType(previews) if previews else _tabs[tab].previews
    return Shell(page=page, tab=_tabs[tab], tabs=list_tabs(), url=url, previews=shown)
