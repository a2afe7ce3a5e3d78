/* SPDX-License-Identifier: Apache-2.0 */
/* Frames out of a capture file, for scenarios. */
#include "ofproto/scenario-capture.h"

#include <errno.h>
#include <pcap/pcap.h>

#include "lib/util.h"
#include "ofproto/scenario-world.h"

int capture_read(const char *path, struct list *frames, char **error)
{
    char why[PCAP_ERRBUF_SIZE];
    struct pcap_pkthdr *header;
    const u_char *data;
    pcap_t *capture = pcap_open_offline(path, why);
    if (!capture) {
        *error = xasprintf("%s: %s", path, why);
        return EINVAL;
    }
    int result = 1;
    while (result > 0 && (result = pcap_next_ex(capture, &header, &data)) > 0) {
        world_item_add(frames, data, header->caplen);
    }
    bool is_good = result == PCAP_ERROR_BREAK && pcap_datalink(capture) == DLT_EN10MB;
    if (!is_good) {
        *error = xasprintf("%s: no undamaged capture of Ethernet frames", path);
    }
    pcap_close(capture);
    return is_good ? 0 : EINVAL;
}
