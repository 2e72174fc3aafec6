// The installed command. It becomes the program proper, which takes milliseconds to load with its libraries; for
// `portcullis drop` that would be too late, so the cut is made here first: the messages that wake the agent's seals were
// written by its gateway when it started (Sources/LinuxKernel/Seal/WakeFile.swift), and are only sent on. Static, without any
// library. Whatever fails here the program does again, and reports.
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/netlink.h>

static const char folder[] = "/run/portcullis/wake";

/// As SealName.encoded: letters, digits, `-` and `.` but for a first one; every other byte as `_` and two digits. Returns
/// whether it fits.
static int encode(const char *name, char *encoded, size_t room) {
    static const char digits[] = "0123456789abcdef";
    size_t used = 0;
    for (const char *next = name; *next; next++) {
        unsigned char byte = (unsigned char)*next;
        int plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte == '-' ||
                    (byte == '.' && next != name);
        if (used + 4 > room) return 0;
        if (plain) {
            encoded[used++] = (char)byte;
        } else {
            encoded[used++] = '_';
            encoded[used++] = digits[byte >> 4];
            encoded[used++] = digits[byte & 15];
        }
    }
    encoded[used] = 0;
    return used > 0;
}

/// In the thread's network namespace.
static void send_batch(const char *batch, size_t length) {
    int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
    if (descriptor < 0) return;
    // It takes effect inside the call; the program reads it back.
    if (send(descriptor, batch, length, 0) < 0) perror("portcullis: wake the seal");
    close(descriptor);
}

/// One file: the number of a network namespace, where to enter it by, an empty line, and the message.
static void wake(int within, const char *name, unsigned long long own) {
    static char text[65536];
    int file = openat(within, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0) return;
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    if (length <= 0) return;
    text[length] = 0;
    char *path = strchr(text, ' ');
    char *end = path ? strstr(path, "\n\n") : NULL;
    if (!end) return;
    *end = 0;
    const char *batch = end + 2;
    size_t size = (size_t)(text + length - batch);
    unsigned long long number = strtoull(text, NULL, 10);
    if (number == own) return send_batch(batch, size);
    struct stat status;
    int there = open(path + 1, O_RDONLY | O_CLOEXEC), here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    // By what the path led to when the file was written: another namespace's rules are none of ours.
    if (there >= 0 && here >= 0 && fstat(there, &status) == 0 && status.st_ino == number && setns(there, CLONE_NEWNET) == 0) {
        send_batch(batch, size);
        if (setns(here, CLONE_NEWNET) != 0) _exit(1);
    }
    if (there >= 0) close(there);
    if (here >= 0) close(here);
}

/// All that one agent's gateways have written.
static void wake_agent(const char *encoded) {
    char path[512];
    struct stat own;
    if (snprintf(path, sizeof path, "%s/%s", folder, encoded) >= (int)sizeof path || stat("/proc/self/ns/net", &own) != 0) return;
    DIR *stream = opendir(path);
    if (!stream) return;
    for (struct dirent *entry; (entry = readdir(stream));)
        if (entry->d_name[0] != '.') wake(dirfd(stream), entry->d_name, own.st_ino);
    closedir(stream);
}

/// Only what the program would take as an order: a command line that it refuses must seal nobody.
static void drop(int count, char **words) {
    const char *agent = NULL, *reason = NULL;
    int all = 0, freeze = 0, kill = 0;
    for (int index = 2; index < count; index++) {
        const char *word = words[index];
        const char **value = strcmp(word, "--agent") == 0 ? &agent : strcmp(word, "--reason") == 0 ? &reason : NULL;
        if (value) {
            if (*value || index + 1 >= count || words[index + 1][0] == '-') return;
            *value = words[++index];
        } else if (strcmp(word, "--all") == 0) {
            all = 1;
        } else if (strcmp(word, "--freeze") == 0) {
            freeze = 1;
        } else if (strcmp(word, "--kill") == 0) {
            kill = 1;
        } else if (strcmp(word, "--json") != 0) {
            return;
        }
    }
    if (!reason || !reason[strspn(reason, " \t\r\n\v\f")] || all == (agent != NULL) || (freeze && kill)) return;
    char encoded[256];
    if (agent) {
        if (encode(agent, encoded, sizeof encoded)) wake_agent(encoded);
        return;
    }
    DIR *stream = opendir(folder);
    if (!stream) return;
    for (struct dirent *entry; (entry = readdir(stream));)
        if (entry->d_name[0] != '.') wake_agent(entry->d_name);
    closedir(stream);
}

int main(int count, char **words) {
    if (count > 2 && strcmp(words[1], "drop") == 0 && geteuid() == 0) drop(count, words);
    char self[4096], program[4200];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    if (length <= 0) {
        perror("portcullis: find the program");
        return 125;
    }
    self[length] = 0;
    char *slash = strrchr(self, '/');
    if (slash) *slash = 0;
    // As installed, and as built.
    static const char *const places[] = {"%s/../libexec/portcullis/portcullis", "%s/portcullis"};
    for (size_t index = 0; index < sizeof places / sizeof places[0]; index++) {
        snprintf(program, sizeof program, places[index], self);
        struct stat front, found;
        // Never itself.
        if (stat("/proc/self/exe", &front) != 0 || stat(program, &found) != 0) continue;
        if (front.st_ino == found.st_ino && front.st_dev == found.st_dev) continue;
        execv(program, words);
    }
    fprintf(stderr, "portcullis: the program is missing: it belongs into %s/../libexec/portcullis\n", self);
    return 125;
}
