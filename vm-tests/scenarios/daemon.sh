#!/bin/sh
# The daemon stopped, killed and started again.
#
#     processes of `agent` ──output hook──▶ queue ──▶ nobody
#     everybody else ──────────────────────────────── uplink0 ══ beyond0 ── internet
. /lib.sh
plan 7
internet
agent() { run /usr/bin/setpriv --reuid agent --regid agent --clear-groups "$@"; }
silence() { # nothing of the agent's arrives
    forget_arrivals
    agent curl -sS --max-time 5 http://web.lab-origin.com/hello && return 1
    agent curl -sS --max-time 5 http://$ORIGIN/hello && return 1
    agent ping -c 1 -W 2 $UNRESOLVED && return 1
    [ "$(arrived origin)" = 0 ] && [ "$(arrived unresolved)" = 0 ]
}
up --user agent --allow web.lab-origin.com
agent curl -sS --max-time 40 http://web.lab-origin.com/hello
report "the agent reaches an allowed host" $?
kill -STOP $SERVICE
silence
report "with the daemon stopped nothing leaves" $?
kill -CONT $SERVICE
agent curl -sS --max-time 40 http://web.lab-origin.com/hello
report "it goes on when the daemon does" $?
kill -KILL $SERVICE; wait $SERVICE
silence
report "with the daemon killed nothing leaves" $?
run curl -sS --max-time 20 http://$UNRESOLVED/hello
report "other accounts are left alone" $?
(while :; do /usr/bin/setpriv --reuid agent --regid agent --clear-groups ping -c 1 -W 1 $UNRESOLVED >/dev/null 2>&1; done) &
trying=$!
forget_arrivals
up --user agent --allow web.lab-origin.com
agent curl -sS --max-time 40 http://web.lab-origin.com/hello
report "a new daemon takes over" $?
kill $trying
[ "$(arrived unresolved)" = 0 ]
report "its start opened no gap" $?
