#!/bin/sh
# The jail of `portcullis run`.
#
#     jail (its own namespace) ══ gateway (a namespace of its own)
#                                     │ the process's upstream sockets
#     the machine's namespace ── uplink0 ══ beyond0 ── internet (names, web server)
. /lib.sh
plan 12
internet
jail() { run portcullis run --quiet --user agent --allow web.lab-origin.com --allow private.lab-origin.com -- "$@"; }

run portcullis doctor
report "doctor finds everything" $?
said '^ok *ruleset and packet queue: nft queue$'
report "the kernel has the native queue statement, and it is used" $?

# Without the gateway everything is in reach, so that what follows says something.
run curl -sS --max-time 20 http://$UNRESOLVED/hello && said 'hello from the origin' && [ "$(arrived unresolved)" -gt 0 ]
report "the lab's internet answers those who are not in a jail" $?
forget_arrivals

jail curl -sS --max-time 40 http://web.lab-origin.com/hello && said 'hello from the origin'
report "an allowed host is reached over plain HTTP" $?
jail curl -sS --max-time 40 https://web.lab-origin.com/hello && said 'hello from the origin'
report "an allowed host is reached over TLS, inspected" $?

: >/tmp/queries
jail busybox nslookup other.lab-origin.com
said 'REFUSED' && ! grep -q other.lab-origin.com /tmp/queries
report "a refused name is answered REFUSED and asked of nobody" $?
jail busybox nslookup private.lab-origin.com
grep -q private.lab-origin.com /tmp/queries && ! said '10\.0\.0\.5'
report "a name that leads inside leads nowhere" $?

forget_arrivals
jail curl -sS --max-time 40 http://$UNRESOLVED/hello
# curl's code for a refused connection; a hang would be 28.
[ $? = 7 ] && [ "$(arrived unresolved)" = 0 ]
report "an address nobody resolved is refused at once, and nothing arrives" $?
jail curl -sS --max-time 40 --resolve other.lab-origin.com:80:$ORIGIN http://other.lab-origin.com/hello
[ $? = 7 ] && [ "$(arrived origin)" = 0 ]
report "a shared address is no way to another name" $?

run curl -s --max-time 5 tftp://$ORIGIN/hello
outside=$(arrived origin)
forget_arrivals
jail curl -sS --max-time 5 tftp://$ORIGIN/hello
[ $? != 0 ] && [ "$outside" -gt 0 ] && [ "$(arrived origin)" = 0 ]
report "UDP leaves from outside a jail, and not from inside" $?
jail sh -c 'exit 42'
[ $? = 42 ]
report "the command's exit code is passed on" $?
[ -z "$($nft list ruleset)" ] && [ "$($ip -o link | grep -vcE ': (sit|tunl|ip6tnl)')" = 2 ]
report "nothing is left in the machine's own namespace" $?
