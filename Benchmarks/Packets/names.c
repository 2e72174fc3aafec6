// A name server for one address, and a client that asks it as fast as it answers.
//
//     names serve ADDRESS                      every A question: 93.184.216.40, for an hour
//     names ask ADDRESS SECONDS WINDOW COUNT NAME   asks for COUNT names in turn, hI.NAME, WINDOW at a time
//
// The client prints JSON: answers a second, microseconds to an answer (p50, p99), and questions lost.
#include <arpa/inet.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { MOST_SAMPLES = 4 << 20, MOST_WINDOW = 1024 };

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static struct sockaddr_in address(const char *text) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(53)};
    inet_pton(AF_INET, text, &address.sin_addr);
    return address;
}

static int serve(int descriptor, struct sockaddr_in own) {
    if (bind(descriptor, (struct sockaddr *)&own, sizeof own)) return perror("bind"), 1;
    static const uint8_t record[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0x0e, 0x10, 0, 4, 93, 184, 216, 40};
    for (;;) {
        uint8_t message[2048];
        struct sockaddr_in from;
        socklen_t length = sizeof from;
        ssize_t size = recvfrom(descriptor, message, 1024, 0, (struct sockaddr *)&from, &length);
        if (size < 17) continue;
        ssize_t end = 12;
        while (end < size && message[end]) end += message[end] + 1;
        end += 5;
        if (end > size) continue;
        message[2] = 0x81, message[3] = 0x80, message[7] = message[end - 3] == 1, message[11] = 0;
        if (message[7]) memcpy(message + end, record, sizeof record), end += sizeof record;
        sendto(descriptor, message, (size_t)end, 0, (struct sockaddr *)&from, length);
    }
}

static size_t question(uint8_t *message, uint16_t identifier, unsigned number, const char *zone) {
    static const uint8_t header[] = {0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0};
    memcpy(message, header, 12);
    message[0] = (uint8_t)(identifier >> 8), message[1] = (uint8_t)identifier;
    char name[300];
    snprintf(name, sizeof name, "h%u.%s", number, zone);
    uint8_t *to = message + 12;
    for (char *label = strtok(name, "."); label; label = strtok(NULL, ".")) {
        *to++ = (uint8_t)strlen(label);
        to = mempcpy(to, label, strlen(label));
    }
    static const uint8_t rest[] = {0, 0, 1, 0, 1};
    to = mempcpy(to, rest, 5);
    return (size_t)(to - message);
}

static int ascending(const void *left, const void *right) {
    float difference = *(const float *)left - *(const float *)right;
    return (difference > 0) - (difference < 0);
}

static int ask(int descriptor, struct sockaddr_in server, double seconds, unsigned window, unsigned count, const char *zone) {
    static float samples[MOST_SAMPLES];
    static double sent[MOST_WINDOW];
    if (window > MOST_WINDOW || connect(descriptor, (struct sockaddr *)&server, sizeof server)) return perror("connect"), 1;
    unsigned taken = 0, lost = 0, number = 0;
    double started = now(), end = started + seconds * 1e6;
    uint8_t message[1500];
    // A slot asks again when it is answered; its number is the lower half of the identifier's sixteen bits.
    for (unsigned slot = 0; slot < window; slot++) {
        sent[slot] = now();
        send(descriptor, message, question(message, (uint16_t)slot, number++ % count, zone), 0);
    }
    while (now() < end) {
        struct pollfd ready = {.fd = descriptor, .events = POLLIN};
        if (poll(&ready, 1, 200) == 0) {
            for (unsigned slot = 0; slot < window; slot++) {
                lost++;
                sent[slot] = now();
                send(descriptor, message, question(message, (uint16_t)slot, number++ % count, zone), 0);
            }
            continue;
        }
        ssize_t size;
        while ((size = recv(descriptor, message, sizeof message, MSG_DONTWAIT)) > 12) {
            unsigned slot = (unsigned)message[0] << 8 | message[1];
            if (slot >= window) continue;
            double time = now();
            if (taken < MOST_SAMPLES) samples[taken] = (float)(time - sent[slot]);
            taken++;
            sent[slot] = time;
            send(descriptor, message, question(message, (uint16_t)slot, number++ % count, zone), 0);
        }
    }
    double passed = (now() - started) / 1e6;
    unsigned kept = taken < MOST_SAMPLES ? taken : MOST_SAMPLES;
    qsort(samples, kept, sizeof *samples, ascending);
    printf("{\"rate\": %.0f, \"p50\": %.1f, \"p99\": %.1f, \"lost\": %u}\n", taken / passed, kept ? samples[kept / 2] : 0,
           kept ? samples[(size_t)kept * 99 / 100] : 0, lost);
    return 0;
}

int main(int count, char **arguments) {
    int descriptor = socket(AF_INET, SOCK_DGRAM, 0), size = 4 << 20;
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    if (count == 3 && !strcmp(arguments[1], "serve")) return serve(descriptor, address(arguments[2]));
    if (count == 7 && !strcmp(arguments[1], "ask"))
        return ask(descriptor, address(arguments[2]), atof(arguments[3]), (unsigned)atoi(arguments[4]),
                   (unsigned)atoi(arguments[5]), arguments[6]);
    return 2;
}
