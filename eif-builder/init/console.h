// The console: the only way in which an enclave's init can say anything.
#pragma once

namespace ncli::init {

// Makes /dev/console the standard input, output and error (/dev/null where
// the kernel has no console), so that the command always has all three.
void open_console();

// Writes "init: <text>" and a new line to the console.
[[gnu::format(printf, 1, 2)]] void note(const char* format, ...);

// Ends the boot: writes "init: cannot <text>: <reason>" and restarts, which
// in an enclave means the end of it. `reason` may be strerror(errno).
[[noreturn, gnu::format(printf, 2, 3)]] void die(const char* reason,
                                                 const char* format, ...);

// Restarts the enclave's machine after the console has taken all output.
[[noreturn]] void restart();

}  // namespace ncli::init
