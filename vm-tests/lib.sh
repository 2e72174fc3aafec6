# For the scenarios: an internet without a way out, ways to say what is tested, and the commands as they are run.
#
# Each scenario runs in the machine, draws its topology, says `plan N`, and prints `ok - NAME` or `not ok - NAME` N times.
# Debian's busybox prefers its own applets to PATH: `ip`, `tc` and `nft` need theirs.
ip=/usr/sbin/ip
tc=/usr/sbin/tc
nft=/usr/sbin/nft
ORIGIN=93.184.216.34
UNRESOLVED=93.184.219.9
SCENARIO=$(basename "$0" .sh)

plan() { echo "plan $1"; }

# Prints a command and runs it; what it says goes to /tmp/output.
run() {
    echo "\$ $*"
    "$@" >/tmp/output 2>&1
    status=$?
    echo "exit code $status" >>/tmp/output
    return $status
}
said() { grep -q -- "$1" /tmp/output; }

report() { # name, outcome of the test before
    if [ "$2" = 0 ]; then echo "ok - $SCENARIO: $1"; else
        echo "not ok - $SCENARIO: $1"
        sed 's/^/#   /' /tmp/output | head -30
        [ -z "$LOG" ] || tail -n 5 "$LOG" /tmp/up | sed 's/^/#   /'
    fi
}

inside() { $ip netns exec internet "$@"; }

# The internet: names, a web server with and without TLS, and counters of what arrives.
internet() {
    $ip netns add internet
    $ip link add uplink0 type veth peer name beyond0 netns internet
    $ip addr add 81.2.69.142/24 dev uplink0
    $ip link set uplink0 up
    inside $ip link set lo up
    inside $ip addr add 81.2.69.1/24 dev beyond0
    inside $ip link set beyond0 up
    $ip route add default via 81.2.69.1
    for address in 9.9.9.9 $ORIGIN $UNRESOLVED; do inside $ip addr add $address/32 dev lo; done
    inside $nft -f - <<'RULES'
table inet watch {
    counter unresolved { }
    counter origin { }
    counter payload { }
    chain arriving {
        type filter hook prerouting priority raw; policy accept;
        ip daddr 93.184.219.9 counter name unresolved
        ip daddr 93.184.216.34 counter name origin
        ip daddr 93.184.216.34 tcp flags & psh == psh counter name payload
    }
}
RULES
    inside dnsmasq --no-resolv --no-hosts --listen-address=9.9.9.9 --bind-interfaces --user=root --local=/#/ \
        --pid-file=/tmp/dnsmasq.pid --host-record=web.lab-origin.com,$ORIGIN --host-record=other.lab-origin.com,$ORIGIN \
        --host-record=private.lab-origin.com,10.0.0.5 --log-queries --log-facility=/tmp/queries
    inside busybox httpd -f -p $ORIGIN:80 -h /www &
    inside busybox httpd -f -p $UNRESOLVED:80 -h /www &
    (cd /www && inside openssl s_server -accept $ORIGIN:443 -cert /www.pem -key /www.pem -WWW -quiet >/dev/null 2>&1 &)
    sleep 0.5
}
arrived() { inside $nft list counter inet watch "$1" | sed -n 's/.*packets \([0-9]*\).*/\1/p'; }
forget_arrivals() { inside $nft reset counters >/dev/null; }

# A virtual machine's network, as a host of such has it: forwarded and translated.
guest() {
    $ip netns add guest
    $ip link add tap0 type veth peer name eth0 netns guest
    $ip addr add 10.77.1.1/24 dev tap0
    $ip link set tap0 up
    $ip -n guest link set lo up
    $ip -n guest addr add 10.77.1.2/24 dev eth0
    $ip -n guest link set eth0 up
    $ip -n guest route add default via 10.77.1.1
    echo 1 >/proc/sys/net/ipv4/ip_forward
    $nft -f - <<'RULES'
table ip host {
    chain out {
        type nat hook postrouting priority srcnat; policy accept;
        oifname "uplink0" masquerade
    }
}
RULES
}

# Starts the service in the background and waits until it is ready.
LOG=
up() {
    LOG=/tmp/decisions
    : >$LOG
    echo "\$ portcullis up $*"
    portcullis up --log $LOG "$@" >/tmp/up 2>&1 &
    SERVICE=$!
    for _ in $(seq 200); do
        grep -q ': ready' /tmp/up && return 0
        kill -0 $SERVICE 2>/dev/null || break
        sleep 0.1
    done
    sed 's/^/#   /' /tmp/up
    return 1
}

# Leaves nothing to the next scenario.
clean() {
    [ -z "$SERVICE" ] || { kill -CONT $SERVICE; kill $SERVICE; wait $SERVICE; } 2>/dev/null
    portcullis down >/dev/null 2>&1
    [ ! -e /tmp/dnsmasq.pid ] || kill "$(cat /tmp/dnsmasq.pid)" 2>/dev/null
    for name in httpd openssl; do killall $name 2>/dev/null; done
    $nft flush ruleset
    for name in internet guest; do $ip netns del $name 2>/dev/null; done
    for name in uplink0 tap0; do $ip link del $name 2>/dev/null; done
    rm -f /tmp/queries /tmp/dnsmasq.pid /tmp/output
}
trap clean EXIT
