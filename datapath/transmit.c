/* SPDX-License-Identifier: Apache-2.0 */
/* Transmit queues of a thread, and copies of packets that stand in them. */
#include "datapath/transmit.h"

#include "datapath/port.h"
#include "datapath/wakeup.h"
#include "lib/rcu.h"

/* A copy is needed as long as it has refs or is the packet that an action list works on.  The
 * packets of the lists around the innermost one have a ref for that (see actions.c), so when
 * buffers run short all copies without refs but the present packet can be given back. */

/* Sends the packets of 'q' and takes them out of it. */
static void flush_queue(struct forwarder *fw, struct transmit_queue *q)
{
    struct netdev *dev = RCU_GET(&q->port->netdev);
    if (dev) {
        netdev_send(dev, &fw->netdev, q->packets, q->n);
    }
    for (unsigned i = 0; i < q->n; i++) {
        q->packets[i]->refs--;
    }
    fw->n_sent += q->n;
    q->n = 0;
}

/* Puts 'q' at the end of the list of queues in use. */
static void use_queue(struct forwarder *fw, struct transmit_queue *q)
{
    q->in_use = true;
    q->next = NULL;
    if (fw->first) {
        fw->last->next = q;
    } else {
        fw->first = q;
    }
    fw->last = q;
}

void transmit_add(struct forwarder *fw, struct port *port, struct packet *p)
{
    struct transmit_queue *q = &port->threads[fw->netdev.id].queue;
    if (!q->in_use) {
        use_queue(fw, q);
    } else if (q->n == TRANSMIT_MAX) {
        flush_queue(fw, q);
    }
    if (UNLIKELY(p->refs == UINT16_MAX)) {
        transmit_flush(fw);
        use_queue(fw, q);
    }
    p->refs++;
    q->packets[q->n++] = p;
}

void transmit_flush(struct forwarder *fw)
{
    while (fw->first) {
        struct transmit_queue *q = fw->first;
        fw->first = q->next;
        q->in_use = false;
        flush_queue(fw, q);
    }
}

/* Gives back the copies that are not needed, 'keep' excepted. */
static void reclaim(struct forwarder *fw, const struct packet *keep)
{
    unsigned n = 0;
    transmit_flush(fw);
    for (unsigned i = 0; i < fw->n_copies; i++) {
        struct packet *copy = fw->copies[i];
        if (copy == keep || copy->refs) {
            fw->copies[n++] = copy;
        } else {
            packet_pool_put(copy);
        }
    }
    fw->n_copies = n;
}

/* A copy of 'p', noted in 'copies', or NULL. */
static struct packet *copy_packet(struct forwarder *fw, const struct packet *p)
{
    if (fw->n_copies == FORWARDER_COPIES) {
        return NULL;
    }
    struct packet *copy = packet_copy(fw->netdev.pool, p);
    if (copy) {
        fw->copies[fw->n_copies++] = copy;
    }
    return copy;
}

struct packet *transmit_copy(struct forwarder *fw, struct packet *p)
{
    struct packet *copy = copy_packet(fw, p);
    if (UNLIKELY(!copy)) {
        reclaim(fw, p);
        copy = copy_packet(fw, p);
    }
    return copy;
}

struct packet *transmit_writable(struct forwarder *fw, struct packet *p)
{
    if (LIKELY(!p->refs)) {
        return p;
    }
    struct packet *copy = copy_packet(fw, p);
    if (UNLIKELY(!copy)) {
        reclaim(fw, p);
        copy = p->refs ? copy_packet(fw, p) : p;
    }
    return copy;
}

void transmit_finish(struct forwarder *fw)
{
    reclaim(fw, NULL);
    if (fw->has_upcalls) {
        fw->has_upcalls = false;
        wakeup_wake(fw->control);
    }
}
