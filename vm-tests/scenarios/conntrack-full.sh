#!/bin/sh
# Connection tracking without room for another flow: the limit is the machine's, so this is tested in a machine of its own.
#
#     processes of `agent` ──connection tracking: full──✗
#     uplink0 ══ beyond0 ── internet
. /lib.sh
plan 3
internet
agent() { run /usr/bin/setpriv --reuid agent --regid agent --clear-groups "$@"; }
up --user agent --allow web.lab-origin.com
agent curl -sS --max-time 40 http://web.lab-origin.com/hello
report "the agent reaches an allowed host" $?
limit=$(cat /proc/sys/net/netfilter/nf_conntrack_max)
echo 1 >/proc/sys/net/netfilter/nf_conntrack_max
forget_arrivals
agent curl -sS --max-time 6 http://$UNRESOLVED/hello; first=$?
agent curl -sS --max-time 6 http://$ORIGIN/hello; second=$?
agent ping -c 1 -W 2 $UNRESOLVED; third=$?
[ $first != 0 ] && [ $second != 0 ] && [ $third != 0 ] && [ "$(arrived unresolved)" = 0 ] && [ "$(arrived origin)" = 0 ]
report "with the table full nothing of the agent's leaves" $?
echo "$limit" >/proc/sys/net/netfilter/nf_conntrack_max
agent curl -sS --max-time 40 http://web.lab-origin.com/hello && said 'hello from the origin'
report "it goes on when there is room again" $?
