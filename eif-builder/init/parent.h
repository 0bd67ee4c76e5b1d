// What init does with the parent instance: the NSM driver, then the heartbeat.
#pragma once

namespace ncli::init {

// Loads the Nitro Secure Module's driver from /nsm.ko and removes the file. A
// kernel with the driver built in has no such file; any other failure ends
// the boot.
void load_nsm_driver();

// Tells the parent that the enclave has booted: it listens on vsock CID 3,
// port 9000, takes one byte and sends it back. Any failure ends the boot.
void send_heartbeat();

}  // namespace ncli::init
