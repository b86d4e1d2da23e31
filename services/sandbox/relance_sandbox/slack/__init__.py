"""Slack as an app sees it: the Web API, Socket Mode, and the members behind them."""
