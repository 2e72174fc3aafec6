// The limit that packet verdicts are measured against: reads a queue with libnetfilter_queue and accepts every packet
// without a look at it.
//
//     accept_all QUEUE
#include <arpa/inet.h>
#include <libnetfilter_queue/libnetfilter_queue.h>
#include <linux/netfilter.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

static int judge(struct nfq_q_handle *queue, struct nfgenmsg *message, struct nfq_data *data, void *unused) {
    (void)message;
    (void)unused;
    struct nfqnl_msg_packet_hdr *header = nfq_get_msg_packet_hdr(data);
    return nfq_set_verdict(queue, header ? ntohl(header->packet_id) : 0, NF_ACCEPT, 0, NULL);
}

int main(int count, char **arguments) {
    struct nfq_handle *handle = nfq_open();
    struct nfq_q_handle *queue = handle ? nfq_create_queue(handle, (uint16_t)atoi(arguments[count - 1]), judge, NULL) : NULL;
    if (!queue || nfq_set_mode(queue, NFQNL_COPY_PACKET, 0xffff) < 0 || nfq_set_queue_maxlen(queue, 8192) < 0) {
        perror("open the queue");
        return 1;
    }
    int descriptor = nfq_fd(handle), size = 8 << 20, on = 1;
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    setsockopt(descriptor, SOL_NETLINK, NETLINK_NO_ENOBUFS, &on, sizeof on);
    static char buffer[128 * 1024] __attribute__((aligned));
    puts("ready");
    fflush(stdout);
    for (;;) {
        ssize_t received = recv(descriptor, buffer, sizeof buffer, 0);
        if (received > 0) nfq_handle_packet(handle, buffer, (int)received);
    }
}
