// Traffic of two agents with one server, and when the last packet of it arrived where.
//
//     traffic GUARDED BESIDE SERVER ADDRESS FLOWS RATE
//
// The first three are network namespaces (files); both agents have eth0, the server beyond0 and ADDRESS. The guarded agent
// opens FLOWS connections to port 5432 and sends RATE small segments a second over them in turn, as the server does to
// it; with every 20th the agent opens a connection more, which nobody answers. The agent beside it does a tenth of
// that. Segments are written by hand and read from packet sockets, so that no retransmission and no congestion window
// has a part in it; the kernels of all three must be kept from answering them (kill.py does that).
//
// Reads commands, answers each with a line of JSON:
//     establish              opens what is not open                    {"established", "refused", "seconds"}
//     reopen                 the same, with all of the guarded agent's taken for closed
//     start, stop            the segments of established connections   {}
//     flowing SECONDS        waits for both ways of the guarded agent  {"flowing"}
//     round BEFORE AFTER     what of the guarded agent's arrived since a trigger that took from BEFORE to AFTER
//                            (nanoseconds since 1970), both ways       {"last", "first_lost", "since", "after", "sent_after"}
//     totals                 sent and received of each stream, and what the packet sockets lost
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    PORT = 5432,
    MOST_FLOWS = 10000,
    LOG = 1 << 16,            // entries of a log; 3 s of one stream
    FRAME = 256, FRAMES = 1 << 15, BLOCK = 1 << 16,
    KNOCK_EVERY = 20,
    MAGIC = 0x6b696c6c,
};
// Initial sequence numbers say whose connection it is: the agent, and the flow.
#define CLIENT_START(agent, flow) (0x10000000u + ((uint32_t)(agent) << 24) + ((uint32_t)(flow) << 8))
#define KNOCK_START 0xf0000000u
#define SERVER_START 0x50000000u

enum side { GUARDED, BESIDE, SERVER, SIDES };
enum stream { GUARDED_OUT, GUARDED_IN, BESIDE_OUT, BESIDE_IN, STREAMS };

struct payload {
    uint32_t magic, stream;
    uint64_t number, sent;
};

static struct {
    int sender, ring;
    uint8_t *frames;
    unsigned next;
    uint64_t lost;
} sides[SIDES];

static struct flow {
    uint32_t address;         // as the server sees it, network order
    uint16_t port;
    atomic_bool is_open;
} flows[2][MOST_FLOWS];

static struct {
    uint64_t sent_at[LOG];    // by number
    atomic_ullong sent;
    uint64_t received, highest;
    struct { uint64_t arrived, sent; } log[LOG];
    uint64_t logged;
} streams[STREAMS];

static uint64_t knock_sent_at[LOG];
static atomic_uint knocks;
static uint64_t refused;
static int flow_counts[2];
static double rates[2];
static uint32_t agent_addresses[2], server_address;
static atomic_bool is_running;

static uint64_t now(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

// Sockets

static uint32_t address_of(const char *interface) {
    struct ifreq request = {0};
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", interface);
    int descriptor = socket(AF_INET, SOCK_DGRAM, 0);
    if (ioctl(descriptor, SIOCGIFADDR, &request)) fail(interface);
    close(descriptor);
    struct sockaddr_in address;
    memcpy(&address, &request.ifr_addr, sizeof address);
    return address.sin_addr.s_addr;
}

static void open_side(enum side side, const char *namespace, const char *interface) {
    int descriptor = open(namespace, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0 || setns(descriptor, CLONE_NEWNET)) fail(namespace);
    close(descriptor);
    if (side != SERVER) agent_addresses[side] = address_of(interface);
    sides[side].sender = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
    int ring = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0), version = TPACKET_V2, on = 1;
    struct tpacket_req request = {
        .tp_block_size = BLOCK, .tp_block_nr = FRAMES / (BLOCK / FRAME), .tp_frame_size = FRAME, .tp_frame_nr = FRAMES};
    int size = 8 << 20;
    if (setsockopt(sides[side].sender, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size)) fail("SO_SNDBUFFORCE");
    // The kernel's own stamp of each packet that arrives, CLOCK_REALTIME.
    if (setsockopt(ring, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on)) fail("SO_TIMESTAMPNS");
    if (setsockopt(ring, SOL_PACKET, PACKET_VERSION, &version, sizeof version)) fail("PACKET_VERSION");
    if (setsockopt(ring, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on)) fail("PACKET_IGNORE_OUTGOING");
    if (setsockopt(ring, SOL_PACKET, PACKET_RX_RING, &request, sizeof request)) fail("PACKET_RX_RING");
    sides[side].frames = mmap(NULL, (size_t)FRAME * FRAMES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, 0);
    if (sides[side].frames == MAP_FAILED) fail("map the ring");
    struct sockaddr_ll own = {
        .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP), .sll_ifindex = (int)if_nametoindex(interface)};
    if (bind(ring, (struct sockaddr *)&own, sizeof own)) fail("bind the packet socket");
    sides[side].ring = ring;
}

// Sending

static uint32_t sum(const void *bytes, size_t count, uint32_t sum) {
    const uint8_t *byte = bytes;
    for (size_t index = 0; index + 1 < count; index += 2) sum += (uint32_t)(byte[index] << 8 | byte[index + 1]);
    return sum;
}

static bool send_segment(
    enum side side, uint32_t from, uint16_t from_port, uint32_t to, uint16_t to_port, uint32_t sequence, uint32_t acknowledged,
    uint8_t flags, const struct payload *payload
) {
    struct { struct iphdr ip; struct tcphdr tcp; struct payload payload; } __attribute__((packed)) packet = {0};
    size_t size = sizeof packet.tcp + (payload ? sizeof *payload : 0);
    packet.ip = (struct iphdr){.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_TCP, .saddr = from, .daddr = to};
    packet.ip.tot_len = htons((uint16_t)(sizeof packet.ip + size));
    packet.tcp.source = htons(from_port), packet.tcp.dest = htons(to_port);
    packet.tcp.seq = htonl(sequence), packet.tcp.ack_seq = htonl(acknowledged);
    packet.tcp.doff = 5, packet.tcp.window = htons(65535);
    ((uint8_t *)&packet.tcp)[13] = flags;
    if (payload) packet.payload = *payload;
    uint32_t total = sum(&packet.ip.saddr, 8, IPPROTO_TCP + (uint32_t)size);
    total = sum(&packet.tcp, size, total);
    while (total >> 16) total = (total & 0xffff) + (total >> 16);
    packet.tcp.check = htons((uint16_t)~total);
    struct sockaddr_in destination = {.sin_family = AF_INET, .sin_addr.s_addr = to};
    return sendto(
        sides[side].sender, &packet, sizeof packet.ip + size, 0, (struct sockaddr *)&destination, sizeof destination) > 0;
}

static uint16_t agent_port(int agent, int flow) { return (uint16_t)(agent == GUARDED ? 10000 + flow : 8000 + flow); }

static void send_data(enum stream stream, int flow) {
    int agent = stream / 2;
    uint64_t number = atomic_load_explicit(&streams[stream].sent, memory_order_relaxed);
    struct payload payload = {MAGIC, (uint32_t)stream, number, now(CLOCK_REALTIME)};
    streams[stream].sent_at[number % LOG] = payload.sent;
    struct flow *open = &flows[agent][flow];
    uint32_t client = CLIENT_START(agent, flow) + 1;
    bool sent = stream % 2 == 0
        ? send_segment(agent, agent_addresses[agent], agent_port(agent, flow), server_address, PORT, client, SERVER_START + 1, 0x18, &payload)
        : send_segment(SERVER, server_address, PORT, open->address, open->port, SERVER_START + 1, client, 0x18, &payload);
    // What never left is not lost.
    if (sent) atomic_store_explicit(&streams[stream].sent, number + 1, memory_order_release);
}

static void knock(void) {
    unsigned number = atomic_fetch_add(&knocks, 1);
    knock_sent_at[number % LOG] = now(CLOCK_REALTIME);
    send_segment(
        GUARDED, agent_addresses[GUARDED], (uint16_t)(20000 + number % 40000), server_address, PORT,
        KNOCK_START + number % LOG, 0, 0x02, NULL);
}

static void *send_all(void *unused) {
    (void)unused;
    // A steady beat on a core of its own: what is not sent tells nothing about the cut.
    struct sched_param priority = {.sched_priority = 5};
    cpu_set_t last;
    CPU_ZERO(&last);
    CPU_SET((size_t)sysconf(_SC_NPROCESSORS_ONLN) - 1, &last);
    prctl(PR_SET_TIMERSLACK, 1);
    if (sched_setaffinity(0, sizeof last, &last) || sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &priority))
        perror("the sender's core and priority");
    // Both ways in turn, evenly: twice the rate.
    unsigned next[2] = {0, 0};
    double due[2] = {0, 0};
    for (;;) {
        uint64_t time = now(CLOCK_MONOTONIC);
        if (!is_running) {
            usleep(200);
            due[0] = due[1] = 0;
            continue;
        }
        for (int agent = 0; agent < 2; agent++) {
            double interval = 1e9 / rates[agent] / 2;
            // What could not be sent in time is not made up for in one burst.
            if ((double)time - due[agent] > 2e6) due[agent] = (double)time;
            for (; due[agent] <= (double)time; due[agent] += interval) {
                unsigned turn = next[agent]++;
                int flow = (int)(turn / 2) % flow_counts[agent];
                if (!flows[agent][flow].is_open) continue;
                send_data(agent * 2 + turn % 2, flow);
                if (agent == GUARDED && turn % (2 * KNOCK_EVERY) == 0) knock();
            }
        }
        uint64_t wake = (uint64_t)(due[0] < due[1] ? due[0] : due[1]);
        struct timespec until = {.tv_sec = (time_t)(wake / 1000000000u), .tv_nsec = (long)(wake % 1000000000u)};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
    }
    return NULL;
}

// Receiving

static void note(enum stream stream, uint64_t arrived, uint64_t sent) {
    streams[stream].log[streams[stream].logged % LOG].arrived = arrived;
    streams[stream].log[streams[stream].logged++ % LOG].sent = sent;
}

static void arrived(enum side side, const uint8_t *bytes, size_t count, uint64_t at) {
    struct iphdr ip;
    struct tcphdr tcp;
    if (count < sizeof ip + sizeof tcp) return;
    memcpy(&ip, bytes, sizeof ip);
    if (ip.protocol != IPPROTO_TCP || ip.ihl != 5) return;
    memcpy(&tcp, bytes + sizeof ip, sizeof tcp);
    if (ntohs(side == SERVER ? tcp.dest : tcp.source) != PORT) return;
    uint32_t sequence = ntohl(tcp.seq), acknowledged = ntohl(tcp.ack_seq);
    if (tcp.rst) {
        refused++;
    } else if (side == SERVER && tcp.syn && sequence >= KNOCK_START) {
        note(GUARDED_OUT, at, knock_sent_at[(sequence - KNOCK_START) % LOG]);
    } else if (side == SERVER && tcp.syn) {
        int agent = (int)(sequence - CLIENT_START(0, 0)) >> 24, flow = (int)((sequence & 0xffffff) >> 8);
        if (agent > 1 || flow >= MOST_FLOWS) return;
        flows[agent][flow].address = ip.saddr, flows[agent][flow].port = ntohs(tcp.source);
        send_segment(SERVER, server_address, PORT, ip.saddr, ntohs(tcp.source), SERVER_START, sequence + 1, 0x12, NULL);
    } else if (side != SERVER && tcp.syn && tcp.ack) {
        int flow = (int)(((acknowledged - 1) & 0xffffff) >> 8);
        if (flow >= MOST_FLOWS || acknowledged != CLIENT_START(side, flow) + 1) return;
        send_segment(
            side, agent_addresses[side], agent_port(side, flow), server_address, PORT, acknowledged, SERVER_START + 1, 0x10, NULL);
        flows[side][flow].is_open = true;
    } else if (count >= sizeof ip + sizeof tcp + sizeof(struct payload)) {
        struct payload payload;
        memcpy(&payload, bytes + sizeof ip + tcp.doff * 4u, sizeof payload);
        if (payload.magic != MAGIC || payload.stream >= STREAMS) return;
        streams[payload.stream].received++;
        if (payload.number > streams[payload.stream].highest) streams[payload.stream].highest = payload.number;
        note(payload.stream, at, payload.sent);
    }
}

static void drain(void) {
    for (int side = 0; side < SIDES; side++) {
        while (true) {
            struct tpacket2_hdr *header = (void *)(sides[side].frames + (size_t)FRAME * sides[side].next);
            if (!(__atomic_load_n(&header->tp_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER)) break;
            arrived(
                side, (uint8_t *)header + header->tp_net, header->tp_snaplen,
                (uint64_t)header->tp_sec * 1000000000u + header->tp_nsec);
            __atomic_store_n(&header->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
            sides[side].next = (sides[side].next + 1) % FRAMES;
        }
    }
}

static void drain_for(double seconds) {
    uint64_t end = now(CLOCK_MONOTONIC) + (uint64_t)(seconds * 1e9);
    while (now(CLOCK_MONOTONIC) < end) {
        drain();
        usleep(500);
    }
    drain();
}

// Commands

static void establish(void) {
    uint64_t started = now(CLOCK_MONOTONIC);
    int open = 0, wanted = flow_counts[0] + flow_counts[1];
    for (int attempt = 0; attempt < 20 && open < wanted; attempt++) {
        for (int agent = 0; agent < 2; agent++) {
            for (int flow = 0; flow < flow_counts[agent]; flow++) {
                if (flows[agent][flow].is_open) continue;
                send_segment(
                    agent, agent_addresses[agent], agent_port(agent, flow), server_address, PORT, CLIENT_START(agent, flow), 0, 0x02,
                    NULL);
                // Slowly enough for a gateway that judges each, and for the ring.
                if (flow % 50 == 49) drain_for(0.004);
            }
        }
        drain_for(0.3);
        open = 0;
        for (int agent = 0; agent < 2; agent++)
            for (int flow = 0; flow < flow_counts[agent]; flow++) open += flows[agent][flow].is_open;
    }
    printf("{\"established\": %d, \"refused\": %llu, \"seconds\": %.2f}\n", open, (unsigned long long)refused,
        (double)(now(CLOCK_MONOTONIC) - started) / 1e9);
}

static void reopen(void) {
    for (int flow = 0; flow < flow_counts[GUARDED]; flow++) flows[GUARDED][flow].is_open = false;
    drain_for(0.005);
    establish();
}

// Both ways, and of packets that were sent after the question.
static void flowing(double seconds) {
    uint64_t asked = now(CLOCK_REALTIME), end = now(CLOCK_MONOTONIC) + (uint64_t)(seconds * 1e9);
    bool found = false;
    while (!found && now(CLOCK_MONOTONIC) < end) {
        drain_for(0.001);
        found = true;
        for (enum stream stream = GUARDED_OUT; stream <= GUARDED_IN; stream++) {
            int fresh = 0;
            for (uint64_t back = 1; back <= 32 && back <= streams[stream].logged; back++)
                fresh += streams[stream].log[(streams[stream].logged - back) % LOG].sent > asked;
            found = found && fresh >= 16;
        }
    }
    printf("{\"flowing\": %s}\n", found ? "true" : "false");
}

static void report_round(uint64_t before, uint64_t after) {
    uint64_t last = 0, first_lost = 0;
    unsigned long long since = 0, late = 0, sent_late = 0;
    for (enum stream stream = GUARDED_OUT; stream <= GUARDED_IN; stream++) {
        uint64_t count = streams[stream].logged < LOG ? streams[stream].logged : LOG;
        for (uint64_t back = 1; back <= count; back++) {
            uint64_t arrived = streams[stream].log[(streams[stream].logged - back) % LOG].arrived;
            uint64_t sent = streams[stream].log[(streams[stream].logged - back) % LOG].sent;
            if (arrived > last) last = arrived;
            since += arrived > before, late += arrived > after, sent_late += sent > after;
        }
        // Of the way that was cut last.
        uint64_t next = streams[stream].highest + 1;
        uint64_t lost = next < streams[stream].sent ? streams[stream].sent_at[next % LOG] : 0;
        if (lost > first_lost) first_lost = lost;
    }
    printf("{\"last\": %llu, \"first_lost\": %llu, \"since\": %llu, \"after\": %llu, \"sent_after\": %llu}\n",
        (unsigned long long)last, (unsigned long long)first_lost, since, late, sent_late);
}

static void report_totals(void) {
    static const char *names[STREAMS] = {"guarded_out", "guarded_in", "beside_out", "beside_in"};
    is_running = false;
    drain_for(0.5);
    printf("{");
    for (int stream = 0; stream < STREAMS; stream++)
        printf("\"%s\": [%llu, %llu], ", names[stream], (unsigned long long)streams[stream].sent,
            (unsigned long long)streams[stream].received);
    for (int side = 0; side < SIDES; side++) {
        struct tpacket_stats stats;
        socklen_t length = sizeof stats;
        if (!getsockopt(sides[side].ring, SOL_PACKET, PACKET_STATISTICS, &stats, &length)) sides[side].lost += stats.tp_drops;
    }
    printf("\"not_seen\": %llu, \"refused\": %llu}\n",
        (unsigned long long)(sides[0].lost + sides[1].lost + sides[2].lost), (unsigned long long)refused);
}

static void set_running(bool value) {
    is_running = value;
    if (!value) drain_for(0.05);
    puts("{}");
}

static void obey(const char *line) {
    unsigned long long before, after;
    double seconds;
    if (!strncmp(line, "establish", 9)) establish();
    else if (!strncmp(line, "reopen", 6)) reopen();
    else if (!strncmp(line, "start", 5)) set_running(true);
    else if (!strncmp(line, "stop", 4)) set_running(false);
    else if (sscanf(line, "flowing %lf", &seconds) == 1) flowing(seconds);
    else if (sscanf(line, "round %llu %llu", &before, &after) == 2) drain(), report_round(before, after);
    else if (!strncmp(line, "totals", 6)) report_totals();
    else printf("{\"error\": \"unknown command\"}\n");
    fflush(stdout);
}

int main(int count, char **arguments) {
    if (count != 7) return 2;
    inet_pton(AF_INET, arguments[4], &server_address);
    flow_counts[GUARDED] = atoi(arguments[5]), flow_counts[BESIDE] = flow_counts[GUARDED] / 100;
    rates[GUARDED] = atof(arguments[6]), rates[BESIDE] = rates[GUARDED] / 10;
    if (flow_counts[GUARDED] < 100 || flow_counts[GUARDED] > MOST_FLOWS) return 2;
    open_side(GUARDED, arguments[1], "eth0");
    open_side(BESIDE, arguments[2], "eth0");
    open_side(SERVER, arguments[3], "beyond0");
    pthread_t thread;
    if (pthread_create(&thread, NULL, send_all, NULL)) fail("start the sender");
    puts("{}");
    fflush(stdout);
    static char line[256];
    size_t held = 0;
    while (true) {
        struct pollfd input = {.fd = 0, .events = POLLIN};
        if (poll(&input, 1, 1) > 0) {
            ssize_t size = read(0, line + held, sizeof line - 1 - held);
            if (size <= 0) return 0;
            held += (size_t)size;
            line[held] = 0;
            if (strchr(line, '\n')) {
                obey(line);
                held = 0;
            }
        }
        drain();
    }
}
