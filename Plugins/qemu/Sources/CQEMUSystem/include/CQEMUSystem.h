#ifndef ASCEND_CQEMU_SYSTEM_H
#define ASCEND_CQEMU_SYSTEM_H

#include <sys/types.h>

// Starts `program` (looked up in PATH) with standard input, output and error on the three descriptors and with no
// other descriptor open, in folder `folder` unless NULL, in a session of its own when `own_session` is not 0.
// Returns 0, or an error number.
int ascend_spawn(const char *program, char *const arguments[], char *const environment[], const char *folder,
                 int input, int output, int error, int own_session, pid_t *process);

// An unnamed file in memory, close-on-exec; -1 and errno on failure.
int ascend_memory_file(void);

// The reading and the writing end of a pipe, both close-on-exec; -1 and errno on failure.
int ascend_pipe(int ends[2]);

// rename(2) that fails with EEXIST where the new name is taken.
int ascend_rename_exclusive(const char *from, const char *to);

// A descriptor of the process, which a later process of the same number cannot be mistaken for.
int ascend_process_open(pid_t process);
int ascend_process_signal(int descriptor, int signal);

// The next offset from `from` that holds data, or lies in a hole; -1 with errno ENXIO past the last data.
off_t ascend_next_data(int file, off_t from);
off_t ascend_next_hole(int file, off_t from);

#endif
