// A small BPF program at the root of the cgroup hierarchy: it marks the sockets that processes of an account make, by the
// account that started the process and not by the one that a set-user-ID program runs as.
#define _GNU_SOURCE
#include "clinux.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71  // asm-generic/socket.h, since Linux 5.14
#endif

enum { MOST_USERS = 64, MOST_PROGRAMS = 64 };

static int bpf(int command, union bpf_attr *attributes) {
    int result = (int)syscall(SYS_bpf, command, attributes, sizeof *attributes);
    return result < 0 ? -errno : result;
}

static int netns_cookie(uint64_t *cookie) {
    int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -errno;
    socklen_t length = sizeof *cookie;
    int result = getsockopt(descriptor, SOL_SOCKET, SO_NETNS_COOKIE, cookie, &length) == 0 ? 0 : -errno;
    close(descriptor);
    return result;
}

// Told apart from programs of other namespaces, and of other makers, by its name.
static void program_name(uint64_t cookie, char *name) {
    memset(name, 0, BPF_OBJ_NAME_LEN);
    snprintf(name, BPF_OBJ_NAME_LEN, "pcls_%llx", (unsigned long long)(cookie & 0xffffffffff));
}

int clinux_tag_sockets(int cgroup, const uint32_t *users, const uint32_t *marks, unsigned int count) {
    uint64_t cookie;
    int result = netns_cookie(&cookie);
    if (result < 0) return result;
    if (count > MOST_USERS) return -E2BIG;

    struct bpf_insn program[8 + 3 * MOST_USERS + 2];
    int length = 0;
#define PUT(op, to, from, offset, number) \
    program[length++] = (struct bpf_insn){.code = (op), .dst_reg = (to), .src_reg = (from), .off = (offset), .imm = (number)}
    PUT(BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_6, BPF_REG_1, 0, 0);
    PUT(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_get_netns_cookie);
    PUT(BPF_LD | BPF_DW | BPF_IMM, BPF_REG_7, 0, 0, (int32_t)cookie);
    PUT(0, 0, 0, 0, (int32_t)(cookie >> 32));
    int elsewhere = length;
    PUT(BPF_JMP | BPF_JNE | BPF_X, BPF_REG_0, BPF_REG_7, 0, 0);
    // The real user and group; a set-user-ID program changes the effective ones.
    PUT(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_get_current_uid_gid);
    for (unsigned int i = 0; i < count; i++) {
        // The lower half of the result. By a register: before Linux 6.4 no number can be stored into the context.
        PUT(BPF_JMP32 | BPF_JNE | BPF_K, BPF_REG_0, 0, 2, (int32_t)users[i]);
        PUT(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_1, 0, 0, (int32_t)marks[i]);
        PUT(BPF_STX | BPF_MEM | BPF_W, BPF_REG_6, BPF_REG_1, offsetof(struct bpf_sock, mark), 0);
    }
    program[elsewhere].off = (int16_t)(length - elsewhere - 1);
    PUT(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 1);
    PUT(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
#undef PUT

    union bpf_attr load = {0};
    load.prog_type = BPF_PROG_TYPE_CGROUP_SOCK;
    load.expected_attach_type = BPF_CGROUP_INET_SOCK_CREATE;
    load.insns = (uint64_t)(uintptr_t)program;
    load.insn_cnt = (uint32_t)length;
    load.license = (uint64_t)(uintptr_t) "";
    program_name(cookie, load.prog_name);
    int loaded = bpf(BPF_PROG_LOAD, &load);
    if (loaded < 0) return loaded;
    // The new one first: no socket is made in between without a mark.
    union bpf_attr attach = {0};
    attach.target_fd = (uint32_t)cgroup;
    attach.attach_bpf_fd = (uint32_t)loaded;
    attach.attach_type = BPF_CGROUP_INET_SOCK_CREATE;
    attach.attach_flags = BPF_F_ALLOW_MULTI;
    result = bpf(BPF_PROG_ATTACH, &attach);
    struct bpf_prog_info info = {0};
    union bpf_attr ask = {0};
    ask.info.bpf_fd = (uint32_t)loaded;
    ask.info.info_len = sizeof info;
    ask.info.info = (uint64_t)(uintptr_t)&info;
    if (result == 0 && bpf(BPF_OBJ_GET_INFO_BY_FD, &ask) == 0) clinux_untag_sockets(cgroup, info.id);
    close(loaded);
    return result;
}

int clinux_untag_sockets(int cgroup, uint32_t kept) {
    uint64_t cookie;
    int result = netns_cookie(&cookie);
    if (result < 0) return result;
    char name[BPF_OBJ_NAME_LEN];
    program_name(cookie, name);
    uint32_t identifiers[MOST_PROGRAMS];
    union bpf_attr query = {0};
    query.query.target_fd = (uint32_t)cgroup;
    query.query.attach_type = BPF_CGROUP_INET_SOCK_CREATE;
    query.query.prog_ids = (uint64_t)(uintptr_t)identifiers;
    query.query.prog_cnt = MOST_PROGRAMS;
    result = bpf(BPF_PROG_QUERY, &query);
    if (result < 0) return result;
    int removed = 0;
    for (uint32_t i = 0; i < query.query.prog_cnt; i++) {
        if (identifiers[i] == kept) continue;
        union bpf_attr open = {0};
        open.prog_id = identifiers[i];
        int descriptor = bpf(BPF_PROG_GET_FD_BY_ID, &open);
        if (descriptor < 0) continue;
        struct bpf_prog_info info = {0};
        union bpf_attr ask = {0};
        ask.info.bpf_fd = (uint32_t)descriptor;
        ask.info.info_len = sizeof info;
        ask.info.info = (uint64_t)(uintptr_t)&info;
        if (bpf(BPF_OBJ_GET_INFO_BY_FD, &ask) == 0 && strncmp(info.name, name, BPF_OBJ_NAME_LEN) == 0) {
            union bpf_attr detach = {0};
            detach.target_fd = (uint32_t)cgroup;
            detach.attach_bpf_fd = (uint32_t)descriptor;
            detach.attach_type = BPF_CGROUP_INET_SOCK_CREATE;
            if (bpf(BPF_PROG_DETACH, &detach) == 0) removed++;
        }
        close(descriptor);
    }
    return removed;
}
