"""The parent instance of an enclave in QEMU: a vhost-user vsock device that answers init's heartbeat."""

import contextlib
import mmap
import os
import socket
import struct
import threading

PARENT_CID, GUEST_CID, HEARTBEAT_PORT = 3, 16, 9000
HEARTBEAT = b"\xb7"

VSOCK = struct.Struct("<QQIIIHHIII")
REQUEST, RESPONSE, RESET, SHUTDOWN, DATA = range(1, 6)
STREAM, CREDIT = 1, 65536


class Parent(threading.Thread):
    """The parent instance: vsock over QEMU's vhost-user protocol. It answers
    the heartbeat by `answer`; None refuses the connection. `memory` is the
    file behind the guest's memory, so a guest address is an offset in it."""

    def __init__(self, path, memory, answer):
        super().__init__(daemon=True)
        self.memory, self.answer = memory, answer
        self.queues = [{"size": 0, "seen": 0} for _ in range(3)]
        self.listener = socket.create_server(path, family=socket.AF_UNIX)
        self.start()

    def run(self):
        peer, _ = self.listener.accept()
        with self.listener, peer, contextlib.suppress(ConnectionError):
            while True:
                peer.settimeout(0.01)  # rings are polled, kicks ignored
                try:
                    head, fds, _, _ = socket.recv_fds(peer, 12, 8)
                except TimeoutError:
                    self.serve_rings()
                    continue
                if not head:
                    return
                peer.settimeout(5)
                kind, _, size = struct.unpack("<III", head)
                body = peer.recv(size, socket.MSG_WAITALL) if size else b""
                reply = self.control(kind, body, fds)
                if reply:
                    peer.sendall(struct.pack("<III", kind, 5, len(reply)) +
                                 reply)

    def control(self, kind, body, fds):
        """One message of the vhost-user specification; its reply or None."""
        index, number = struct.unpack_from("<II", body.ljust(8, b"\0"))
        if kind == 1:          # features: version 1, protocol features
            return struct.pack("<Q", 1 << 32 | 1 << 30)
        if kind == 15:         # protocol features: configuration
            return struct.pack("<Q", 1 << 9)
        if kind == 24:         # configuration space: the guest's CID
            return (body[:12] + struct.pack("<Q", GUEST_CID)).ljust(len(body))
        if kind == 5:          # memory; rings are told in QEMU's addresses
            guest, _, user = struct.unpack_from("<QQQ", body, 8)
            self.base = user - guest
            self.ram = mmap.mmap(self.memory.fileno(), 0)
        elif kind == 8:
            self.queues[index]["size"] = number
        elif kind == 9:
            rings = struct.unpack_from("<QQQ", body, 8)
            self.queues[index]["rings"] = [at - self.base for at in rings]
        elif kind == 11:       # the end of a ring
            self.queues[index]["size"] = 0
            return struct.pack("<II", index, self.queues[index]["seen"])
        elif kind == 13 and fds:
            self.queues[index]["call"] = fds.pop()
            os.eventfd_write(self.queues[index]["call"], 1)
        for fd in fds:
            os.close(fd)
        return None

    def number(self, at):
        return struct.unpack_from("<H", self.ram, at)[0]

    def take(self, queue):
        """The next buffers of a ring: (head, [(offset, size)]) or None."""
        if not queue["size"] or "call" not in queue:
            return None
        descriptors, _, available = queue["rings"]
        if self.number(available + 2) == queue["seen"]:
            return None
        head = self.number(available + 4 + 2 * (queue["seen"] % queue["size"]))
        queue["seen"] = (queue["seen"] + 1) & 0xffff
        buffers, index, flags = [], head, 1
        while flags & 1:
            address, size, flags, after = struct.unpack_from(
                "<QIHH", self.ram, descriptors + 16 * index)
            buffers.append((address, size))
            index = after
        return head, buffers

    def give_back(self, queue, head, size):
        used = queue["rings"][1]
        index = self.number(used + 2)
        struct.pack_into("<II", self.ram,
                         used + 4 + 8 * (index % queue["size"]), head, size)
        struct.pack_into("<H", self.ram, used + 2, (index + 1) & 0xffff)
        os.eventfd_write(queue["call"], 1)

    def serve_rings(self):
        while taken := self.take(self.queues[1]):
            head, buffers = taken
            self.packet(b"".join(self.ram[at:at + size]
                                 for at, size in buffers))
            self.give_back(self.queues[1], head, 0)

    def packet(self, packet):
        guest, cid, source, port, _, _, kind, *_ = VSOCK.unpack_from(packet)

        def send(answer, data=b"", flags=0):
            head, buffers = self.take(self.queues[0])
            whole = VSOCK.pack(cid, guest, port, source, len(data), STREAM,
                               answer, flags, CREDIT, 0) + data
            done = 0
            for at, size in buffers:
                part = whole[done:done + size]
                self.ram[at:at + len(part)] = part
                done += len(part)
            self.give_back(self.queues[0], head, done)
        if kind == REQUEST:
            wanted = (cid, port) == (PARENT_CID, HEARTBEAT_PORT)
            send(RESPONSE if wanted and self.answer is not None else RESET)
        elif kind == DATA:
            good = packet[VSOCK.size:] == HEARTBEAT and self.answer
            send(*(DATA, self.answer) if good else (SHUTDOWN, b"", 3))
        elif kind == SHUTDOWN:
            send(RESET)
