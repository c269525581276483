// O_DIRECT and O_TMPFILE are GNU names, which Swift's view of the C library does not have.
#define _GNU_SOURCE
#include "cdirectio.h"

#include <fcntl.h>
#include <unistd.h>

int cdirectio_supported(const char *folder) {
  int descriptor = open(folder, O_TMPFILE | O_RDWR | O_DIRECT | O_CLOEXEC, 0600);
  if (descriptor < 0) return 0;
  close(descriptor);
  return 1;
}
