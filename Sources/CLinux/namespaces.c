// Namespaces that nothing but another namespace leads to.
#define _GNU_SOURCE
#include "clinux.h"

#include <errno.h>
#include <linux/nsfs.h>
#include <sys/ioctl.h>

int clinux_parent_namespace(int descriptor) {
    int parent = ioctl(descriptor, NS_GET_PARENT);
    return parent < 0 ? -errno : parent;
}
