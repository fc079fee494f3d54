"""The names of buttons, forms, shortcuts and inputs. Stable: old messages keep their buttons for ever."""

from typing import Final

COMMAND: Final = "/s3incident"

# Buttons
APPROVE: Final = "plan.approve"
REJECT: Final = "plan.reject"
DETAILS: Final = "plan.details"
UNDO: Final = "plan.undo"
PLAN_AGAIN: Final = "plan.again"
CONTINUE: Final = "plan.continue"
CHECK_NOW: Final = "plan.check"
TASK_DONE: Final = "task.done"
OPEN_FROM_AUDIT: Final = "audit.open"
OPEN: Final = "incident.open"
BREAK_GLASS: Final = "plan.break_glass"
PROPOSE: Final = "incident.propose"
DECIDE_TOGETHER: Final = "incident.decide"
TURN_PAGE: Final = "plan.page"

# Forms and shortcuts
OPEN_FORM: Final = "incident.open"
PROPOSE_CHOICE: Final = "plan.choose"
PROPOSE_FORM: Final = "plan.propose"
REJECT_FORM: Final = "plan.reject"
APPROVE_FORM: Final = "plan.approve"
GLASS_FORM: Final = "plan.break_glass"
TOGETHER_FORM: Final = "incident.decide"
CLOSE_FORM: Final = "incident.close"
OPEN_SHORTCUT: Final = "incident.open"
NOTE_SHORTCUT: Final = "incident.note"

# Inputs of the forms: the block ids under which values come back and errors are shown
BUCKET: Final = "bucket"
ACCOUNT: Final = "account"
SEVERITY: Final = "severity"
SUSPICION: Final = "suspicion"
REASON: Final = "reason"
ROW: Final = "row"
TARGET: Final = "target."
NOTE: Final = "note"
NUMBER: Final = "number"
CHOSEN: Final = "chosen"
VALUE: Final = "value"
