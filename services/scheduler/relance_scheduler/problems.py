"""Why a person must act though the plan would not have asked one (actions.problem)."""

CHANNEL_NOT_CONNECTED = "channel_not_connected"
REJECTED = "rejected"
