"""All settings together."""

from pydantic_settings import SettingsConfigDict

from lodestone.settings.accounts import KeySettings, SignInSettings
from lodestone.settings.installation import DataSettings, LogSettings, ProcessSettings
from lodestone.settings.interfaces import DataApiSettings, StorageSettings
from lodestone.settings.sending import SendingSettings
from lodestone.settings.services import MailSettings, ModelSettings, StripeSettings
from lodestone.settings.values import PREFIX
from lodestone.settings.vendors import DomainSettings, VendorSettings


# The fields of the last parent come first, in the reference and in --help.
class Settings(
    LogSettings,
    DomainSettings,
    VendorSettings,
    StripeSettings,
    SendingSettings,
    MailSettings,
    ModelSettings,
    StorageSettings,
    DataApiSettings,
    SignInSettings,
    KeySettings,
    ProcessSettings,
    DataSettings,
):
    """What an installation chooses. The field's name in capitals behind `LODESTONE_` sets it."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )
