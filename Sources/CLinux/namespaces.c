// Namespaces that nothing but a socket or another namespace leads to.
#define _GNU_SOURCE
#include "clinux.h"

#include <errno.h>
#include <linux/nsfs.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int clinux_socket_namespace(int process, int number) {
    int holder = (int)syscall(SYS_pidfd_open, process, 0);
    if (holder < 0) return -errno;
    int copy = (int)syscall(SYS_pidfd_getfd, holder, number, 0);
    int result = copy < 0 ? -errno : 0;
    close(holder);
    if (result != 0) return result;
    // Opened with O_CLOEXEC by the kernel.
    int namespace = ioctl(copy, SIOCGSKNS);
    result = namespace < 0 ? -errno : namespace;
    close(copy);
    return result;
}

int clinux_parent_namespace(int descriptor) {
    int parent = ioctl(descriptor, NS_GET_PARENT);
    return parent < 0 ? -errno : parent;
}
