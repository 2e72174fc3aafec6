#!/bin/sh
# A host of agents' virtual machines: what comes from the guest's interface is guarded.
#
#     guest ── eth0 ══ tap0 ──prerouting hook──▶ queue, listeners ─┐
#                        └── forwarded and translated once accepted┴─ uplink0 ══ beyond0 ── internet
. /lib.sh
plan 9
internet
guest
CA=/var/lib/portcullis/ca/ca.pem
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

agent curl -sS --max-time 20 http://$UNRESOLVED/hello && said 'hello from the origin'
report "without the gateway the guest reaches everything" $?
up --policy $policy
report "the service starts" $?
agent curl -sS --max-time 40 http://web.lab-origin.com/hello && said 'hello from the origin'
report "an allowed host is reached over plain HTTP, inspected" $?
agent curl -sS --max-time 40 https://web.lab-origin.com/hello && said 'hello from the origin'
report "a host without inspection is reached, and shows its own certificate" $?
forget_arrivals
agent curl -sSk --max-time 40 --connect-to other.lab-origin.com:443:web.lab-origin.com:443 https://other.lab-origin.com/hello
[ $? != 0 ] && [ "$(arrived payload)" = 0 ]
report "another name at its address gets no byte through" $?
agent curl -sS --max-time 40 http://$UNRESOLVED/hello
[ $? = 7 ] && [ "$(arrived unresolved)" = 0 ]
report "an address nobody resolved is refused at once, and nothing arrives" $?
$ip -n guest addr add 10.99.9.9/32 dev lo
forget_arrivals
agent ping -c 1 -W 2 -I 10.99.9.9 $UNRESOLVED
[ $? != 0 ] && [ "$(arrived unresolved)" = 0 ]
report "a sender's address of somebody else's does not leave" $?
agent nft flush ruleset
agent curl -sS --max-time 40 http://$UNRESOLVED/hello
[ $? = 7 ] && [ "$(arrived unresolved)" = 0 ]
report "flushing rules inside changes nothing" $?
run curl -sS --max-time 20 http://$UNRESOLVED/hello && said 'hello from the origin'
report "the host itself is left alone" $?
