#!/bin/sh
# The health check: fails once the agent has not renewed its file for two minutes.
test -n "$(find "$HEARTBEAT_FILE" -mmin -2)"
