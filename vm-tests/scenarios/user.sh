#!/bin/sh
# A hardened agent's machine: one account is guarded, in the namespace that it shares with all others.
#
#     processes of `agent` ──output hook──▶ queue, listeners ─┐
#     everybody else ─────────────────────────────────────────┴─ uplink0 ══ beyond0 ── internet
. /lib.sh
plan 12
internet
CA=/var/lib/portcullis/ca/ca.pem
agent() { run /usr/bin/setpriv --reuid agent --regid agent --clear-groups "$@"; }

agent curl -sS --max-time 20 http://$UNRESOLVED/hello && said 'hello from the origin'
report "without the gateway the account reaches everything" $?
up --user agent --allow web.lab-origin.com --allow private.lab-origin.com
report "the service starts" $?
grep -q 'ready; nft queue' /tmp/up && ! grep -q 'NOT covered' /tmp/up
report "it uses the native queue statement, and covers set-user-ID programs" $?

agent curl -sS --max-time 40 --cacert $CA https://web.lab-origin.com/hello && said 'hello from the origin'
report "an allowed host is reached over TLS, inspected" $?
agent curl -sS --max-time 40 http://web.lab-origin.com/hello && said 'hello from the origin'
report "an allowed host is reached over plain HTTP" $?
: >/tmp/queries
agent busybox nslookup other.lab-origin.com
said 'REFUSED' && ! grep -q other.lab-origin.com /tmp/queries
report "a refused name is answered REFUSED and asked of nobody" $?
forget_arrivals
agent curl -sS --max-time 40 http://$UNRESOLVED/hello
[ $? = 7 ] && [ "$(arrived unresolved)" = 0 ] && grep -q ip.not_resolved $LOG
report "an address nobody resolved is refused at once, and nothing arrives" $?
agent curl -sS --max-time 40 --resolve other.lab-origin.com:80:$ORIGIN http://other.lab-origin.com/hello
said 'http.host_mismatch' && [ "$(arrived payload)" = 0 ]
report "a shared address is no way to another name" $?
agent ping -c 1 -W 2 $UNRESOLVED
[ $? != 0 ] && [ "$(arrived unresolved)" = 0 ]
report "other protocols do not leave" $?
cp /usr/bin/curl /tmp/setuid-curl && chmod 4755 /tmp/setuid-curl
agent /tmp/setuid-curl -sS --max-time 40 http://$UNRESOLVED/hello
[ $? = 7 ] && [ "$(arrived unresolved)" = 0 ]
report "a set-user-ID program is judged as its caller" $?
run curl -sS --max-time 20 http://$UNRESOLVED/hello && said 'hello from the origin'
report "other accounts are left alone" $?
kill $SERVICE && wait $SERVICE && run portcullis down && said 'nobody is guarded' && [ -z "$($nft list ruleset)" ]
report "it ends, and takes its rules away when it is told to" $?
