"""Language models: one way to ask one, whoever serves it, with what it read, wrote, took and cost.

Which text is sent is the business of the prompt registry (`domains/prompts`).
"""

from lodestone.platform.ai.models import (
    AiOptions,
    ModelFailed,
    ModelRefused,
    Reply,
    Request,
    Usage,
)

__all__ = ["AiOptions", "ModelFailed", "ModelRefused", "Reply", "Request", "Usage"]
