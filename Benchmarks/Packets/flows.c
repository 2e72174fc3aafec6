// Connections one after the other, packets at a rate, and bulk data behind a ClientHello.
//
//     flows connect ADDRESS PORT COUNT          prints JSON: microseconds from SYN to answer (p50, p99)
//     flows flood ADDRESS PORT RATE SECONDS     datagrams of 64 bytes
//     flows serve ADDRESS PORT                  takes connections; sends without end once something has come
//     flows fetch ADDRESS PORT HELLO SECONDS    sends the file HELLO, prints JSON: megabytes a second
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static struct sockaddr_in address(char **arguments) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(arguments[1]))};
    inet_pton(AF_INET, arguments[0], &address.sin_addr);
    return address;
}

static int ascending(const void *left, const void *right) {
    double difference = *(const double *)left - *(const double *)right;
    return (difference > 0) - (difference < 0);
}

static int connections(struct sockaddr_in to, int count) {
    double *samples = calloc((size_t)count, sizeof *samples);
    struct linger reset = {.l_onoff = 1};
    for (int index = 0; index < count; index++) {
        int descriptor = socket(AF_INET, SOCK_STREAM, 0);
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        double started = now();
        connect(descriptor, (struct sockaddr *)&to, sizeof to);
        samples[index] = now() - started;
        close(descriptor);
        usleep(200);
    }
    qsort(samples, (size_t)count, sizeof *samples, ascending);
    printf("{\"p50\": %.1f, \"p99\": %.1f}\n", samples[count / 2], samples[count * 99 / 100]);
    return 0;
}

static int flood(struct sockaddr_in to, double rate, double seconds) {
    int descriptor = socket(AF_INET, SOCK_DGRAM, 0);
    char payload[64] = {0};
    double started = now();
    for (double sent = 0; now() - started < seconds * 1e6;) {
        double due = (now() - started) / 1e6 * rate;
        for (; sent < due; sent++) sendto(descriptor, payload, sizeof payload, 0, (struct sockaddr *)&to, sizeof to);
        usleep(500);
    }
    return 0;
}

static void *pour(void *argument) {
    int descriptor = (int)(intptr_t)argument;
    static char block[1 << 20];
    if (recv(descriptor, block, 4096, 0) > 0)
        while (send(descriptor, block, sizeof block, MSG_NOSIGNAL) > 0) {}
    close(descriptor);
    return NULL;
}

static int serve(struct sockaddr_in own) {
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&own, sizeof own) || listen(listener, 1024)) return perror("listen"), 1;
    for (;;) {
        int descriptor = accept(listener, NULL, NULL);
        pthread_t thread;
        if (descriptor >= 0 && !pthread_create(&thread, NULL, pour, (void *)(intptr_t)descriptor)) pthread_detach(thread);
    }
}

static int fetch(struct sockaddr_in from, const char *path, double seconds) {
    char hello[65536];
    int file = open(path, O_RDONLY);
    ssize_t length = read(file, hello, sizeof hello);
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    if (length <= 0 || connect(descriptor, (struct sockaddr *)&from, sizeof from) || send(descriptor, hello, (size_t)length, 0) != length)
        return perror("fetch"), 1;
    static char block[1 << 20];
    double started = 0, bytes = 0;
    while (!started || now() - started < seconds * 1e6) {
        ssize_t received = recv(descriptor, block, sizeof block, 0);
        if (received <= 0) return perror("receive"), 1;
        if (!started) started = now();
        bytes += (double)received;
    }
    printf("{\"rate\": %.1f}\n", bytes / (now() - started));
    return 0;
}

int main(int count, char **arguments) {
    signal(SIGPIPE, SIG_IGN);
    if (count < 4) return 2;
    struct sockaddr_in peer = address(arguments + 2);
    if (!strcmp(arguments[1], "connect")) return connections(peer, atoi(arguments[4]));
    if (!strcmp(arguments[1], "flood")) return flood(peer, atof(arguments[4]), atof(arguments[5]));
    if (!strcmp(arguments[1], "serve")) return serve(peer);
    if (!strcmp(arguments[1], "fetch")) return fetch(peer, arguments[4], atof(arguments[5]));
    return 2;
}
