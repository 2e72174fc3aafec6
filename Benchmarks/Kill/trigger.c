// Pulls a kill switch, and says when: from immediately before to immediately after, in nanoseconds since 1970.
//
// Reads commands, answers each with a line of JSON: {"before", "after", "status"}
//     signal PID             SIGUSR1
//     run PROGRAM ARGUMENT…  from before it is started until it has ended
//     wake TABLE             the bare netlink transaction: one message that takes the flag `dormant` off a table of the family
//     sleep TABLE            inet, and one that puts it on; `after` is when send() has returned, `status` the kernel's answer
//
// What is needed is open and locked in memory before the first command, and the process has real-time priority, so that a
// transaction takes what the kernel takes. What it runs has not.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void answer(uint64_t before, uint64_t after, int status) {
    printf("{\"before\": %llu, \"after\": %llu, \"status\": %d}\n", (unsigned long long)before, (unsigned long long)after, status);
    fflush(stdout);
}

// Netlink

static uint8_t message[1024] __attribute__((aligned(4)));

static size_t begin(size_t at, uint16_t type, uint16_t flags, uint8_t family, uint16_t resource) {
    struct nlmsghdr *header = (void *)(message + at);
    *header = (struct nlmsghdr){.nlmsg_len = NLMSG_LENGTH(sizeof(struct nfgenmsg)), .nlmsg_type = type, .nlmsg_flags = flags | NLM_F_REQUEST, .nlmsg_seq = 1};
    *(struct nfgenmsg *)NLMSG_DATA(header) = (struct nfgenmsg){.nfgen_family = family, .version = NFNETLINK_V0, .res_id = htons(resource)};
    return at + header->nlmsg_len;
}

static size_t attribute(size_t at, uint16_t type, const void *value, size_t size) {
    struct nlattr *header = (void *)(message + at);
    *header = (struct nlattr){.nla_type = type, .nla_len = (uint16_t)(NLA_HDRLEN + size)};
    memset(message + at + NLA_HDRLEN, 0, NLA_ALIGN(size));
    memcpy(message + at + NLA_HDRLEN, value, size);
    return at + NLA_HDRLEN + NLA_ALIGN(size);
}

static size_t build(const char *table, uint32_t flags) {
    size_t start = begin(0, NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
    size_t end = begin(start, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWTABLE, NLM_F_ACK, NFPROTO_INET, 0);
    uint32_t value = htonl(flags);
    end = attribute(end, NFTA_TABLE_NAME, table, strlen(table) + 1);
    end = attribute(end, NFTA_TABLE_FLAGS, &value, sizeof value);
    ((struct nlmsghdr *)(message + start))->nlmsg_len = (uint32_t)(end - start);
    return begin(end, NFNL_MSG_BATCH_END, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
}

static void transact(int descriptor, const char *table, uint32_t flags) {
    size_t size = build(table, flags);
    uint64_t before = now();
    ssize_t sent = send(descriptor, message, size, 0);
    uint64_t after = now();
    static uint8_t reply[8192] __attribute__((aligned(4)));
    int status = -1;
    ssize_t received = sent == (ssize_t)size ? recv(descriptor, reply, sizeof reply, 0) : -1;
    struct nlmsghdr *header = (void *)reply;
    if (received >= (ssize_t)NLMSG_LENGTH(sizeof(struct nlmsgerr)) && header->nlmsg_type == NLMSG_ERROR)
        status = -((struct nlmsgerr *)NLMSG_DATA(header))->error;
    answer(before, after, status);
}

// Programs

static void run(char *words) {
    char *arguments[64] = {0};
    int count = 0;
    for (char *word = strtok(words, " "); word && count < 63; word = strtok(NULL, " ")) arguments[count++] = word;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    pid_t child;
    uint64_t before = now();
    int status = posix_spawnp(&child, arguments[0], &actions, NULL, arguments, environ);
    if (!status) waitpid(child, &status, 0);
    answer(before, now(), status);
    posix_spawn_file_actions_destroy(&actions);
}

int main(void) {
    struct sched_param priority = {.sched_priority = 10};
    int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
    struct sockaddr_nl own = {.nl_family = AF_NETLINK};
    if (descriptor < 0 || bind(descriptor, (struct sockaddr *)&own, sizeof own) || mlockall(MCL_CURRENT | MCL_FUTURE)) return perror("set up"), 1;
    if (sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &priority)) perror("real-time priority");
    static char line[4096];
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = 0;
        char *rest = strchr(line, ' ');
        if (!rest) return 2;
        *rest++ = 0;
        if (!strcmp(line, "signal")) {
            pid_t process = (pid_t)atoi(rest);
            if (process <= 1) return 2;
            uint64_t before = now();
            int status = kill(process, SIGUSR1) ? errno : 0;
            answer(before, now(), status);
        } else if (!strcmp(line, "run")) run(rest);
        else if (!strcmp(line, "wake")) transact(descriptor, rest, 0);
        else if (!strcmp(line, "sleep")) transact(descriptor, rest, NFT_TABLE_F_DORMANT);
        else return 2;
    }
}
