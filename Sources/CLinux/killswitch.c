// What the kill switch takes: signals that are read, promptness, and the control socket.
#define _GNU_SOURCE
#include "clinux.h"
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>

int clinux_seal_signal(void) { return SIGRTMIN; }

int clinux_signal_descriptor(const int *signals, unsigned int count) {
    sigset_t set;
    sigemptyset(&set);
    for (unsigned int i = 0; i < count; i++) sigaddset(&set, signals[i]);
    int descriptor = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return descriptor >= 0 ? descriptor : -errno;
}

int clinux_be_prompt(void) {
    struct sched_param priority = {.sched_priority = 20};
    int result = sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &priority) == 0 ? 0 : -errno;
    if (mlockall(MCL_CURRENT | MCL_ONFAULT) != 0 && result == 0) result = -errno;
    return result;
}

int clinux_accept_waiting(int descriptor) {
    int accepted = accept4(descriptor, NULL, NULL, SOCK_CLOEXEC);
    return accepted < 0 ? -errno : accepted;
}

int clinux_peer(int descriptor, int *process, uint32_t *user, uint32_t *group) {
    struct ucred peer;
    socklen_t length = sizeof peer;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return -errno;
    *process = peer.pid;
    *user = peer.uid;
    *group = peer.gid;
    return 0;
}

static int path_address(struct sockaddr_un *address, const char *path) {
    size_t length = strlen(path);
    if (length < 2 || length >= sizeof address->sun_path) return -ENAMETOOLONG;
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    memcpy(address->sun_path, path, length);
    return 0;
}

int clinux_bind_path(int descriptor, const char *path) {
    struct sockaddr_un address;
    int result = path_address(&address, path);
    if (result < 0) return result;
    return bind(descriptor, (struct sockaddr *)&address, sizeof address) == 0 ? 0 : -errno;
}

int clinux_connect_path(int descriptor, const char *path) {
    struct sockaddr_un address;
    int result = path_address(&address, path);
    if (result < 0) return result;
    return connect(descriptor, (struct sockaddr *)&address, sizeof address) == 0 ? 0 : -errno;
}
