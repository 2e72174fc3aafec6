#!/bin/sh
# The machine after a start with the disk of the one before: /init has called `portcullis drop --restore` before there was a
# network, as portcullis-restore.service does. No service runs.
. /lib.sh
plan 5
agent() { run /usr/bin/setpriv --reuid agent --regid agent --clear-groups "$@"; }

cp /tmp/restored /tmp/output
said 'sealed user-agent: inet portcullis_seal_user-agent, 10 hooks'
report "the seal is in force before there is a network" $?
internet
agent curl -sS --max-time 5 http://$UNRESOLVED/hello
[ $? != 0 ] && [ "$(arrived unresolved)" = 0 ]
report "the agent is still sealed, without a service" $?
run curl -sS --max-time 20 http://$UNRESOLVED/hello && said 'hello from the origin'
report "other accounts are left alone" $?
up --user agent --allow web.lab-origin.com && agent curl -sS --max-time 5 http://web.lab-origin.com/hello
[ $? != 0 ] && [ "$(arrived origin)" = 0 ]
report "and with it" $?
run portcullis raise --agent user-agent --reason 'the test is over' && sleep 1 &&
    agent curl -sS --max-time 40 http://web.lab-origin.com/hello && said 'hello from the origin'
report "raised, it goes on" $?
