#!/bin/sh
# The kill switch, whatever becomes of the daemon; the machine is then started anew with the same disk, and after-reboot.sh
# looks at what is left. The last scenario: it leaves its agent sealed.
#
#     processes of `agent` ── sealed ──✗            internet
#     everybody else ─── uplink0 ══ beyond0 ────────────┘
. /lib.sh
plan 7
internet
agent() { run /usr/bin/setpriv --reuid agent --regid agent --clear-groups "$@"; }

grep -q "/dev/vda /var/lib/portcullis" /proc/mounts
report "the service's state is on a disk" $?
up --user agent --allow web.lab-origin.com && agent curl -sS --max-time 40 http://web.lab-origin.com/hello &&
    said 'hello from the origin'
report "an allowed host is reached" $?
kill -STOP $SERVICE
run portcullis drop --agent user-agent --reason 'a test' && said 'awake, 10 hooks'
report "with the daemon stopped the agent is sealed, and the kernel says so" $?
forget_arrivals
agent curl -sS --max-time 5 http://web.lab-origin.com/hello
[ $? != 0 ] && [ "$(arrived origin)" = 0 ]
report "nothing of it arrives" $?
kill -KILL $SERVICE
wait $SERVICE 2>/dev/null
agent curl -sS --max-time 5 http://$UNRESOLVED/hello
[ $? != 0 ] && [ "$(arrived unresolved)" = 0 ]
report "nor with the daemon killed" $?
up --user agent --allow web.lab-origin.com && agent curl -sS --max-time 5 http://web.lab-origin.com/hello
[ $? != 0 ] && [ "$(arrived origin)" = 0 ]
report "nor with the daemon started again" $?
run curl -sS --max-time 20 http://$UNRESOLVED/hello && said 'hello from the origin'
report "other accounts are left alone" $?
sync
