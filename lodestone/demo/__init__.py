"""The demo: a small lively business for a first look (`seed`), and bulk for load tests (`grow`)."""

from lodestone.demo.account import EMAIL, PASSWORD, USERNAME, DemoAccount
from lodestone.demo.business import seed
from lodestone.demo.scale import grow

__all__ = ["EMAIL", "PASSWORD", "USERNAME", "DemoAccount", "grow", "seed"]
