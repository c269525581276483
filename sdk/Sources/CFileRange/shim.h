#include <sys/types.h>

// Swift imports the C library without its GNU names; glibc and musl both have these.
#define SYNC_FILE_RANGE_WAIT_BEFORE 1
#define SYNC_FILE_RANGE_WRITE 2
#define SYNC_FILE_RANGE_WAIT_AFTER 4
extern int sync_file_range(int descriptor, off_t offset, off_t count, unsigned int flags);
