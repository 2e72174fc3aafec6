// What the Swift overlay of glibc lacks: macros, variadic calls and the few system calls without a wrapper.
#ifndef CLINUX_H
#define CLINUX_H

#include <stdint.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include <linux/if_link.h>
#include <linux/inet_diag.h>
#include <linux/neighbour.h>
#include <linux/net_namespace.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/veth.h>

/// Namespace flags of clone(2), unshare(2) and setns(2).
enum {
    CLINUX_NEWNET = 0x40000000,
    CLINUX_NEWNS = 0x00020000,
    CLINUX_NEWPID = 0x20000000,
};

/// socket(7) level of netlink options, which the C library lacks.
enum { CLINUX_SOL_NETLINK = 270 };

/// signalfd(2), close-on-exec and non-blocking. Returns a descriptor or -errno.
int clinux_signal_descriptor(const int *signals, unsigned int count);

/// SIGRTMIN, which is no constant.
int clinux_seal_signal(void);

/// Gives the calling thread real-time priority, which threads that it makes do not inherit (SCHED_RESET_ON_FORK), and keeps
/// what the process has in memory there. Returns 0 or -errno; without either the process works all the same.
int clinux_be_prompt(void);

/// States of a TCP socket, as sock_diag(7) counts them (include/net/tcp_states.h).
enum { CLINUX_TCP_TIME_WAIT = 6, CLINUX_TCP_LISTEN = 10 };

/// unshare(2) and setns(2). Return 0 or -errno.
int clinux_unshare(int namespaces);
int clinux_setns(int descriptor, int namespace);

/// What is needed of mount(2). Return 0 or -errno.
int clinux_make_mounts_private(void);
int clinux_bind_mount(const char *source, const char *target);
int clinux_mount_tmpfs(const char *target, const char *options);
int clinux_mount_proc(void);

/// open(2) with O_PATH; a descriptor that names a file without opening it, or -errno.
int clinux_open_path(const char *path);

/// Like fork(2), with namespaces: the child starts in the new ones. Returns as fork does; -errno on failure.
/// The caller must be single-threaded: the C library's at-fork handlers do not run.
int clinux_clone(unsigned long namespace_flags);

/// Closes every descriptor from `first` on. Returns 0 or -errno.
int clinux_close_from(unsigned int first);

/// Empties the capability bounding set and locks the securebits so that user id 0 regains nothing on exec. Needs
/// CAP_SETPCAP, so it comes before the change of user. Returns 0 or -errno.
int clinux_lock_privileges(void);

/// Empties the ambient, inheritable, permitted and effective capability sets and sets no_new_privs. Returns 0 or -errno.
int clinux_renounce_privileges(void);

/// Keeps only the capabilities in `kept` (bit numbers of linux/capability.h) in the permitted and effective sets of
/// the calling thread. Returns 0 or -errno.
int clinux_keep_capabilities(uint64_t kept);

/// Installs a seccomp filter: sockets of the families unix, inet, inet6 and netlink only (AF_VSOCK and others are not
/// bound to a network namespace), no io_uring (it opens sockets past the filter), no foreign-ABI socket calls, and no
/// typing into the terminal (TIOCSTI), which the shell outside would run. Needs no_new_privs. Returns 0 or -errno.
int clinux_confine(void);

/// accept4(2) with SOCK_NONBLOCK and SOCK_CLOEXEC. Returns a descriptor or -errno.
int clinux_accept(int descriptor);

/// recvmmsg(2): datagrams into slots of `slot` bytes each, `count` of them at most (CLINUX_MANY); their lengths go to
/// `lengths`. Waits for the first one when `waits` is not 0, and for no other. Returns how many there were, or -errno.
enum { CLINUX_MANY = 32 };
int clinux_receive_many(int descriptor, void *slots, unsigned int slot, unsigned int count, unsigned int *lengths, int waits);

/// sendmmsg(2): whole IP packets, one behind the other in `bytes`, each to its own destination by the raw socket of its
/// family. `ends` says where each ends. What a full link does not take is lost.
void clinux_send_packets(int v4, int v6, const uint8_t *bytes, const uint32_t *ends, unsigned int count);

/// What waitpid(2) said of a process.
int clinux_exited(int status);
int clinux_exit_status(int status);
int clinux_stopped(int status);
int clinux_continued(int status);
int clinux_term_signal(int status);

/// Blocks every signal, and waits for one of them. Returns the number; `*from_process` tells kill(2) from the kernel
/// or the terminal. -errno on failure.
int clinux_block_signals(void);
int clinux_unblock_signals(void);
int clinux_wait_signal(int *from_process);

/// As clinux_wait_signal, but returns 0 after `milliseconds` without one.
int clinux_wait_signal_for(int milliseconds);

/// Becomes an ordinary account for good, in the one thread there is, and keeps the capabilities in `kept` (as above).
/// Returns 0 or -errno.
int clinux_become(uint32_t user, uint32_t group, uint64_t kept);

/// Sends one datagram to a Unix socket; a path that starts with @ is an abstract address. Returns 0 or -errno.
int clinux_notify(const char *path, const char *text);

/// Has every socket that a process of `users` makes in the thread's network namespace bear the mark at the same place of
/// `marks`: by the real user, so that set-user-ID programs change nothing. Stays with the control group `cgroup`, a
/// descriptor of the hierarchy's root, and replaces what was there for this namespace. Returns 0 or -errno.
int clinux_tag_sockets(int cgroup, const uint32_t *users, const uint32_t *marks, unsigned int count);

/// Takes that away, except for the program `kept` (0: none). Returns how many there were, or -errno.
int clinux_untag_sockets(int cgroup, uint32_t kept);

int clinux_set_death_signal(int signal);
int clinux_set_not_dumpable(void);

#endif
