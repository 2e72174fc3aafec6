// A process's command line, read by another process.
#define _GNU_SOURCE
#include "clinux.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// In the child: no memory is asked for, and no lock taken.
static void read_and_report(int descriptor, int report, uint32_t limit) {
    struct clinux_command_line line = {0};
    char chunk[4096];
    ssize_t count = 0;
    // Nobody is to wait for the end of a pipe that a child which hangs holds open.
    int low = descriptor < report ? descriptor : report, high = descriptor < report ? report : descriptor;
    if (low > 0) syscall(SYS_close_range, 0, low - 1, 0);
    if (high > low + 1) syscall(SYS_close_range, low + 1, high - 1, 0);
    syscall(SYS_close_range, high + 1, ~0U, 0);
    while (line.bytes < limit && (count = read(descriptor, chunk, sizeof chunk)) > 0) {
        for (ssize_t i = 0; i < count; i++) {
            if (line.bytes < sizeof line.first) line.first[line.bytes] = (uint8_t)chunk[i];
            line.bytes++;
            line.ends += chunk[i] == 0;
            line.is_open = chunk[i] != 0;
        }
    }
    line.error = count < 0 ? errno : 0;
    line.is_cut = line.bytes >= limit;
    if (write(report, &line, sizeof line) < 0) _exit(1);
    _exit(0);
}

int clinux_read_command_line(int descriptor, uint32_t limit, int milliseconds, struct clinux_command_line *line) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return -errno;
    // No signal at its end: it is nobody else's business.
    long child = syscall(SYS_clone, 0, 0, 0, 0, 0);
    if (child == 0) read_and_report(descriptor, ends[1], limit);
    int result = child < 0 ? -errno : 0;
    close(ends[1]);
    if (result == 0) {
        struct pollfd waiting = {.fd = ends[0], .events = POLLIN};
        int ready;
        do {
            ready = poll(&waiting, 1, milliseconds);
        } while (ready < 0 && errno == EINTR);
        if (ready > 0 && read(ends[0], line, sizeof *line) == (ssize_t)sizeof *line)
            result = -line->error;
        else
            result = ready > 0 ? -EIO : -ETIMEDOUT;
        kill((pid_t)child, SIGKILL);
        // What hangs in the kernel does not end; it is left to whoever inherits it.
        waitpid((pid_t)child, NULL, __WALL | (result == -ETIMEDOUT ? WNOHANG : 0));
    }
    close(ends[0]);
    return result;
}
