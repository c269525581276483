#ifndef ASCEND_CSPAWN_H
#define ASCEND_CSPAWN_H

#include <stdint.h>
#include <sys/types.h>

// What Swift's Glibc module leaves out: pipes that no other child inherits, and starting a program in a session of its
// own with exactly three descriptors.

// Where `cspawn_start` failed, for the message.
enum cspawn_stage {
  CSPAWN_FORK = 1,
  CSPAWN_CHDIR = 2,
  CSPAWN_DESCRIPTORS = 3,
  CSPAWN_EXEC = 4,
};

// A pipe, both ends close-on-exec. Returns 0 or an errno.
int cspawn_pipe(int *reading, int *writing);

// Makes reads and writes of `fd` return at once. Returns 0 or an errno.
int cspawn_set_nonblocking(int fd);

// Starts `path` in a new session, in `folder`, with `input`, `output` and `error` as its descriptors 0 to 2 and no
// others, default signal handling, no core dumps, and no way to gain privileges. Returns 0 or an errno, with `*stage`.
int cspawn_start(const char *path, char *const arguments[], char *const environment[], const char *folder, int input,
                 int output, int error, pid_t *pid, int *stage);

// Blocks until the child has ended, and leaves it unreaped so that its number stays taken. Returns 0 or an errno.
int cspawn_await_exit(pid_t pid);

// Reaps an ended child: `*code` is its exit status, or -1 with `*signal` where a signal ended it.
int cspawn_reap(pid_t pid, int *code, int *signal);

// Keeps SIGPIPE away from this thread: a write to a closed pipe then fails with EPIPE instead of ending the process.
void cspawn_block_sigpipe(void);

#endif
