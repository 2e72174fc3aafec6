#define _GNU_SOURCE
#include "clinux.h"

#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int clinux_unshare(int namespaces) { return unshare(namespaces) == 0 ? 0 : -errno; }
int clinux_setns(int descriptor, int namespace) { return setns(descriptor, namespace) == 0 ? 0 : -errno; }

int clinux_make_mounts_private(void) {
    return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 ? 0 : -errno;
}

int clinux_bind_mount(const char *source, const char *target) {
    return mount(source, target, NULL, MS_BIND, NULL) == 0 ? 0 : -errno;
}

int clinux_mount_tmpfs(const char *target, const char *options) {
    return mount("tmpfs", target, "tmpfs", MS_NOSUID | MS_NODEV, options) == 0 ? 0 : -errno;
}

int clinux_mount_proc(void) {
    return mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0 ? 0 : -errno;
}

int clinux_open_path(const char *path) {
    int descriptor = open(path, O_PATH | O_CLOEXEC | O_NOFOLLOW);
    return descriptor < 0 ? -errno : descriptor;
}

int clinux_clone(unsigned long namespace_flags) {
    long pid = syscall(SYS_clone, namespace_flags | SIGCHLD, 0, 0, 0, 0);
    return pid < 0 ? -errno : (int)pid;
}

int clinux_close_from(unsigned int first) {
    return syscall(SYS_close_range, first, ~0U, 0) == 0 ? 0 : -errno;
}

static int set_capabilities(uint64_t permitted) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    struct __user_cap_data_struct data[2];
    memset(data, 0, sizeof data);
    data[0].permitted = data[0].effective = (uint32_t)permitted;
    data[1].permitted = data[1].effective = (uint32_t)(permitted >> 32);
    return syscall(SYS_capset, &header, data) == 0 ? 0 : -errno;
}

int clinux_keep_capabilities(uint64_t kept) {
    return set_capabilities(kept);
}

int clinux_lock_privileges(void) {
    for (int capability = 0; capability <= 63; capability++) {
        if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0) continue;
        if (errno == EINVAL) break;  // the kernel knows no more
        return -errno;
    }
    unsigned long bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP_LOCKED
        | SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;
    return prctl(PR_SET_SECUREBITS, bits, 0, 0, 0) == 0 ? 0 : -errno;
}

int clinux_renounce_privileges(void) {
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) return -errno;
    int result = set_capabilities(0);
    if (result != 0) return result;
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? 0 : -errno;
}

#if defined(__x86_64__)
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#define FOREIGN_SOCKET 359  // i386
#elif defined(__aarch64__)
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#define FOREIGN_SOCKET 281  // arm
#else
#error "no seccomp architecture for this machine"
#endif
#define FOREIGN_SOCKETCALL 102  // hides the family behind a pointer
#define FOREIGN_IOCTL 54        // i386 and arm
#define IO_URING_SETUP 425      // the same number on every ABI
#define X32_BIT 0x40000000      // x32 shares the architecture, not the numbers
#define PUSH_INPUT 0x5412       // TIOCSTI: types into the terminal, for the shell outside to read
#define CONSOLE_PASTE 0x541c    // TIOCLINUX: does the same on a console

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define IF_EQUAL(value, then, otherwise) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, then, otherwise)
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define REFUSE(error) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ((error) & SECCOMP_RET_DATA))

int clinux_confine(void) {
    struct sock_filter filter[] = {
        /*  0 */ LOAD(arch),
        /*  1 */ IF_EQUAL(NATIVE_ARCH, 7, 0),
        /*  2 */ LOAD(nr),
        /*  3 */ IF_EQUAL(FOREIGN_SOCKETCALL, 4, 0),
        /*  4 */ IF_EQUAL(FOREIGN_SOCKET, 3, 0),
        /*  5 */ IF_EQUAL(IO_URING_SETUP, 2, 0),
        /*  6 */ IF_EQUAL(FOREIGN_IOCTL, 16, 0),
        /*  7 */ ALLOW,
        /*  8 */ REFUSE(ENOSYS),
        /*  9 */ LOAD(nr),
        /* 10 */ BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 1, 0),
        /* 11 */ IF_EQUAL(IO_URING_SETUP, 0, 1),
        /* 12 */ REFUSE(ENOSYS),
        /* 13 */ IF_EQUAL(SYS_ioctl, 9, 0),
        /* 14 */ IF_EQUAL(SYS_socket, 1, 0),
        /* 15 */ ALLOW,
        /* 16 */ LOAD(args[0]),
        /* 17 */ IF_EQUAL(AF_UNIX, 4, 0),
        /* 18 */ IF_EQUAL(AF_INET, 3, 0),
        /* 19 */ IF_EQUAL(AF_INET6, 2, 0),
        /* 20 */ IF_EQUAL(AF_NETLINK, 1, 0),
        /* 21 */ REFUSE(EAFNOSUPPORT),
        /* 22 */ ALLOW,
        // The kernel reads an ioctl's command as 32 bits; so does this.
        /* 23 */ LOAD(args[1]),
        /* 24 */ IF_EQUAL(PUSH_INPUT, 2, 0),
        /* 25 */ IF_EQUAL(CONSOLE_PASTE, 1, 0),
        /* 26 */ ALLOW,
        /* 27 */ REFUSE(EPERM),
    };
    struct sock_fprog program = {.len = sizeof filter / sizeof filter[0], .filter = filter};
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0 ? 0 : -errno;
}

int clinux_accept(int descriptor) {
    int accepted = accept4(descriptor, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    return accepted < 0 ? -errno : accepted;
}

int clinux_receive_many(int descriptor, void *slots, unsigned int slot, unsigned int count, unsigned int *lengths, int waits) {
    struct mmsghdr messages[CLINUX_MANY] = {0};
    struct iovec pieces[CLINUX_MANY];
    if (count > CLINUX_MANY) count = CLINUX_MANY;
    for (unsigned int i = 0; i < count; i++) {
        pieces[i] = (struct iovec){.iov_base = (char *)slots + (size_t)i * slot, .iov_len = slot};
        messages[i].msg_hdr = (struct msghdr){.msg_iov = &pieces[i], .msg_iovlen = 1};
    }
    int received = recvmmsg(descriptor, messages, count, waits ? MSG_WAITFORONE : MSG_DONTWAIT, NULL);
    if (received < 0) return -errno;
    for (int i = 0; i < received; i++) lengths[i] = messages[i].msg_len;
    return received;
}

void clinux_send_packets(int v4, int v6, const uint8_t *bytes, const uint32_t *ends, unsigned int count) {
    union {
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } addresses[CLINUX_MANY] = {0};
    struct mmsghdr messages[CLINUX_MANY] = {0};
    struct iovec pieces[CLINUX_MANY];
    uint32_t start = 0;
    unsigned int next = 0;
    while (next < count) {
        unsigned int gathered = 0;
        const int is_v6 = bytes[start] >> 4 == 6;
        // A run of packets of one family, for one socket.
        while (next < count && gathered < CLINUX_MANY && (bytes[start] >> 4 == 6) == is_v6) {
            const uint8_t *packet = bytes + start;
            socklen_t length;
            if (is_v6) {
                addresses[gathered].v6 = (struct sockaddr_in6){.sin6_family = AF_INET6};
                memcpy(&addresses[gathered].v6.sin6_addr, packet + 24, 16);
                length = sizeof addresses[gathered].v6;
            } else {
                addresses[gathered].v4 = (struct sockaddr_in){.sin_family = AF_INET};
                memcpy(&addresses[gathered].v4.sin_addr, packet + 16, 4);
                length = sizeof addresses[gathered].v4;
            }
            pieces[gathered] = (struct iovec){.iov_base = (void *)packet, .iov_len = ends[next] - start};
            messages[gathered].msg_hdr = (struct msghdr){
                .msg_name = &addresses[gathered], .msg_namelen = length, .msg_iov = &pieces[gathered], .msg_iovlen = 1};
            gathered++;
            start = ends[next++];
        }
        // One that cannot be sent is passed over, not those behind it.
        for (unsigned int sent = 0; sent < gathered;) {
            int result = sendmmsg(is_v6 ? v6 : v4, messages + sent, gathered - sent, MSG_DONTWAIT);
            sent += result > 0 ? (unsigned int)result : 1;
        }
    }
}

int clinux_exited(int status) { return WIFEXITED(status); }
int clinux_exit_status(int status) { return WEXITSTATUS(status); }
int clinux_stopped(int status) { return WIFSTOPPED(status); }
int clinux_continued(int status) { return WIFCONTINUED(status); }
int clinux_term_signal(int status) { return WTERMSIG(status); }

static void relayed_signals(sigset_t *set) {
    sigfillset(set);
    // Faults must stay fatal, and the terminal's stop signals keep their default action so that job control works.
    static const int kept[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS, SIGTSTP, SIGTTIN, SIGTTOU,
                               SIGPROF, SIGPIPE};
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) sigdelset(set, kept[i]);
}

int clinux_block_signals(void) {
    // Whoever ignores it is not told of a child's end, and cannot wait for one.
    signal(SIGCHLD, SIG_DFL);
    sigset_t set;
    relayed_signals(&set);
    return sigprocmask(SIG_SETMASK, &set, NULL) == 0 ? 0 : -errno;
}

int clinux_unblock_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    return sigprocmask(SIG_SETMASK, &set, NULL) == 0 ? 0 : -errno;
}

int clinux_wait_signal(int *from_process) {
    sigset_t set;
    siginfo_t info;
    relayed_signals(&set);
    sigdelset(&set, SIGRTMIN);
    int number;
    do {
        number = sigwaitinfo(&set, &info);
    } while (number < 0 && errno == EINTR);
    if (number < 0) return -errno;
    *from_process = info.si_code <= 0;
    return number;
}

int clinux_wait_signal_for(int milliseconds) {
    sigset_t set;
    relayed_signals(&set);
    struct timespec limit = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000L};
    int number = sigtimedwait(&set, NULL, &limit);
    if (number < 0) return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    return number;
}

int clinux_become(uint32_t user, uint32_t group, uint64_t kept) {
    if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) return -errno;
    if (setgroups(0, NULL) != 0 || setresgid(group, group, group) != 0 || setresuid(user, user, user) != 0) return -errno;
    return clinux_keep_capabilities(kept);
}

int clinux_notify(const char *path, const char *text) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length < 2 || length >= sizeof address.sun_path) return -EINVAL;
    memcpy(address.sun_path, path, length);
    if (path[0] == '@') address.sun_path[0] = 0;
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -errno;
    ssize_t sent = sendto(descriptor, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&address,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length));
    int result = sent < 0 ? -errno : 0;
    close(descriptor);
    return result;
}

int clinux_set_death_signal(int signal) {
    return prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0) == 0 ? 0 : -errno;
}

int clinux_set_not_dumpable(void) {
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : -errno;
}
