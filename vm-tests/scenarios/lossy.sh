#!/bin/sh
# A bad line: 2 % of the packets are lost and each takes 50 ms, in both directions.
#
#     guest ── eth0 ══ tap0 ── gateway ── uplink0 ══ beyond0 ── internet
#                                          netem      netem
. /lib.sh
plan 5
internet
guest
agent() { run $ip netns exec guest "$@"; }
policy=/tmp/policy.yaml
cat >$policy <<'POLICY'
version: 1
agents:
  - { name: guest, scope: { interface: tap0 } }
allow:
  - { host: web.lab-origin.com, ports: [80] }
  - { host: web.lab-origin.com, ports: [443], inspect: sni }
POLICY
head -c 300000 /dev/urandom >/www/random
expected=$(sha256sum </www/random)
up --policy $policy
run $tc qdisc add dev uplink0 root netem delay 50ms loss 2% && run inside $tc qdisc add dev beyond0 root netem delay 50ms loss 2%
report "the line is bad" $?
fetch() { agent curl -sS --max-time 90 --retry 3 -o /tmp/fetched "$1" && [ "$(sha256sum </tmp/fetched)" = "$expected" ]; }
fetch http://web.lab-origin.com/random
report "300 kB arrive whole, inspected" $?
fetch https://web.lab-origin.com/random
report "300 kB arrive whole, without inspection" $?
forget_arrivals
agent curl -sSk --max-time 40 --connect-to other.lab-origin.com:443:web.lab-origin.com:443 https://other.lab-origin.com/hello
[ $? != 0 ] && [ "$(arrived payload)" = 0 ]
report "another name gets no byte through" $?
agent curl -sS --max-time 40 http://$UNRESOLVED/hello
[ $? = 7 ] && [ "$(arrived unresolved)" = 0 ]
report "an address nobody resolved is refused at once" $?
