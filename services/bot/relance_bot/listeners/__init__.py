"""What people do in Slack, taken in: acknowledged, understood, checked, passed on."""
