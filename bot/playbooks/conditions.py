"""Deciding a step's `when`: a sandboxed Jinja2 expression, true or false, never a guess."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import TemplateError, Undefined
from jinja2.exceptions import SecurityError

from bot.playbooks.render import RenderError, environment


def holds(expression: str | None, context: Mapping[str, Any]) -> bool:
    """Whether a step's condition holds; without one it does. Raises RenderError when it cannot be decided."""
    if expression is None:
        return True
    try:
        value = environment().compile_expression(expression, undefined_to_none=False)(**context)
        if isinstance(value, Undefined):
            # Asking a strict undefined for its truth raises, with the name that is missing.
            bool(value)
    except (TemplateError, SecurityError) as error:
        raise RenderError(error.message or type(error).__name__) from error
    except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
        raise RenderError(f"{type(error).__name__}: {error}") from error
    return bool(value)
