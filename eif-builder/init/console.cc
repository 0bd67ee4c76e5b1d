#include "eif-builder/init/console.h"

#include <fcntl.h>
#include <sys/reboot.h>
#include <termios.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>

namespace ncli::init {
namespace {

// One write a line, so that the kernel's own messages do not cut it.
void write_line(const char* start, const char* format, std::va_list arguments,
                const char* end) {
  char text[1024];
  char line[1280];
  std::vsnprintf(text, sizeof text, format, arguments);
  std::snprintf(line, sizeof line, "init: %s%s%s\n", start, text, end);
  dprintf(STDERR_FILENO, "%s", line);
}

}  // namespace

void open_console() {
  int fd = open("/dev/console", O_RDWR | O_NOCTTY);
  if (fd < 0) fd = open("/dev/null", O_RDWR);
  if (fd < 0) return;
  dup2(fd, STDIN_FILENO);
  dup2(fd, STDOUT_FILENO);
  dup2(fd, STDERR_FILENO);
  if (fd > STDERR_FILENO) close(fd);
}

void note(const char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  write_line("", format, arguments, "");
  va_end(arguments);
}

void die(const char* reason, const char* format, ...) {
  char end[256];
  std::snprintf(end, sizeof end, ": %s", reason);
  std::va_list arguments;
  va_start(arguments, format);
  write_line("cannot ", format, arguments, end);
  va_end(arguments);
  restart();
}

void restart() {
  // A serial port may still be sending what was written.
  tcdrain(STDERR_FILENO);
  reboot(RB_AUTOBOOT);
  _exit(1);  // the kernel panics when its first process ends
}

}  // namespace ncli::init
