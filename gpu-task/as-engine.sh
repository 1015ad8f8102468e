#!/bin/sh
# Becomes the command in its arguments, run by the engine's user: without capabilities, and unable to gain any.
set -eu
# The agent's user is in the engine's group, and has to write to the engine's socket.
umask 007
export HOME=/var/lib/engine
# A program with capabilities of its own starts without these two, and so would all that it becomes.
set -- env ${LD_LIBRARY_PATH:+"LD_LIBRARY_PATH=$LD_LIBRARY_PATH"} ${TMPDIR:+"TMPDIR=$TMPDIR"} "$@"
exec /usr/local/libexec/setpriv --reuid 10002 --regid 10002 --clear-groups --inh-caps=-all --no-new-privs -- "$@"
