#!/bin/sh
# Runs in the machine. Three namespaces, none with a way out:
#
#     jail (made by portcullis run) ── gateway (the machine's own) ── internet (names, web server)
#
# Every test prints `ok - NAME` or `not ok - NAME`. Debian's busybox prefers its own applets to PATH: `ip` needs its path.
ip=/usr/sbin/ip
echo "plan 12"
echo "kernel $(uname -r)"

# As a distribution loads them; whatever is missing here the kernel asks modprobe for.
for module in veth nf_tables nft_queue nfnetlink_queue nf_conntrack nft_ct nft_chain_nat nft_redir nft_nat nft_reject_inet \
    nft_limit ipv6; do
    modprobe $module 2>/dev/null || echo "# no module $module: built in, or missing"
done

$ip link set lo up
$ip netns add internet
$ip link add uplink0 type veth peer name beyond0 netns internet
$ip addr add 81.2.69.142/24 dev uplink0
$ip link set uplink0 up
inside() { $ip netns exec internet "$@"; }
inside $ip link set lo up
inside $ip addr add 81.2.69.1/24 dev beyond0
inside $ip link set beyond0 up
$ip route add default via 81.2.69.1
for address in 9.9.9.9 93.184.216.34 93.184.219.9; do inside $ip addr add $address/32 dev lo; done
inside nft -f - <<'RULES'
table inet watch {
    counter unresolved { }
    counter origin { }
    chain arriving {
        type filter hook prerouting priority raw; policy accept;
        ip daddr 93.184.219.9 counter name unresolved
        ip daddr 93.184.216.34 counter name origin
    }
}
RULES
inside dnsmasq --no-resolv --no-hosts --listen-address=9.9.9.9 --bind-interfaces --user=root --local=/#/ --pid-file= \
    --host-record=web.lab-origin.com,93.184.216.34 --host-record=other.lab-origin.com,93.184.216.34 \
    --host-record=private.lab-origin.com,10.0.0.5 --log-queries --log-facility=/tmp/queries
inside busybox httpd -p 93.184.216.34:80 -h /www
inside busybox httpd -p 93.184.219.9:80 -h /www
(cd /www && inside openssl s_server -accept 93.184.216.34:443 -cert /www.pem -key /www.pem -WWW -quiet >/dev/null 2>&1 &)

arrived() { inside nft list counter inet watch "$1" | sed -n 's/.*packets \([0-9]*\).*/\1/p'; }
report() { # name, outcome of the test before
    if [ "$2" = 0 ]; then echo "ok - $1"; else
        echo "not ok - $1"
        sed 's/^/#   /' /tmp/output | head -30
    fi
}
jail() {
    portcullis run --quiet --user agent --allow web.lab-origin.com --allow private.lab-origin.com -- "$@" >/tmp/output 2>&1
    status=$?
    echo "exit code $status" >>/tmp/output
    return $status
}
said() { grep -q -- "$1" /tmp/output; }

portcullis doctor >/tmp/output 2>&1
report "doctor finds everything" $?
said '^ok *ruleset and packet queue: nft queue$'
report "the kernel has the native queue statement, and it is used" $?

# Without the gateway everything is in reach, so that what follows says something.
curl -sS --max-time 20 http://93.184.219.9/hello >/tmp/output 2>&1 && said 'hello from the origin' && [ "$(arrived unresolved)" -gt 0 ]
report "the lab's internet answers those who are not in a jail" $?
inside nft reset counters >/dev/null

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

inside nft reset counters >/dev/null
jail curl -sS --max-time 40 http://93.184.219.9/hello
# curl's code for a refused connection; a hang would be 28.
[ $? = 7 ] && [ "$(arrived unresolved)" = 0 ]
report "an address nobody resolved is refused at once, and nothing arrives" $?
jail curl -sS --max-time 40 --resolve other.lab-origin.com:80:93.184.216.34 http://other.lab-origin.com/hello
[ $? = 7 ] && [ "$(arrived origin)" = 0 ]
report "a shared address is no way to another name" $?

curl -s --max-time 5 tftp://93.184.216.34/hello >/tmp/output 2>&1
outside=$(arrived origin)
inside nft reset counters >/dev/null
jail curl -sS --max-time 5 tftp://93.184.216.34/hello
[ $? != 0 ] && [ "$outside" -gt 0 ] && [ "$(arrived origin)" = 0 ]
report "UDP leaves from outside a jail, and not from inside" $?
jail sh -c 'exit 42'
[ $? = 42 ]
report "the command's exit code is passed on" $?
[ -z "$(nft list ruleset)" ] && [ "$($ip -o link | wc -l)" = 2 ]
report "nothing is left in the machine's own namespace" $?
